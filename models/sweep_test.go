package models_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

const aDay = 24 * time.Hour

// rowsIn counts the rows of tables.
func rowsIn(t *testing.T, env *modelstest.Env, tables ...string) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, table := range tables {
		var count int
		if err := env.Reader().Raw("SELECT count(*) FROM " + table).Scan(&count).Error; err != nil {
			t.Fatal(err)
		}
		counts[table] = count
	}
	return counts
}

// sweptSince sweeps and returns what the trail says of it: how many rows of each kind.
func sweptSince(t *testing.T, env *modelstest.Env) map[term.Swept]int {
	t.Helper()
	last := env.LastEvent(t)
	if err := env.Sweep(env.Context); err != nil {
		t.Fatal(err)
	}
	rows, err := env.Trail(env.Context, audit.Filter{Limit: 20})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[term.Swept]int{}
	for _, row := range rows {
		if row.Seq > last && row.Event.Type == audit.RowsSwept {
			kinds[term.Swept(row.Event.Facts.Reason)] = *row.Event.Facts.Count
		}
	}
	return kinds
}

// docs/decisions/0029-sweeping.md: what strangers and years pile up goes when its time is over, with one event a kind, and
// what an approval rests on stays.
func TestSweepRemovesWhatIsOver(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		env.Client(t) // never asks
		declined := *v
		declined.account, declined.client = env.Account(t, "kim@example.com"), env.Client(t)
		declined.codes = env.Request(t, declined.client, "kim@example.com")
		declined.to(t, models.Declined)
		v.to(t, models.Redeemed)
		if want := (map[term.Swept]int{}); !maps.Equal(sweptSince(t, env), want) {
			t.Error("a sweep removes what is not over")
		}

		env.Clock.Advance(8 * aDay)
		if got, want := sweptSince(t, env), (map[term.Swept]int{term.SweptClients: 1}); !maps.Equal(got, want) {
			t.Errorf("after 8 days %v, want %v", got, want)
		}
		env.Clock.Advance(15 * aDay)
		want := map[term.Swept]int{term.SweptRequests: 1, term.SweptClients: 1}
		if got := sweptSince(t, env); !maps.Equal(got, want) {
			t.Errorf("after 23 days %v, want %v", got, want)
		}
		left := map[string]int{"device_authorizations": 1, "clients": 1, "bindings": 1, "proofings": 1}
		if got := rowsIn(t, env, "device_authorizations", "clients", "bindings", "proofings"); !maps.Equal(got, left) {
			t.Errorf("left are %v, want %v", got, left)
		}
		env.Clock.Advance(70 * aDay)
		if got := sweptSince(t, env)[term.SweptSessions]; got == 0 {
			t.Error("the addresses of old sessions stay")
		}
		if got := sweptSince(t, env); len(got) != 0 {
			t.Errorf("a second sweep finds %v", got)
		}
		if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() {
			t.Errorf("the trail: %v, %v", report.Problems(), err)
		}
	})
}

// A client whose phone could not register again by itself, or must not, stays.
func TestSweepKeepsClientsThatCannotComeBack(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		disabled := env.Client(t)
		if err := env.DisableClient(env.Context, disabled.ID); err != nil {
			t.Fatal(err)
		}
		waiting := env.Client(t)
		env.Clock.Advance(6 * aDay)
		env.Request(t, waiting, "nobody@example.com")
		env.Clock.Advance(2 * aDay)
		if got := sweptSince(t, env); len(got) != 0 {
			t.Errorf("swept %v", got)
		}
		if got := rowsIn(t, env, "clients")["clients"]; got != 2 {
			t.Errorf("%d clients are left", got)
		}
	})
}

// A stranger who has filled a network's places for an identifier keeps nobody out who asks from elsewhere, or for
// another identifier.
func TestNetworkHasRoom(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Account(t, "ada@example.com")
		env.Account(t, "kim@example.com")
		from := func(client models.Client, hint, address string) error {
			_, err := env.RequestDeviceAuthorization(env.Context,
				models.DeviceAuthorizationRequest{Client: client, LoginHint: hint, Scope: modelstest.Scope(), Address: address})
			return err
		}
		if err := from(env.Client(t), "ada@example.com", "203.0.113.9"); err != nil {
			t.Fatal(err)
		}
		fill(t, env, 999)
		var full *models.TooManyError
		if err := from(env.Client(t), "ada@example.com", "203.0.113.9"); !errors.As(err, &full) || full.What != models.WaitingPerNetwork {
			t.Errorf("the 1,001st: %v", err)
		}
		for _, c := range []struct{ hint, address string }{{"ada@example.com", "198.51.100.7"}, {"kim@example.com", "203.0.113.9"},
			{"ada@example.com", ""}} {
			if err := from(env.Client(t), c.hint, c.address); err != nil {
				t.Errorf("%s from %q: %v", c.hint, c.address, err)
			}
		}
		env.Clock.Advance(7 * aDay)
		if err := from(env.Client(t), "ada@example.com", "203.0.113.9"); err != nil {
			t.Errorf("when they are over: %v", err)
		}
	})
}

// fill copies the only request so often.
func fill(t *testing.T, env *modelstest.Env, times int) {
	t.Helper()
	err := models.WriterForTest(env.Database).Exec(`INSERT INTO device_authorizations
		(id, client_id, account_id, device_code_hash, user_code_mac, scope, address, network, login_hint_mac,
			poll_interval, state, created_at, pending_until)
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		SELECT 'f' || n.i, d.client_id, d.account_id, 'h' || n.i, 'm' || n.i, d.scope, d.address, d.network, d.login_hint_mac,
			d.poll_interval, d.state,
			d.created_at, d.pending_until FROM device_authorizations AS d, n`, times).Error
	if err != nil {
		t.Fatal(err)
	}
}
