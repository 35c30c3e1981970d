package notices

import (
	"context"
	"fmt"
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

// alertsOf takes alerts of one channel.
func (w *Worker) alertsOf(channel models.Channel) func(context.Context) (sending, error) {
	return func(ctx context.Context) (sending, error) {
		digest, due, err := w.Store.NextAlertDigest(ctx, channel)
		if err != nil || !due {
			return nil, err
		}
		return func(ctx context.Context) (bool, error) { return w.sendAlert(ctx, digest) }, nil
	}
}

// sendAlert makes one attempt and writes down what became of it. false: the channel cannot be reached.
func (w *Worker) sendAlert(ctx context.Context, digest models.AlertDigest) (reached bool, err error) {
	failure := w.attempt(ctx, digest.Channel, func(ctx context.Context) error {
		message, err := w.composeAlert(ctx, digest)
		if err != nil {
			return err
		}
		return w.Alerts[digest.Channel].SendAlert(ctx, message)
	})
	log := w.Log.With("alert", string(digest.Kind), "channel", string(digest.Channel), "count", digest.Waiting, "attempt", digest.Attempts)
	switch {
	case failure == nil:
		log.InfoContext(ctx, "alert told")
		return true, w.writeDown(ctx, func(ctx context.Context) error { return w.Store.ToldAlerts(ctx, digest) })
	case failure.ended:
		log.InfoContext(ctx, "alert given back: the server ends")
		return true, w.writeDown(ctx, func(ctx context.Context) error { return w.Store.ReturnAlerts(ctx, digest) })
	}
	log.WarnContext(ctx, "alert not told", "why", failure.Why, "perhaps_told", failure.Unsure)
	return !failure.Unreachable, w.writeDown(ctx, func(ctx context.Context) error {
		told, err := w.Store.UntoldAlerts(ctx, digest, failure.attempt())
		if told && err == nil {
			log.WarnContext(ctx, "alert perhaps told: it is not sent again")
		}
		return err
	})
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
