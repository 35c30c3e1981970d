package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/keys"
	"countersign/models/modelstest"
)

// sequenced is a server's sequencer on a database of its own.
type sequenced struct {
	t     *testing.T
	file  string
	now   time.Time
	env   *Environment
	store *models.Store
}

func newSequenced(t *testing.T) *sequenced {
	t.Helper()
	s := &sequenced{t: t, file: filepath.Join(t.TempDir(), "countersign.db"), now: testNow}
	s.env = &Environment{Context: t.Context(), Now: func() time.Time { return s.now }, Rand: rand.Reader}
	modelstest.MigratedAt(t, s.file)
	settings := storeSettings{database: "sqlite:" + s.file, issuer: "https://id.example", masterKey: make([]byte, keys.MasterKeySize)}
	var err error
	if s.store, err = openStore(s.env, settings, models.Policy{}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.store.Close() })
	return s
}

// seconds runs the sequencer, calls before with the number of each second that it waits, and returns its log.
func (s *sequenced) seconds(count int, before func(second int)) string {
	s.t.Helper()
	var lines textBuffer
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	env, second := *s.env, 0
	env.Context = ctx
	env.Wait = func(_ context.Context, length time.Duration) error {
		if second++; second == count {
			cancel()
			return ctx.Err()
		}
		s.now = s.now.Add(length)
		before(second)
		return nil
	}
	sequence(&env, s.store, slog.New(slog.NewTextHandler(&lines, nil)))
	return lines.String()
}

func (s *sequenced) append() {
	s.t.Helper()
	if _, err := s.store.AddCounter(s.t.Context(), models.NewCounter{Name: rand.Text(), TimeZone: "UTC"}); err != nil {
		s.t.Fatal(err)
	}
}

// past changes the file past the program.
func (s *sequenced) past(statement string) {
	s.t.Helper()
	database, err := sql.Open("sqlite3", "file:"+s.file+"?_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	defer database.Close()
	if _, err := database.ExecContext(s.t.Context(), statement); err != nil {
		s.t.Fatal(err)
	}
}

// A log that was cut off is told of when that is seen, once an hour for as long as it lasts, however many entries come, and with
// what to do.
func TestALogThatIsNotExtendedIsTold(t *testing.T) {
	s := newSequenced(t)
	lines := s.seconds(2*3600+10, func(second int) {
		if second == 5 {
			s.past("DROP TRIGGER log_checkpoints_no_delete; DELETE FROM log_checkpoints")
		}
		if second%600 == 0 {
			s.append()
		}
	})
	if count := strings.Count(lines, "the log was not extended"); count != 3 {
		t.Errorf("%d lines in two hours, want 3:\n%s", count, lines)
	}
	for _, want := range []string{"level=ERROR", "the newest is of 0", "countersign audit verify", "0046-merkle-log.md"} {
		if !strings.Contains(lines, want) {
			t.Errorf("nothing of %q:\n%s", want, lines)
		}
	}
}

// What is over is told, and a log that grows is not told of at all.
func TestALogThatGrowsAgainIsTold(t *testing.T) {
	s := newSequenced(t)
	lines := s.seconds(60, func(second int) {
		s.append()
		switch second {
		case 10:
			s.past("ALTER TABLE log_checkpoints RENAME TO elsewhere")
		case 20:
			s.past("ALTER TABLE elsewhere RENAME TO log_checkpoints")
		}
	})
	begun, over := strings.Index(lines, "the log was not extended"), strings.Index(lines, "the log grows again")
	if begun < 0 || over < begun || strings.Count(lines, "\n") != 2 {
		t.Errorf("%s", lines)
	}
}

// A long trail, as an update finds it, is told of at each 100,000 entries and at its end.
func TestALongTrailIsToldOf(t *testing.T) {
	var lines textBuffer
	clock := &hurriedClock{now: testNow, step: time.Second} // 5,000 entries a second
	tell := sequenceLog{Logger: slog.New(slog.NewTextHandler(&lines, nil)), now: clock.Now, size: -1}
	for size := int64(0); size <= 250_000; size += 5_000 {
		tell.progress(models.Sequenced{Size: size, Entries: 250_000})
	}
	tell.progress(models.Sequenced{Size: 250_001, Entries: 250_001})
	told := lines.String()
	if strings.Count(told, "\n") != 4 || !strings.Contains(told, "sequencing the log\" size=200000") ||
		!strings.Contains(told, "size=100000 entries=250000 per_second=5000 left=30s") || !strings.Contains(told, "is sequenced\" size=250000") {
		t.Errorf("%s", told)
	}
}
