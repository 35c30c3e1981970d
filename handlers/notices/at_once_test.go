package notices_test

import (
	"context"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/notices"
	"countersign/models"
)

// stuck is a channel that never gets rid of what strangers caused.
type stuck struct {
	begun   chan string          // what strangers caused
	told    chan models.Occasion // all else
	release chan struct{}
}

func (s *stuck) Send(ctx context.Context, message notices.Message) error {
	if message.Occasion == models.NoticeRequested {
		s.begun <- message.ID
		select {
		case <-s.release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.told <- message.Occasion
	return nil
}

// An approval's notice is begun at its commit, and not at the next look for what is due (which never comes here), also
// while every other sender hangs with what strangers caused.
func TestApprovalIsToldAtOnce(t *testing.T) {
	channel := &stuck{begun: make(chan string, 16), told: make(chan models.Occasion, 4), release: make(chan struct{})}
	w := newTown(t, handlerstest.SQLite, byMail(channel))
	for _, hint := range []string{"a@example.org", "b@example.org", "c@example.org", "d@example.org", "e@example.org"} {
		w.person(t, hint)
		w.Phone().Ask(map[string]string{"login_hint": hint})
	}
	codes := w.Phone().Ask(nil)
	running, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		w.worker.Run(running)
		close(ended)
	}()
	for range 3 { // all senders but the first
		<-channel.begun
	}
	w.Approve(t, codes.UserCode)
	select {
	case occasion := <-channel.told:
		if occasion != models.NoticeApproved {
			t.Errorf("told of %s", occasion)
		}
	case <-time.After(time.Minute):
		t.Error("the approval is not told of")
	}
	stop()
	close(channel.release)
	<-ended
}
