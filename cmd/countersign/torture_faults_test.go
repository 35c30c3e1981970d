package main

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"countersign/models"
)

// breaks is one round: mostly a process is killed, and something else goes on beside that.
func (f *fleet) breaks(t *testing.T, d *replicated, round int) {
	t.Helper()
	switch round % 20 {
	case 3:
		d.primary.Stop()
		d.primary.Start()
	case 6, 16:
		d.primary.Freeze()
		time.Sleep(2 * time.Second) // others meet it
		d.primary.Thaw()
	case 9, 19:
		f.backIn(t, d.failOver(), backWithin)
		d.follow()
	case 10:
		n := f.nodes[rand.IntN(fleetSize)]
		exhaust(t, n.process.Process.Pid, n.address, n.log)
	case 13:
		f.readsOnly(t, d)
	case 14:
		f.reseals(t)
	default:
		f.beside(t, round%20)
		f.restarts(t, f.nodes[rand.IntN(fleetSize)])
	}
}

func (f *fleet) restarts(t *testing.T, n *node) {
	t.Helper()
	time.Sleep(time.Duration(rand.Int64N(int64(8 * time.Millisecond)))) // anywhere in what is going on
	f.killNode(t, n)
	f.startNode(t, n)
}

// clockOff is how far the clock of one process is from that of the others: less than proofs of phones may be from the future.
const clockOff = 45 * time.Second

// beside is what begins or ends in a round in which a process is killed.
func (f *fleet) beside(t *testing.T, round int) {
	t.Helper()
	switch round {
	case 0:
		f.mails.away()
	case 2:
		f.mails.listen(t)
	case 1, 11:
		f.run(t, f.store, "keys", "rotate", "--force")
	case 4:
		f.nodes[1].clock.set(t, -clockOff)
	case 5:
		f.nodes[1].clock.set(t, 0)
	case 7:
		f.provider.shut.Store(true)
		f.refusesSignIn(t)
	case 8:
		f.provider.shut.Store(false)
		f.atCounter(t, demoOperator)
	case 12:
		f.nodes[1].clock.set(t, clockOff)
	case 15:
		f.nodes[1].clock.set(t, 0)
	}
}

// mends ends what a round has begun, where no further round does.
func (f *fleet) mends(t *testing.T) {
	t.Helper()
	f.provider.shut.Store(false)
	for _, n := range f.nodes {
		n.clock.set(t, 0)
	}
	f.mails.away()
	f.mails.listen(t)
}

// refusesSignIn is somebody who signs in while the provider cannot be asked. Who has signed in goes on meanwhile.
func (f *fleet) refusesSignIn(t *testing.T) {
	t.Helper()
	browser, err := newOperatorBrowser(f.issuer)
	if err != nil {
		t.Fatal(err)
	}
	browser.client.Transport = f.killing
	if err := browser.SignIn(t.Context(), demoOperator); err == nil {
		t.Error("somebody signed in while the provider could not be asked")
	}
	if browser.status == 500 {
		t.Errorf("that was a fault: %q", browser.Title())
	}
}

// readsOnly lets the database take no writes for a while, as who does maintenance does. Each process says so.
func (f *fleet) readsOnly(t *testing.T, d *replicated) {
	t.Helper()
	d.primary.Do("postgres", "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
	f.someWork(t, 40)
	d.primary.Do("postgres", "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")
	for _, n := range f.nodes {
		if !strings.Contains(n.log.String(), string(models.ReadOnly)) {
			t.Errorf("%s did not meet it: %s", n.address, models.ReadOnly)
		}
	}
	f.backIn(t, time.Now(), backWithin)
}

// reseals gives the keys another master key. The processes go on with the old one until each is killed and started with the new one.
func (f *fleet) reseals(t *testing.T) {
	t.Helper()
	f.reseal(t)
	for _, n := range f.nodes {
		f.someWork(t, 20)
		f.restarts(t, n)
	}
}
