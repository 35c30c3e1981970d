package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"countersign/audit/term"
	"countersign/handlers/notices"
	"countersign/models"
	"countersign/models/spelling"
)

// NoticesCmd is what an administrator does with notices.
type NoticesCmd struct {
	Test     NoticesTestCmd     `cmd:"" help:"Send a test notice, or a test alert, by the ways that serve is set up for, and say what the other side answered. Nothing is queued or tried again. Exit code 0 when each way has taken it, 1 otherwise."`
	List     NoticesListCmd     `cmd:"" help:"List notices that were given up: how many by way and cause, or with --way and --cause each of them, the newest 1000."`
	Resend   NoticesResendCmd   `cmd:"" help:"Send notices again that were given up: one, or all of a way and cause. What is out of date is put aside."`
	SetAside NoticesSetAsideCmd `cmd:"" help:"Put notices aside that were given up: nobody sends them, or sees them in the list."`
}

// NoticesTestCmd is countersign notices test. Its settings are those of serve.
type NoticesTestCmd struct {
	ServeFlags
	To      string `help:"Send it to this mail address." placeholder:"ADDRESS" env:"COUNTERSIGN_NOTICES_TEST_TO"`
	Account string `help:"Send it to the contact of this account: its identifier in the trail, or one that people know. The contact is not shown." placeholder:"ACCOUNT" env:"COUNTERSIGN_NOTICES_TEST_ACCOUNT"`
	Alert   bool   `help:"Send a test alert to supervisors, by the ways of alerts." env:"COUNTERSIGN_NOTICES_TEST_ALERT"`

	settings serveSettings `kong:"-"`
}

// Check is part of checker.
func (n *NoticesTestCmd) Check(c *checks) {
	n.settings = n.check(c)
	given := 0
	for _, is := range []bool{n.To != "", n.Account != "", n.Alert} {
		if is {
			given++
		}
	}
	if given != 1 {
		c.refuse("to", "it is not clear whom to send it to", "Give one of --to, --account and --alert")
	}
	if address, err := mail.ParseAddress(n.To); n.To != "" && (err != nil || address.Address != n.To) {
		c.refuse("to", fmt.Sprintf("%q is not a bare mail address", n.To), "Write it like ada@example.org")
	}
	ways, flags := len(n.settings.notices.channels), "--smtp-address or --notice-webhook"
	if n.Alert {
		ways, flags = len(n.settings.notices.alerts), "--alert-mail or --alert-webhook"
	}
	if ways == 0 || n.settings.practice != nil {
		c.refuse("to", "this server is set up to send nothing", "Give "+flags+", as to serve")
	}
}

// trialTime ends an attempt.
const trialTime = time.Minute

// Run sends by each way, and says how it went.
func (n *NoticesTestCmd) Run(env *Environment) error {
	return withStore(env, n.settings.store, func(store *models.Store) error {
		var account models.Erasable
		if n.Account != "" {
			var err error
			if account, err = findAccount(env, store, n.Account); err != nil {
				return err
			}
			if account.Contact == "" {
				return fmt.Errorf("account %s has no contact.\nNext: give one that has, or --to", account.ID)
			}
			n.To = account.Contact
		}
		id := make([]byte, 16)
		if _, err := io.ReadFull(env.Rand, id); err != nil {
			return err
		}
		t := &noticeTrial{env: env, store: store, settings: n.settings.notices, account: account.Account, contact: n.To}
		t.trial = notices.Trial{
			Words: t.settings.words, About: t.settings.about, Language: t.settings.language, Issuer: store.Issuer(), Now: env.Now(),
			ID: "test-" + hex.EncodeToString(id),
		}
		var failed []error
		for _, channel := range models.Channels() {
			if err := t.by(channel, n.Alert); err != nil {
				failed = append(failed, err)
			}
		}
		return errors.Join(failed...)
	})
}

// noticeTrial is one call of the command.
type noticeTrial struct {
	env      *Environment
	store    *models.Store
	settings noticeSettings
	trial    notices.Trial
	account  models.Account // the zero one: none
	contact  string
}

// by sends by a channel, if there is that one.
func (t *noticeTrial) by(channel models.Channel, alert bool) error {
	send, way := t.notice(channel), term.NoticeTest(channel)
	if alert {
		send, way = t.alert(channel), "alert "+way
	}
	if send == nil {
		return nil
	}
	if err := t.store.TestNoticeByCommand(t.env.Context, t.account.ID, way); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.env.Context, trialTime)
	defer cancel()
	t.step(way.Label() + ":")
	if err := send(ctx); err != nil {
		return fmt.Errorf("%s: %s", way.Label(), notTaken(err, t.withoutContact(err.Error())))
	}
	t.step("taken")
	return nil
}

// notTaken says what became of an attempt that failed, and what to do. What was sent whole may have arrived.
func notTaken(err error, why string) string {
	if failed, is := errors.AsType[*notices.Failure](err); is && failed.Unsure {
		return why + ".\nNext: look whether it arrived"
	}
	return "not taken: " + why + ".\nNext: mend that, and try again"
}

// notice returns how a test notice goes by a channel, nil where that is not set up.
func (t *noticeTrial) notice(channel models.Channel) func(context.Context) error {
	way := t.settings.channels[channel]
	if way == nil {
		return nil
	}
	if mailer, is := way.(*notices.Mail); is {
		way = mailer.Telling(t.step)
	}
	return func(ctx context.Context) error {
		return way.Send(ctx, t.trial.Notice(ctx, t.contact, t.account.ID, t.account.Language))
	}
}

// alert returns how a test alert does.
func (t *noticeTrial) alert(channel models.Channel) func(context.Context) error {
	way := t.settings.alerts[channel]
	if way == nil {
		return nil
	}
	if byMail, is := way.(notices.AlertMail); is {
		byMail.Mail = byMail.Mail.Telling(t.step)
		way = byMail
	}
	return func(ctx context.Context) error { return way.SendAlert(ctx, t.trial.Alert(ctx)) }
}

// step says what was done or answered, each line of it. Nothing that a server answers moves the cursor.
func (t *noticeTrial) step(text string) {
	for line := range strings.Lines(text) {
		line = strings.Map(func(r rune) rune {
			if unicode.IsPrint(r) {
				return r
			}
			return -1
		}, t.withoutContact(line))
		_, _ = fmt.Fprintln(t.env.Stdout, line)
	}
}

// withoutContact takes an account's contact out of a text: who administers the server need not know it. The mail server repeats it.
func (t *noticeTrial) withoutContact(text string) string {
	if t.account.ID == "" {
		return text
	}
	local, domain, _ := strings.Cut(strings.TrimSpace(t.contact), "@")
	parts := []string{t.contact, spelling.Envelope(t.contact), local, domain}
	parts = slices.DeleteFunc(parts, func(part string) bool { return len(part) < 2 })
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	return regexp.MustCompile("(?i)"+strings.Join(parts, "|")).ReplaceAllLiteralString(text, "<contact>")
}
