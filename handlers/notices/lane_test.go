package notices_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/handlers/notices"
	"countersign/models"
)

// heldReceiver is a webhook that takes what is posted and answers nothing until it is released.
func heldReceiver(t *testing.T) (address string, begun chan struct{}, release func()) {
	t.Helper()
	begun, held := make(chan struct{}, 64), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		begun <- struct{}{}
		<-held
	}))
	t.Cleanup(server.Close)
	return server.URL, begun, func() { close(held) }
}

// What hangs in one channel holds up nothing elsewhere: the webhooks of accounts and of alerts hang with all that they send at a
// time, the mail server with the first few, and every other mail and alert leaves meanwhile.
func TestWhatHangsHoldsUpNothingElse(t *testing.T) {
	const accounts = 12
	address, begun, release := heldReceiver(t)
	mail := newScripted(t, nil)
	webhook := notices.NewWebhook(address, []byte("shared secret"), nil)
	w := newTown(t, handlerstest.SQLite, map[models.Channel]notices.Channel{
		models.ChannelMail: mail.channel(), models.ChannelWebhook: webhook})
	w.worker.Alerts = map[models.Channel]notices.AlertChannel{
		models.ChannelMail: notices.AlertMail{Mail: mail.channel(), To: "duty@harbour.example"}, models.ChannelWebhook: webhook}
	for i := range accounts {
		hint := fmt.Sprintf("person-%d@example.org", i)
		w.person(t, hint)
		w.Phone().Ask(map[string]string{"login_hint": hint})
	}
	w.alert(t)
	running, end := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { w.worker.Run(running); close(ended) }()
	for range 5 { // four notices and an alert
		<-begun
	}
	for sent := 0; sent < accounts+2; { // the notice of the decline, and the alert of it
		if <-mail.hears == "text" {
			sent++
		}
	}
	end()
	release()
	<-ended
}

// A mail server that is slow with some mails gets the others meanwhile: as many as a lane has slots but one may hang.
func TestSlowMailsHoldUpNoOthers(t *testing.T) {
	channel := &stuckFor{slow: map[string]bool{}, begun: make(chan struct{}, 16), release: make(chan struct{}), sent: make(chan string, 64)}
	w := newTown(t, handlerstest.SQLite, byMail(channel))
	const accounts, slow = 30, 3
	for i := range accounts {
		hint := fmt.Sprintf("person-%d@example.org", i)
		channel.slow[hint] = i < slow
		w.person(t, hint)
		w.Phone().Ask(map[string]string{"login_hint": hint})
	}
	running, end := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { w.worker.Run(running); close(ended) }()
	for range accounts - slow {
		<-channel.sent
	}
	end()
	close(channel.release)
	<-ended
}

// stuckFor is a channel that is slow for some people.
type stuckFor struct {
	slow    map[string]bool // by contact
	begun   chan struct{}
	release chan struct{}
	sent    chan string
}

func (s *stuckFor) Send(_ context.Context, message notices.Message) error {
	if s.slow[message.Contact] {
		s.begun <- struct{}{}
		<-s.release
		return nil
	}
	s.sent <- message.Contact
	return nil
}
