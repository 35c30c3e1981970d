package models

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"countersign/models/pgtest"
)

// backWithin is how soon after a promotion writes are done again.
const backWithin = 10 * time.Second

// pair is a primary and a standby that has each commit before it is answered.
func pair(t *testing.T) (primary, standby *pgtest.Server) {
	t.Helper()
	primary = pgtest.NewServer(t, "synchronous_standby_names=second")
	standby = primary.Standby("second")
	primary.Do("postgres", "SET synchronous_commit = remote_apply; CREATE TABLE written (n int)") // the standby shows it from here on
	return primary, standby
}

func connected(t *testing.T, address string) *Database {
	t.Helper()
	d, err := ConnectWaiting(t.Context(), address, LockWait, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func (d *Database) writes(ctx context.Context) error {
	return d.write.WithContext(ctx).Exec("INSERT INTO written VALUES (1)").Error
}

// readsFromStandby reports whether each of the connections that read leads to a standby.
func (d *Database) readsFromStandby(t *testing.T) (standby bool) {
	t.Helper()
	if err := d.read.WithContext(t.Context()).Raw("SELECT pg_is_in_recovery()").Scan(&standby).Error; err != nil {
		t.Fatal(err)
	}
	return standby
}

// backAfter fails unless writes are done again in time, with no other means than to try.
func (d *Database) backAfter(t *testing.T, promoted time.Time) {
	t.Helper()
	attempt := func() error {
		const ofARequest = 4 * time.Second // a frozen server keeps what it was sent
		ctx, cancel := context.WithTimeout(t.Context(), ofARequest)
		defer cancel()
		return d.writes(ctx)
	}
	err := attempt()
	for ; err != nil && time.Since(promoted) < backWithin; err = attempt() {
		if _, is := errors.AsType[*UnavailableError](err); !is && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("while nobody can be written to: %v", err)
		}
	}
	if err != nil || time.Since(promoted) > backWithin {
		t.Fatalf("%s after the promotion: %v", time.Since(promoted), err)
	}
	t.Logf("back %s after the promotion", time.Since(promoted).Round(time.Millisecond))
}

// docs/decisions/0074-fail-over.md: whoever reached a standby, because the address leads there for a moment, says so at each write,
// and is at the primary as soon as the address is: no connection of either pool stays behind.
func TestConnectionsLeaveAStandby(t *testing.T) {
	primary, standby := pair(t)
	way := pgtest.NewWay(t, standby)
	d := connected(t, way.Address("postgres"))
	for range 3 {
		err := d.writes(t.Context())
		if outage, is := errors.AsType[*UnavailableError](err); !is || outage.Outage != ReadOnly || !d.readsFromStandby(t) {
			t.Fatalf("at a standby: %v", err)
		}
	}
	way.To(primary)
	if err := d.writes(t.Context()); err != nil || d.readsFromStandby(t) {
		t.Errorf("at the primary: %v", err)
	}
	choosesThePrimary(t, primary, standby)
}

// choosesThePrimary: of several servers in the address the primary is meant, wherever it stands; without one it is said that
// they can only be read.
func choosesThePrimary(t *testing.T, primary, standby *pgtest.Server) {
	t.Helper()
	for _, address := range []string{
		pgtest.MultiAddress("postgres", standby, primary), pgtest.MultiAddress("postgres", primary, standby),
		pgtest.MultiAddress("postgres", standby, primary) + "&target_session_attrs=primary",
	} {
		d := connected(t, address)
		if err := d.writes(t.Context()); err != nil || d.readsFromStandby(t) {
			t.Errorf("%s: %v", address, err)
		}
	}
	var said bytes.Buffer
	d, err := Connect(t.Context(), primary.Address("postgres"), slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	primary.Kill()
	for range 2 { // the outage is told once, by whoever met it; statements are silent, also those that give rows
		rows, err := d.read.WithContext(t.Context()).Raw("SELECT 1").Rows() //nolint:sqlclosecheck // there are none
		if err == nil {
			t.Fatal("it is killed", rows.Err())
		}
	}
	if said.Len() > 0 {
		t.Errorf("a lost database is logged statement by statement: %s", said.String())
	}
	_, err = Connect(t.Context(), pgtest.MultiAddress("postgres", standby, primary), slog.New(slog.DiscardHandler))
	if outage, is := errors.AsType[*UnavailableError](err); !is || outage.Outage != ReadOnly {
		t.Errorf("no primary: %v", err)
	}
}

// A server that was the primary when the connections were made, and of which one says that it can only be read, is left by all.
func TestConnectionsLeaveAServerThatBecameReadOnly(t *testing.T) {
	before, other := pgtest.NewServer(t), pgtest.NewServer(t)
	for _, server := range []*pgtest.Server{before, other} {
		server.Do("postgres", "CREATE TABLE written (n int)", "CREATE TABLE here AS SELECT '"+server.Folder+"'::text AS folder")
	}
	way := pgtest.NewWay(t, before)
	d := connected(t, way.Address("postgres"))
	reads := func() (folder string) {
		if err := d.read.Raw("SELECT folder FROM here").Scan(&folder).Error; err != nil {
			t.Fatal(err)
		}
		return folder
	}
	if err := d.writes(t.Context()); err != nil || reads() != before.Folder {
		t.Fatal(err)
	}
	way.To(other)
	before.Do("postgres", "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
	d.backAfter(t, time.Now())
	for end := time.Now().Add(backWithin); reads() != other.Folder; { // a session hears of the setting a moment later
		if err := d.writes(t.Context()); time.Now().After(end) {
			t.Fatalf("what reads stays where nothing is written any more: %v", err)
		}
	}
}

// The primary is killed, or freezes and so closes no connection; the standby is promoted. The
// same process writes again in time.
func TestBackAfterFailOver(t *testing.T) {
	for name, ends := range map[string]func(*pgtest.Server){"killed": (*pgtest.Server).Kill, "frozen": (*pgtest.Server).Freeze} {
		t.Run(name, func(t *testing.T) {
			primary, standby := pair(t)
			d := connected(t, pgtest.MultiAddress("postgres", primary, standby))
			for range 5 {
				if err := d.writes(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			ends(primary)
			standby.Promote()
			d.backAfter(t, time.Now())
			var kept int
			if err := d.read.Raw("SELECT count(*) FROM written").Scan(&kept).Error; err != nil || kept < 6 {
				t.Errorf("%d are kept, %v", kept, err)
			}
		})
	}
}
