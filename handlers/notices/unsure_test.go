package notices_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/handlers/notices"
	"countersign/models"
	"countersign/models/modelstest"
)

// A mail server that takes each mail and answers nothing gets a notice four times and no more, hours apart and under one Message-ID,
// so that what keeps mails can tell that they are one. Then the notice is given up, which the row and the log tell as what it is.
func TestMailWithoutAnswerIsSentFewTimes(t *testing.T) {
	s := newScripted(t, map[string]string{"text": leaves})
	w := newTown(t, handlerstest.SQLite, byMail(s.channel()))
	w.Approve(t, w.Phone().Ask(nil).UserCode)
	var minutes []int
	for minute := 0; minute < 3*24*60; minute += 5 {
		before := len(s.mails())
		w.round(t)
		if len(s.mails()) > before {
			minutes = append(minutes, minute)
		}
		w.Clock.Advance(5 * time.Minute)
	}
	if len(minutes) != 4 || len(s.mails()) != 4 {
		t.Fatalf("%d mails, after %v minutes", len(s.mails()), minutes)
	}
	for i, pause := range []int{22, 90, 360} {
		if minutes[i+1]-minutes[i] < pause {
			t.Errorf("sent after %v minutes", minutes)
		}
	}
	for _, raw := range s.mails() {
		if id := read(t, raw).Get("Message-Id"); id == "" || id != read(t, s.mails()[0]).Get("Message-Id") {
			t.Errorf("one of the mails is %q", id)
		}
	}
	if events := w.Events(0); !slices.Contains(events, audit.NoticeFailed) {
		t.Errorf("%v", events)
	}
	if log := w.log.String(); strings.Count(log, "perhaps_sent=true") != 4 || strings.Count(log, "notice given up") != 1 ||
		!strings.Contains(log, "cause=unsure") {
		t.Errorf("the log: %s", log)
	}
}

// An alert that may have been told so often counts as told: it is not mailed every hour for ever.
func TestAlertWithoutAnswerIsSentFewTimes(t *testing.T) {
	s := newScripted(t, map[string]string{"text": silent})
	w, suspect := alerting(t, map[models.Channel]notices.AlertChannel{
		models.ChannelMail: notices.AlertMail{Mail: s.channel(), To: "duty@harbour.example"}})
	suspect()
	for range 5 * 24 {
		w.round(t)
		w.Clock.Advance(time.Hour)
	}
	if got := len(s.mails()); got != 4 {
		t.Errorf("%d mails", got)
	}
	if log := w.log.String(); strings.Count(log, "alert perhaps told") != 1 {
		t.Errorf("the log: %s", log)
	}
	suspect()
	w.round(t)
	if got := len(s.mails()); got != 5 {
		t.Errorf("%d mails: the next alert is not told", got)
	}
}

// The end of the process waits no ten minutes for a mail server. What was not sent whole is due again at once, for whoever sends then;
// what was may have come, and is tried again later.
func TestEndOfTheProcessCutsDeliveries(t *testing.T) {
	for _, test := range []struct {
		verb string
		due  bool // again, at once
	}{{"greeting", true}, {"RCPT", true}, {"text", false}} {
		t.Run(test.verb, func(t *testing.T) {
			s := newScripted(t, map[string]string{test.verb: silent})
			channel := s.channel()
			channel.Steps = notices.Steps{}
			w := newTown(t, handlerstest.SQLite, byMail(channel))
			w.Phone().Ask(nil)
			running, end := context.WithCancel(t.Context())
			w.worker.Wait = func(ctx context.Context, _ time.Duration) error {
				if running.Err() != nil {
					return nil //nolint:nilerr // the time to finish is over
				}
				<-ctx.Done()
				return ctx.Err()
			}
			ended := make(chan struct{})
			go func() { w.worker.Run(running); close(ended) }()
			for <-s.hears != test.verb {
			}
			end()
			<-ended
			due, ok, err := w.Store.NextNotice(t.Context())
			if err != nil || ok != test.due {
				t.Fatalf("due again: %v, %v; %s", ok, err, w.log)
			}
			if test.due {
				return
			}
			w.Clock.Advance(40 * time.Minute)
			if due, ok, err = w.Store.NextNotice(t.Context()); err != nil || !ok || due.Unsure != 1 {
				t.Errorf("later: %v, %v, %v", ok, err, due.Unsure)
			}
		})
	}
}

// losing is a mail server that takes a mail while the database goes away.
type losing struct {
	sent atomic.Int64
	lose func()
}

func (l *losing) Send(context.Context, notices.Message) error {
	l.sent.Add(1)
	l.lose()
	return nil
}

// What a mail server took is written down as soon as the database is back: it is not sent again.
func TestOutcomeIsWrittenWhenTheDatabaseIsBack(t *testing.T) {
	channel := &losing{}
	w := newTownOf(t, handlerstest.Config{LockWait: 20 * time.Millisecond}, byMail(channel))
	w.Phone().Ask(nil)
	var release func()
	var waited int
	channel.lose = func() { release = modelstest.Hold(t, w.Address) }
	w.worker.Wait = func(context.Context, time.Duration) error {
		if waited++; waited == 3 {
			release()
		}
		return nil
	}
	w.round(t)
	w.Clock.Advance(24 * time.Hour)
	w.round(t)
	if sent := channel.sent.Load(); sent != 1 || waited != 3 {
		t.Errorf("sent %d times, waited %d times", sent, waited)
	}
}
