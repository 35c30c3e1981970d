package main

import (
	"database/sql"
	"fmt"
	"net/mail"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// mailBook is a mail server that counts what it takes, by the Message-ID, which is the notice's in each attempt.
type mailBook struct {
	*mailSink
	taken sync.Map // of *atomic.Int64
}

func startMailBook(t *testing.T) *mailBook {
	t.Helper()
	m := &mailBook{mailSink: startMailSink(t)}
	go func() {
		for raw := range m.mailSink.taken {
			if message, err := mail.ReadMessage(strings.NewReader(raw)); err == nil {
				id, _, _ := strings.Cut(strings.Trim(message.Header.Get("Message-ID"), "<>"), "@")
				count, _ := m.taken.LoadOrStore(id, new(atomic.Int64))
				count.(*atomic.Int64).Add(1)
			}
		}
	}()
	return m
}

func (m *mailBook) of(id string) int64 {
	count, _ := m.taken.LoadOrStore(id, new(atomic.Int64))
	return count.(*atomic.Int64).Load()
}

func (m *mailBook) count() (all int64) {
	m.taken.Range(func(_, count any) bool { all += count.(*atomic.Int64).Load(); return true })
	return all
}

// compare: each notice that counts as sent was sent, and none more often than it was tried: a second try comes when nobody knows
// what became of the first.
func (m *mailBook) compare(t *testing.T, k *killing, database *sql.DB) {
	t.Helper()
	for line := range strings.Lines(k.ask(t, database, "SELECT id, outcome, attempts FROM notices")) {
		var attempts int64
		columns := strings.Split(strings.TrimSpace(line), "|")
		if _, err := fmt.Sscan(columns[2], &attempts); err != nil {
			t.Fatal(err)
		}
		if sent := m.of(columns[0]); columns[1] == "sent" && sent == 0 || sent > attempts {
			t.Errorf("the notice %s was mailed %d times", line, sent)
		}
	}
}
