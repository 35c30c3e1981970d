package notices_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit/term"
	"countersign/handlers/handlerstest"
	"countersign/handlers/notices"
	"countersign/models"

	"github.com/emersion/go-smtp"
	"golang.org/x/text/language"
)

// alerting is a town whose supervisors are told of alerts, and of which no account is told anything.
func alerting(t *testing.T, ways map[models.Channel]notices.AlertChannel) (w *town, suspect func()) {
	t.Helper()
	w = newTown(t, handlerstest.SQLite, nil)
	w.worker.Alerts = ways
	return w, func() { t.Helper(); w.alert(t) }
}

// alert declines a request as suspicious.
func (w *town) alert(t *testing.T) {
	t.Helper()
	operator := w.Operator("Olga Operator")
	matched := w.Match(t, operator, w.Phone().Ask(map[string]string{"instance_name": "Anna’s phone"}).UserCode)
	if err := w.Store.Decline(t.Context(), operator.SessionID, matched.ID, term.DeclineSuspicious); err != nil {
		t.Fatal(err)
	}
}

// The first alert of a kind is mailed at once. What comes within ten minutes of it is one more mail, with its number, however
// much it is; and no mail names anybody.
func TestAlertsAreMailed(t *testing.T) {
	p := newPost(t, false)
	w, suspect := alerting(t, map[models.Channel]notices.AlertChannel{
		models.ChannelMail: notices.AlertMail{Mail: p.channel(notices.STARTTLS), To: "duty@harbour.example"}})
	w.round(t)
	if len(p.taken()) > 0 {
		t.Fatal("nothing happened, and it was told")
	}
	suspect()
	w.round(t)
	for range 3 {
		w.Clock.Advance(time.Minute)
		suspect()
		w.round(t)
	}
	if got := subjects(p.letters(t)); !slices.Equal(got, []string{"1 alert: Suspicion reported"}) {
		t.Fatalf("mailed %q", got)
	}
	w.Clock.Advance(8 * time.Minute)
	w.round(t)
	w.Clock.Advance(time.Hour)
	w.round(t)
	letters := p.letters(t)
	if len(letters) != 2 || letters[1].Subject != "3 alerts: Suspicion reported" {
		t.Fatalf("mailed %q", subjects(letters))
	}
	for _, l := range letters {
		if l.Get("To") != "<duty@harbour.example>" || l.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("the header is %v", l.Header)
		}
		for _, never := range []string{"Anna", "Olga", "anna@", "phone", "Pocket", "%!"} {
			if strings.Contains(l.Subject+l.Text, never) {
				t.Errorf("%q stands in %s", never, l.Text)
			}
		}
	}
	if text := letters[0].Text; !strings.Contains(text, "1 alert since 4 May 2026 at 11:00 CEST\nCounter: Market Square") ||
		!strings.Contains(text, w.Issuer+"/review/events") {
		t.Errorf("%s", text)
	}
	if letters[0].Get("Message-Id") == letters[1].Get("Message-Id") {
		t.Error("two mails have one name")
	}
}

// What a mail server does not take is tried again, later each time and at least hourly, and never given up; each attempt is a
// line in the log. What came meanwhile goes along.
func TestAlertsAreTriedAgain(t *testing.T) {
	p := newPost(t, false)
	w, suspect := alerting(t, map[models.Channel]notices.AlertChannel{
		models.ChannelMail: notices.AlertMail{Mail: p.channel(notices.STARTTLS), To: "duty@harbour.example"}})
	p.refuse = &smtp.SMTPError{Code: 550, Message: "no such duty@harbour.example"}
	suspect()
	for range 20 {
		w.round(t)
		w.Clock.Advance(time.Hour)
	}
	suspect()
	if p.offered != 20 {
		t.Errorf("offered %d times", p.offered)
	}
	p.set(func() { p.refuse = nil })
	w.worker = w.newWorker(t, nil, language.German)
	w.worker.Alerts = map[models.Channel]notices.AlertChannel{
		models.ChannelMail: notices.AlertMail{Mail: p.channel(notices.STARTTLS), To: "duty@harbour.example"}}
	w.round(t)
	if got := subjects(p.letters(t)); !slices.Equal(got, []string{"2 Alarme: Verdacht gemeldet"}) {
		t.Errorf("mailed %q", got)
	}
	if log := w.log.String(); strings.Count(log, "alert not told") != 20 || strings.Contains(log, "duty@") ||
		!strings.Contains(log, "code 550") || strings.Count(log, "alert told") != 1 {
		t.Errorf("the log: %s", log)
	}
}

// The webhook takes JSON, signed as notices are: which kind, how many, where and since when, under one id for all attempts.
func TestAlertsArePosted(t *testing.T) {
	address, got := receiver(t, http.StatusInternalServerError)
	w, suspect := alerting(t, map[models.Channel]notices.AlertChannel{
		models.ChannelWebhook: notices.NewWebhook(address, []byte("shared secret"), nil)})
	suspect()
	w.round(t)
	w.Clock.Advance(2 * time.Minute)
	w.round(t)
	all := got()
	if len(all) != 2 || !strings.HasPrefix(all[0].signature, "t=") || all[0].signature == all[1].signature {
		t.Fatalf("posted %d times: %s", len(all), w.log)
	}
	var first, alert map[string]any
	for i, into := range []*map[string]any{&first, &alert} {
		if err := json.Unmarshal(all[i].body, into); err != nil {
			t.Fatal(err)
		}
	}
	number := alert["first_entry"].(float64)
	if alert["alert"] != "suspicion-reported" || alert["count"] != 1.0 || alert["last_entry"] != number ||
		alert["counter"] != "Market Square" ||
		alert["since"] != "2026-05-04T09:00:00Z" || alert["url"] != w.Issuer+"/review/events" ||
		alert["id"] != fmt.Sprintf("alert-suspicion-reported-%.0f", number) || first["id"] != alert["id"] {
		t.Errorf("%v", alert)
	}
	for _, never := range []string{"Anna", "Olga", w.Account.ID} {
		if strings.Contains(string(all[1].body), never) {
			t.Errorf("%q stands in %s", never, all[1].body)
		}
	}
}

// hanging is a way to supervisors whose receiver answers nothing until it is released.
type hanging struct{ begun, release chan struct{} }

func (h hanging) SendAlert(context.Context, notices.AlertMessage) error {
	select {
	case h.begun <- struct{}{}:
		<-h.release
	case <-h.release:
	}
	return nil
}

// A receiver that hangs holds up no other channel: while both hang, both have begun.
func TestHangingReceiverHoldsUpNoAlert(t *testing.T) {
	release := make(chan struct{})
	mail, webhook := hanging{make(chan struct{}), release}, hanging{make(chan struct{}), release}
	w, suspect := alerting(t, map[models.Channel]notices.AlertChannel{models.ChannelMail: mail, models.ChannelWebhook: webhook})
	suspect()
	running, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		w.worker.Run(running)
		close(ended)
	}()
	for _, way := range []hanging{mail, webhook} {
		select {
		case <-way.begun:
		case <-time.After(time.Minute):
			t.Error("one waits for the other")
		}
	}
	stop()
	close(release)
	<-ended
}
