package main

import (
	"io"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// mailSink is a mail server on loopback that keeps what it takes.
type mailSink struct {
	address string
	taken   chan string
	server  *smtp.Server
}

func startMailSink(t *testing.T) *mailSink {
	t.Helper()
	sink := &mailSink{address: "127.0.0.1:0", taken: make(chan string, 100)}
	sink.listen(t)
	t.Cleanup(func() { _ = sink.server.Close() })
	return sink
}

// listen begins to take mails, at the address where it did before.
func (s *mailSink) listen(t *testing.T) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return s, nil }))
	s.server.Domain = "mail.example"
	server := s.server
	go func() { _ = server.Serve(listener) }()
}

// away ends all connections, and takes none until listen.
func (s *mailSink) away() { _ = s.server.Close() }

// flags let serve send to it.
func (s *mailSink) flags() []string {
	return []string{"--smtp-address", s.address, "--smtp-security", "none", "--smtp-from", "notices@harbour.example"}
}

// wait takes mails until one with each of the subjects has come, and returns their texts.
func (s *mailSink) wait(t *testing.T, subjects ...string) []string {
	t.Helper()
	var texts []string
	for missing := strings.Join(subjects, "\n"); strings.TrimSpace(missing) != ""; {
		select {
		case raw := <-s.taken:
			message, err := mail.ReadMessage(strings.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(quotedprintable.NewReader(message.Body))
			if err != nil {
				t.Fatal(err)
			}
			missing = strings.Replace(missing, message.Header.Get("Subject"), "", 1)
			texts = append(texts, message.Header.Get("Subject")+"\n"+string(text))
		case <-time.After(patience):
			t.Fatalf("no mail about: %s", missing)
		}
	}
	return texts
}

// Reset is part of smtp.Session, as is what follows.
func (s *mailSink) Reset() {}

// Logout ends nothing.
func (s *mailSink) Logout() error { return nil }

// Mail takes any sender.
func (s *mailSink) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt takes any recipient.
func (s *mailSink) Rcpt(string, *smtp.RcptOptions) error { return nil }

// Data keeps the mail.
func (s *mailSink) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	s.taken <- string(content)
	return err
}
