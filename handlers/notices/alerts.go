package notices

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/views"
)

// AlertChannel tells supervisors of alerts, or says in a *Failure why not.
type AlertChannel interface {
	SendAlert(ctx context.Context, message AlertMessage) error
}

// AlertMessage tells of all alerts of one kind that wait. It names nobody: who did what to whom is read in the trail.
type AlertMessage struct {
	ID        string // the same in each attempt
	Kind      audit.Type
	Title     string
	Count     int64
	FirstSeq  int64 // numbers in the trail
	LastSeq   int64
	Since     time.Time
	CounterID string // where all of them happened; "" for several places, or none
	Counter   string
	Language  string
	Now       time.Time
	Subject   string
	Text      string // plain text
	URL       string // the list of alerts
	Issuer    string
}

// AlertMail mails alerts to one address, which may be a list's.
type AlertMail struct {
	Mail *Mail
	To   string // a bare mail address
}

// SendAlert is part of AlertChannel.
func (a AlertMail) SendAlert(ctx context.Context, m AlertMessage) error {
	return a.Mail.Send(ctx, Message{ID: m.ID, Contact: a.To, Language: m.Language, Now: m.Now, Subject: m.Subject, Text: m.Text,
		Issuer: m.Issuer})
}

// alertPayload is the JSON object of an alert.
type alertPayload struct {
	ID         string    `json:"id"`
	Alert      string    `json:"alert"` // the event type, as in docs/events.md
	Count      int64     `json:"count"`
	FirstEntry int64     `json:"first_entry"`
	LastEntry  int64     `json:"last_entry"`
	Since      time.Time `json:"since"`
	CounterID  string    `json:"counter_id,omitempty"`
	Counter    string    `json:"counter,omitempty"`
	Issuer     string    `json:"issuer"`
	URL        string    `json:"url"`
	Language   string    `json:"language"`
	Subject    string    `json:"subject"`
	Text       string    `json:"text"`
}

// SendAlert is part of AlertChannel.
func (w *Webhook) SendAlert(ctx context.Context, m AlertMessage) error {
	return w.post(ctx, m.Now, alertPayload{
		ID: m.ID, Alert: string(m.Kind), Count: m.Count, FirstEntry: m.FirstSeq, LastEntry: m.LastSeq, Since: m.Since.UTC(),
		CounterID: m.CounterID, Counter: m.Counter, Issuer: m.Issuer, URL: m.URL, Language: m.Language, Subject: m.Subject, Text: m.Text,
	})
}

// sendAlerts sends by one channel until no alert is due there. Each channel has a sender of its own, so that a receiver that hangs
// stops no other. One that cannot be reached is tried once.
func (w *Worker) sendAlerts(ctx context.Context, channel models.Channel) error {
	for ctx.Err() == nil {
		digest, due, err := w.Store.NextAlertDigest(ctx, channel)
		if err != nil || !due {
			return err
		}
		reached, err := w.sendAlert(context.WithoutCancel(ctx), digest)
		if err != nil || !reached {
			return err
		}
	}
	return nil
}

// sendAlert makes one attempt and writes down what became of it. false: the channel cannot be reached.
func (w *Worker) sendAlert(ctx context.Context, digest models.AlertDigest) (reached bool, err error) {
	attributes := []slog.Attr{
		slog.String("alert", string(digest.Kind)), slog.String("channel", string(digest.Channel)),
		slog.Int64("count", digest.Waiting), slog.Int("attempt", digest.Attempts),
	}
	message, err := w.composeAlert(ctx, digest)
	if err != nil {
		return false, err
	}
	attempt, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	failed := w.Alerts[digest.Channel].SendAlert(attempt, message)
	if failed == nil {
		w.Log.LogAttrs(ctx, slog.LevelInfo, "alert told", attributes...)
		return true, w.Store.ToldAlerts(ctx, digest)
	}
	failure := failureOf(failed)
	w.Log.LogAttrs(ctx, slog.LevelWarn, "alert not told", append(attributes, slog.String("why", failure.Why))...)
	return !failure.Unreachable, w.Store.UntoldAlerts(ctx, digest)
}

// composeAlert puts alerts into words, in the language of notices.
func (w *Worker) composeAlert(ctx context.Context, digest models.AlertDigest) (AlertMessage, error) {
	tag := w.Words.MatchOr(w.Language, "")
	ctx = w.Words.In(ctx, tag)
	zone, err := w.zone(ctx, models.DueNotice{Counter: digest.Counter})
	if err != nil {
		return AlertMessage{}, err
	}
	issuer, counter := w.Store.Issuer(), oneLine(digest.Counter.Name)
	m := AlertMessage{
		ID: fmt.Sprintf("alert-%s-%d", digest.Kind, digest.FirstSeq), Kind: digest.Kind, Title: alertTitle(ctx, digest.Kind),
		Count: digest.Waiting, FirstSeq: digest.FirstSeq, LastSeq: digest.LastSeq, Since: digest.FirstAt.Time(),
		CounterID: digest.CounterID, Counter: counter, Language: tag.String(), Now: w.Store.Now(), URL: issuer + views.PathReviewEvents,
		Issuer: issuer,
	}
	m.Subject = views.Say(ctx, "%d alerts: %s", int(m.Count), m.Title)
	happened := []string{m.Title, views.Say(ctx, "%d alerts since %s", int(m.Count), views.MomentAbroad(ctx, m.Since, zone))}
	if counter != "" {
		happened = append(happened, views.Say(ctx, "Counter")+": "+counter)
	}
	paragraphs := []string{
		strings.Join(happened, "\n"), views.Say(ctx, "Take it in the list of alerts:") + "\n" + m.URL,
		views.Say(ctx, "This message names nobody. Who did what is read there."), w.About.signature(ctx),
	}
	m.Text = strings.TrimSpace(strings.Join(paragraphs, "\n\n")) + "\n"
	return m, nil
}

func alertTitle(ctx context.Context, kind audit.Type) string {
	if definition, ok := audit.Lookup(kind); ok {
		return views.Say(ctx, definition.Title)
	}
	return string(kind) // a newer release's
}
