package notices

import (
	"context"
	"fmt"
	"strings"
	"time"

	"countersign/audit"
	"countersign/views"

	"github.com/wneessen/go-mail/log"
	"golang.org/x/text/language"
)

// Trial makes messages that say that they are a test. What sends one writes nothing down, and does not try again.
type Trial struct {
	Words    *views.Words
	About    About
	Language language.Tag // of the deployment's notices
	Issuer   string
	ID       string // of the message
	Now      time.Time
}

// testOccasion is the occasion of a test notice, and the kind of a test alert, for a webhook.
const testOccasion = "test"

// Notice is a test notice to a contact of an account, or to any. wanted is the account's language, "" for the deployment's.
func (t Trial) Notice(ctx context.Context, contact, account, wanted string) Message {
	tag := t.Words.MatchOr(t.Language, wanted)
	ctx = t.Words.In(ctx, tag)
	return Message{
		ID: t.ID, Occasion: testOccasion, Account: account, Contact: contact, Language: tag.String(), CreatedAt: t.Now,
		UsefulUntil: t.Now, Now: t.Now, Subject: views.Say(ctx, "Test message"), Text: t.text(ctx), Issuer: t.Issuer,
	}
}

// Alert is a test alert to supervisors.
func (t Trial) Alert(ctx context.Context) AlertMessage {
	tag := t.Words.MatchOr(t.Language, "")
	ctx = t.Words.In(ctx, tag)
	return AlertMessage{
		ID: t.ID, Kind: audit.Type(testOccasion), Title: views.Say(ctx, "Test message"), Since: t.Now, Language: tag.String(), Now: t.Now,
		Subject: views.Say(ctx, "Test message"), Text: t.text(ctx), URL: t.Issuer + views.PathReviewEvents, Issuer: t.Issuer,
	}
}

func (t Trial) text(ctx context.Context) string {
	text := views.Say(ctx, "This is a test: an administrator wanted to see that messages arrive. Nothing has happened, and there is nothing to do.")
	return strings.TrimSpace(text+"\n\n"+t.About.signature(ctx)) + "\n"
}

// Telling is the same way to the mail server, which tells each step and what the server answered, without the password. What it
// tells has people's addresses in it.
func (m *Mail) Telling(step func(string)) *Mail {
	telling := *m
	telling.step = step
	return &telling
}

// steps hears what the two sides say.
type steps func(string)

// Debugf is part of log.Logger.
func (s steps) Debugf(l log.Log) {
	side := "server: "
	if l.Direction == log.DirClientToServer {
		side = "client: "
	}
	s(side + fmt.Sprintf(l.Format, l.Messages...))
}

// Infof is part of log.Logger, as are the next two.
func (s steps) Infof(l log.Log) { s.Debugf(l) }

// Warnf tells a warning.
func (s steps) Warnf(l log.Log) { s.Debugf(l) }

// Errorf tells an error.
func (s steps) Errorf(l log.Log) { s.Debugf(l) }
