package notices_test

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/notices"
	"countersign/models"
)

// mayFail is a mail server at an address where nobody answers until it is back.
type mayFail struct {
	down  *notices.Mail
	back  atomic.Bool
	tried atomic.Int64
	sent  atomic.Int64
}

func (m *mayFail) Send(ctx context.Context, message notices.Message) error {
	if !m.back.Load() {
		m.tried.Add(1)
		return m.down.Send(ctx, message)
	}
	m.sent.Add(1)
	return nil
}

// nobodyListens is a port on this machine at which connections are refused.
func nobodyListens(t *testing.T) int {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// The mail server is down, and everybody is due: each sender tries once in a round, so that what waits is neither written to all
// the time nor put off for hours. The webhook goes on meanwhile, and all mail leaves in the first round in which its server is back.
func TestChannelThatIsDownIsTriedOnce(t *testing.T) {
	const accounts, senders = 12, 4
	mail := &mayFail{down: (&post{port: nobodyListens(t)}).channel(notices.STARTTLS)}
	webhook := &counting{sent: map[string]int{}}
	w := newTown(t, handlerstest.SQLite, map[models.Channel]notices.Channel{models.ChannelMail: mail, models.ChannelWebhook: webhook})
	for i := range accounts {
		hint := fmt.Sprintf("person-%d@example.org", i)
		w.person(t, hint)
		w.Phone().Ask(map[string]string{"login_hint": hint})
	}
	w.round(t)
	if tried := mail.tried.Load(); tried == 0 || tried > senders {
		t.Errorf("the mail server was tried %d times", tried)
	}
	if len(webhook.sent) != accounts {
		t.Errorf("%d went to the webhook", len(webhook.sent))
	}
	mail.back.Store(true)
	w.Clock.Advance(2 * time.Minute) // those that were tried are put off for a minute or so
	w.round(t)
	if sent := mail.sent.Load(); sent != accounts {
		t.Errorf("%d were sent by mail", sent)
	}
}
