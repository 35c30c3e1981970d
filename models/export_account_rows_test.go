package models_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// The stranger of these tests, whose phone names somebody else's account.
const (
	strangersAddress = "198.51.100.77"
	strangersKey     = "strangers-key-8901234567890123456789012345a"
	strangersApp     = "Mallory's app"
	strangersText    = "Mallory's own words"
)

// strangersRequest is one for an account that the stranger only names.
func strangersRequest(t *testing.T, env *modelstest.Env, loginHint string) (models.Client, models.IssuedCodes) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	registration := modelstest.Registration(key)
	registration.Address, registration.Metadata.ClientName = strangersAddress, strangersApp
	client, err := env.RegisterClient(env.Context, registration)
	if err != nil {
		t.Fatal(err)
	}
	codes, err := env.RequestDeviceAuthorization(env.Context, models.DeviceAuthorizationRequest{
		Client: client.Client, LoginHint: loginHint, Scope: oauth.Scope{"account.read"}, Thumbprint: strangersKey,
		Instance: oauth.Instance{Name: "As told in notices", Description: strangersText}, Address: strangersAddress,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client.Client, codes
}

// A phone that names an account, and that nobody brought to a counter, is somebody else's: nothing of it leaves but what its request
// was, also when it was declined as suspicious, and when the request itself has been swept.
func TestAccountExportHasNothingOfStrangers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Redeemed)
		client, codes := strangersRequest(t, env, "ada@example.com")
		if err := env.Decline(env.Context, v.operator, codes.DeviceAuthorizationID, "suspicious"); err != nil {
			t.Fatal(err)
		}
		alert := trailOf(t, env, audit.SuspicionReported)
		if err := env.NoteAlert(env.Context, v.supervisor, alert.ID, "Mallory was seen"); err != nil {
			t.Fatal(err)
		}
		for _, requests := range []int{2, 1} { // the second time without the stranger's, which was swept
			parts := v.exportWithout(t, client.JWKThumbprint)
			if len(parts["requests"]) != requests || len(parts["devices"]) != 1 || parts["devices"][0]["id"] != v.client.ID {
				t.Errorf("%d requests, devices %v", len(parts["requests"]), parts["devices"])
			}
			env.Clock.Advance(models.DefaultPolicy().Keep.Requests + 30*aDay)
			if err := env.Sweep(env.Context); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// exportWithout exports, and wants what the holder's phone says of itself, what is withheld to be named, and none of a stranger's.
func (v *visit) exportWithout(t *testing.T, thumbprint string) map[string][]map[string]any {
	t.Helper()
	if err := v.BeginAccountExport(v.Context, v.account); err != nil {
		t.Fatal(err)
	}
	parts, text := exportOf(t, v.Env, v.account)
	for _, not := range []string{strangersAddress, strangersKey, strangersApp, strangersText, thumbprint, "Mallory"} {
		if strings.Contains(text, not) {
			t.Errorf("%q is in the export", not)
		}
	}
	for _, part := range []string{"beside_events", "events", "ended_together", "notes_on_alerts"} {
		if !slices.ContainsFunc(parts[part], func(row map[string]any) bool { return row["withheld"] != nil }) {
			t.Errorf("%s says of nothing that it is withheld", part)
		}
	}
	for _, request := range parts["requests"] {
		withheld, _ := request["withheld"].([]string)
		if request["id"] == v.codes.DeviceAuthorizationID {
			if request["address"] != modelstest.Address || request["jwk_thumbprint"] != modelstest.Thumbprint || withheld != nil {
				t.Errorf("their own request: %v", request)
			}
			continue
		}
		want := []string{"instance_description", "address", "network", "jwk_thumbprint"}
		if request["instance_name"] != "As told in notices" || !slices.Equal(withheld, want) {
			t.Errorf("the stranger's request: %v", request)
		}
	}
	return parts
}

// A flood of requests costs a few statements a page, each row leaves once, and the database is not read while somebody is told.
func TestAccountExportReadsByPages(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		const flood, statementsAtMost = 2500, 60
		v := newVisit(t, env)
		v.to(t, models.Redeemed)
		many(t, env, flood, `device_authorizations (id, client_id, account_id, device_code_hash, user_code_mac, scope, address,
			poll_interval, state, created_at, pending_until)`, `'flood' || n.i, d.client_id, d.account_id, 'h' || n.i, 'm' || n.i, d.scope,
			d.address, d.poll_interval, 'pending', d.created_at, d.pending_until FROM n CROSS JOIN device_authorizations AS d WHERE d.id = ?`,
			v.codes.DeviceAuthorizationID)
		pool, err := env.Reader().DB()
		if err != nil {
			t.Fatal(err)
		}
		statements, rows, seen := 0, 0, map[any]bool{}
		env.Watch(func(string, []any) { statements++ })
		for _, part := range models.AccountParts() {
			err := env.AccountRows(env.Context, v.account, part, func(row map[string]any) error {
				if open := pool.Stats().InUse; open != 0 {
					return fmt.Errorf("%d connections read meanwhile", open)
				}
				if part.Name == "requests" {
					rows, seen[row["id"]] = rows+1, true
				}
				return nil
			})
			if err != nil {
				t.Fatalf("%s: %v", part.Name, err)
			}
		}
		if rows != flood+1 || len(seen) != rows || statements > statementsAtMost {
			t.Errorf("%d rows of %d requests, by %d statements", rows, len(seen), statements)
		}
	})
}

// What a phone calls itself stays a text.
func TestAccountExportGivesTextsAsTexts(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	const name = `{"status":"erased"}`
	account := env.Account(t, "ada@example.com")
	_, err := env.RequestDeviceAuthorization(env.Context, models.DeviceAuthorizationRequest{
		Client: env.Client(t), LoginHint: "ada@example.com", Scope: oauth.Scope{"account.read"}, Thumbprint: modelstest.Thumbprint,
		Instance: oauth.Instance{Name: name}, Address: modelstest.Address,
	})
	if err != nil {
		t.Fatal(err)
	}
	if parts, _ := exportOf(t, env, account); parts["requests"][0]["instance_name"] != name {
		t.Errorf("a phone calls itself %v", parts["requests"][0]["instance_name"])
	}
}
