package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"countersign/models/pgtest"
)

// backWithin is how soon after a promotion each process writes again.
const backWithin = 10 * time.Second

// docs/protocol.md §6 many-processes, fail-over: three processes over one PostgreSQL, behind a balancer that sends nobody to the
// same one twice, and one of them behind a PgBouncer. One is killed, again and again; the database is started again, can only be
// read, freezes, and is killed for good, and its standby promoted. Mails or the provider are away, the clock of one is off, one has
// no descriptor left, keys take turns and are sealed anew; and some are slow. What was answered is there, once; each process is back
// by itself.
func TestManyProcessesUnderLoad(t *testing.T) {
	t.Parallel()
	d := newReplicated(t, pgtest.NewServer(t, "synchronous_standby_names=*", "wal_retrieve_retry_interval=200ms"))
	torture(t, d.way.Address("countersign"), func(f *fleet, round int) { f.breaks(t, d, round) }, d.bouncer())
}

// torture breaks things under load, and compares in the end. The address is that of an empty database, and the first processes may
// have others for it.
func torture(t *testing.T, address string, breaks func(f *fleet, round int), others ...string) {
	t.Helper()
	mails := startMailBook(t)
	k := newKillingOn(t, address, mails.flags()...)
	f := startFleet(t, k, others...)
	f.mails = mails
	strangers, end := context.WithCancel(t.Context())
	defer end()
	slow := slowStrangers(strangers, func() string { return f.nodes[rand.IntN(fleetSize)].address }, f.problem)
	var waiting sync.WaitGroup
	staff := []string{demoOperator, "Jonas Eriksen"}
	for i := range visitors {
		v := newVisitor(t, k, staff[i%2])
		v.rival = k.atCounter(t, staff[(i+1)%2])
		waiting.Go(func() { v.visits() })
	}
	for round := range *tortureRounds {
		f.someWork(t, 10+rand.Int64N(60))
		breaks(f, round)
	}
	f.mends(t)
	f.someWork(t, 100)
	close(k.ended)
	waiting.Wait()
	end()
	slow.Wait()
	k.everyPhoneWorks(t)
	database, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	f.logCovers(t, database)
	f.receiptsVerify(t)
	f.endAll(t)
	if verdict := k.run(t, k.store[:2], "audit", "verify"); !strings.Contains(verdict, "verdict: consistent") {
		t.Fatalf("the trail: %s", verdict)
	}
	k.compare(t, database)
	mails.compare(t, k, database)
	t.Logf("%d rounds, %d requests, %d registrations, %d approvals, %d declines, %d redemptions, %d of them asked for again, %d revocations, %d mails",
		*tortureRounds, k.requests.Load(), len(k.registered), len(k.approved), len(k.declined), len(k.redeemed), k.again.Load(),
		len(k.revoked), mails.count())
	if len(k.redeemed) < visitors {
		t.Errorf("only %d visits came to their end", len(k.redeemed))
	}
}

// someWork waits until so many more requests have been sent.
func (f *fleet) someWork(t *testing.T, requests int64) {
	t.Helper()
	select {
	case <-f.arm(requests):
	case <-time.After(workPatience):
		f.tellWhy(t)
	}
}

// tellWhy ends a test in which nobody asks anything any more: with what the processes said last, and what the database does.
func (f *fleet) tellWhy(t *testing.T) {
	t.Helper()
	const last = 4000 // bytes
	for _, n := range f.nodes {
		log := n.log.String()
		t.Logf("%s said last:\n%s", n.address, log[max(0, len(log)-last):])
	}
	if database, err := sql.Open("pgx", f.config.database); err == nil {
		lines, err := queryLines(database, "SELECT pid, state, wait_event_type, wait_event, now() - xact_start, client_port, left(query, 100) "+
			"FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start")
		t.Logf("what the database does, %v:\n%s", errors.Join(err, database.Close()), lines)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t.Fatalf("nobody asks anything any more: %s", strings.Join(f.problems, "\n"))
}

// replicated is a primary with a standby that has each commit before it is answered, behind an address that leads to the primary.
type replicated struct {
	t                *testing.T
	primary, standby *pgtest.Server
	way              *pgtest.Way
}

func newReplicated(t *testing.T, primary *pgtest.Server) *replicated {
	t.Helper()
	d := &replicated{t: t, primary: primary, way: pgtest.NewWay(t, primary)}
	d.standby = primary.Standby("second", "wal_retrieve_retry_interval=200ms")
	primary.Do("postgres", "CREATE DATABASE countersign")
	return d
}

// bouncer is the database through a PgBouncer that goes where the way leads, "" where there is none.
func (d *replicated) bouncer() (address string) {
	d.t.Helper()
	if address = d.way.Bouncer("countersign"); address != "" {
		address += "&default_query_exec_mode=exec"
	}
	return address
}

// failOver kills the primary, and returns when the standby took its place.
func (d *replicated) failOver() (promoted time.Time) {
	d.t.Helper()
	d.primary.Kill()
	d.standby.Promote()
	promoted = time.Now()
	d.way.To(d.standby)
	d.primary, d.standby = d.standby, nil
	return promoted
}

// follow gives the primary a standby again.
func (d *replicated) follow() {
	d.t.Helper()
	d.standby = d.primary.Standby("next", "wal_retrieve_retry_interval=200ms")
	d.primary.Do("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
}

// endAll is SIGTERM for each: they end as they should.
func (f *fleet) endAll(t *testing.T) {
	t.Helper()
	for _, n := range f.nodes {
		if err := n.process.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	}
	for _, n := range f.nodes {
		if !until(func() bool { return strings.Contains(n.log.String(), "msg=ended") }) {
			t.Errorf("it does not end:\n%s", n.log)
		}
	}
}

// receiptOf is the page of a receipt, and whose browser may open it.
type receiptOf struct {
	operator *operatorBrowser
	path     string
}

// logCovers waits until the tree has each entry of the trail.
func (f *fleet) logCovers(t *testing.T, database *sql.DB) {
	t.Helper()
	var checkpoint, entries string
	if !until(func() bool {
		text, err := f.get(&http.Client{Transport: f.killing}, "/log/checkpoint")
		lines := strings.Split(text, "\n")
		entries = strings.TrimSpace(f.ask(t, database, "SELECT count(*) FROM audit_events"))
		checkpoint = text
		return err == nil && len(lines) > 1 && lines[1] == entries
	}) {
		t.Errorf("the trail has %s entries, and the log says\n%s", entries, checkpoint)
	}
}

// receiptsVerify takes receipts as files, and checks them with the log's keys.
func (f *fleet) receiptsVerify(t *testing.T) {
	t.Helper()
	keys, err := f.get(&http.Client{Transport: f.killing}, "/log/keys")
	if err != nil {
		t.Fatal(err)
	}
	kept := writeFile(t, "keys", keys)
	for i, receipt := range f.receipts[max(0, len(f.receipts)-20):] {
		text := ""
		if !until(func() bool { text, err = f.get(receipt.operator.client, receipt.path+"/file"); return err == nil }) {
			t.Fatal(err)
		}
		verdict := f.run(t, nil, "audit", "receipt", writeFile(t, fmt.Sprintf("receipt-%d", i), text), "--keys", kept)
		if !strings.Contains(verdict, "verdict: sound: the log has this entry") {
			t.Errorf("a receipt: %s", verdict)
		}
	}
}

func (f *fleet) get(client *http.Client, path string) (string, error) {
	answer, err := client.Get(f.issuer + path)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, answer.Status)
	}
	return string(text), err
}
