package models_test

import (
	"slices"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// withApp registers the app that the test's phones run.
func withApp(t *testing.T, env *modelstest.Env) {
	t.Helper()
	_, err := env.AddSoftware(env.Context, models.NewSoftware{Publisher: "Example Apps", SoftwareID: "test-app", Name: "Pocket Wallet",
		Scope: oauth.Scope{"account.read"}})
	if err != nil {
		t.Fatal(err)
	}
}

// An export of one app's events has those of all its clients and of no other's, and its own event says so.
func TestExportOfAnApp(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		withApp(t, env)
		v := newVisit(t, env)
		v.to(t, models.Redeemed)
		second := env.Client(t)
		of, _ := env.ClientOf(t, "other-app")
		env.Request(t, of, "ada@example.com")
		filter := audit.Filter{SoftwareID: "test-app"}
		export := begun(t, env, v.supervisor, filter)
		seen := map[string]int{}
		for _, row := range exported(t, env, export) {
			seen[row.ClientID]++
		}
		if len(seen) != 2 || seen[v.client.ID] < 5 || seen[second.ID] == 0 {
			t.Errorf("entries of clients: %v", seen)
		}
		rows, err := env.Trail(env.Context, audit.Filter{Type: audit.TrailExported, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if began := rows[0]; !slices.Equal(began.Event.Facts.Filter, []string{"software=test-app"}) ||
			began.About.Filter["software"] != "Pocket Wallet" {
			t.Errorf("it began as %v, of %v", began.Event.Facts.Filter, began.About.Filter)
		}
	})
}

// An event's page names the registered app of its client, or the app that the event itself is about, and none that nobody has
// registered.
func TestEventNamesItsApp(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		withApp(t, env)
		env.Client(t)
		env.ClientOf(t, "other-app")
		rows, err := env.Trail(env.Context, audit.Filter{Types: []audit.Type{audit.PublisherAdded, audit.ClientRegistered}, Limit: 3})
		if err != nil || len(rows) != 3 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for i, want := range []string{"", "Pocket Wallet", "Pocket Wallet"} {
			event, err := env.Event(env.Context, rows[i].ID)
			if err != nil || event.AppName != want || (event.AppID == "test-app") != (want != "") {
				t.Errorf("%s: %q, %q, %v", event.Type, event.AppID, event.AppName, err)
			}
		}
	})
}

// What a client did that a sweep has removed is not among the events of its app, as the page says.
func TestRemovedClientIsOfNoApp(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Client(t) // never asks
		filter := audit.Filter{SoftwareID: "test-app"}
		found, err := env.SearchTrail(env.Context, filter)
		if err != nil || len(found.Rows) != 1 {
			t.Fatalf("%d rows, %v", len(found.Rows), err)
		}
		env.Clock.Advance(8 * aDay)
		if err := env.Sweep(env.Context); err != nil {
			t.Fatal(err)
		}
		if found, err = env.SearchTrail(env.Context, filter); err != nil || len(found.Rows) != 0 {
			t.Errorf("%d rows, %v", len(found.Rows), err)
		}
	})
}
