package notices_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/handlers/notices"
	"countersign/models"

	"golang.org/x/text/language"
)

// counting is a channel that counts, and can be held up.
type counting struct {
	mu   sync.Mutex
	sent map[string]int
	hold chan struct{} // nil: not at all
	busy chan struct{}
}

func (c *counting) Send(ctx context.Context, message notices.Message) error {
	if c.hold != nil {
		c.busy <- struct{}{}
		select {
		case <-c.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent[message.ID]++
	return nil
}

// Two processes on one PostgreSQL, each with several senders, send each notice once.
func TestTwoWorkersNeverSendTwice(t *testing.T) {
	for _, dialect := range []handlerstest.Dialect{handlerstest.SQLite, handlerstest.PostgreSQL} {
		t.Run(string(dialect), func(t *testing.T) {
			channel := &counting{sent: map[string]int{}}
			w := newTown(t, dialect, byMail(channel))
			const accounts = 12
			for i := range accounts {
				hint := fmt.Sprintf("person-%d@example.org", i)
				w.person(t, hint)
				w.Phone().Ask(map[string]string{"login_hint": hint})
			}
			w.Phone().Ask(nil)
			both := []*notices.Worker{w.worker, w.newWorker(t, byMail(channel), language.English)}
			for range 3 {
				var all sync.WaitGroup
				for _, worker := range both {
					all.Go(func() {
						if err := worker.Round(t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
			}
			if len(channel.sent) != accounts+1 {
				t.Errorf("%d sent", len(channel.sent))
			}
			for id, times := range channel.sent {
				if times != 1 {
					t.Errorf("%s was sent %d times", id, times)
				}
			}
		})
	}
}

// The end of the process waits for the attempt that is under way, and starts no other.
func TestRunEndsWhenItsAttemptEnds(t *testing.T) {
	channel := &counting{sent: map[string]int{}, hold: make(chan struct{}), busy: make(chan struct{}, 4)}
	w := newTown(t, handlerstest.SQLite, byMail(channel))
	w.Phone().Ask(nil)
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { w.worker.Run(ctx); close(ended) }()
	<-channel.busy
	end()
	select {
	case <-ended:
		t.Fatal("ended in the middle of an attempt")
	default:
	}
	close(channel.hold)
	<-ended
	if len(channel.sent) != 1 {
		t.Errorf("%d sent", len(channel.sent))
	}
	if due, ok, err := w.Store.NextNotice(t.Context()); ok || err != nil {
		t.Errorf("it is still to be sent: %v, %v", due, err)
	}
}

// A fault of the database is told to the caller, not swallowed.
func TestRoundTellsFaults(t *testing.T) {
	w := newTown(t, handlerstest.SQLite, byMail(&counting{sent: map[string]int{}}))
	ctx, end := context.WithCancel(t.Context())
	end()
	if err := w.worker.Round(ctx); err != nil {
		t.Errorf("after the end: %v", err)
	}
	if err := w.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.worker.Round(t.Context()); err == nil || errors.Is(err, models.ErrNotFound) {
		t.Errorf("without a database: %v", err)
	}
}
