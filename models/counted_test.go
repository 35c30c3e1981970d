package models_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"maps"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"

	"github.com/go-jose/go-jose/v4"
)

// fromThere is a stranger whose acts have events, and fromHere one beyond the rate.
var (
	fromThere = models.Stranger{Address: modelstest.Address}
	fromHere  = models.Stranger{Address: modelstest.Address, Counted: true}
)

// crowd does what strangers can do beyond the rate.
type crowd struct {
	*modelstest.Env
	t *testing.T
}

func (c crowd) register() models.RegisteredClient {
	c.t.Helper()
	registration := c.registration()
	client, err := c.RegisterClient(c.Context, registration)
	if err != nil {
		c.t.Fatal(err)
	}
	return client
}

func (c crowd) registration() models.Registration {
	registration := modelstest.Registration(mustKey(c.t))
	registration.Counted = true
	return registration
}

func (c crowd) request(client models.Client, hint string) models.IssuedCodes {
	c.t.Helper()
	codes, err := c.RequestDeviceAuthorization(c.Context, models.DeviceAuthorizationRequest{
		Client: client, LoginHint: hint, Scope: modelstest.Scope(), Thumbprint: modelstest.Thumbprint, Address: "203.0.113.9", Counted: true,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return codes
}

// told sweeps, and returns what events say was counted since, by the end of the hour and the type.
func (c crowd) told() map[time.Time]map[audit.Type]int {
	c.t.Helper()
	before := c.LastEvent(c.t)
	if err := c.Sweep(c.Context); err != nil {
		c.t.Fatal(err)
	}
	return c.toldSince(before)
}

func (c crowd) toldSince(seq int64) map[time.Time]map[audit.Type]int {
	c.t.Helper()
	rows, err := c.Trail(c.Context, audit.Filter{Type: audit.EventsCounted, Limit: 500})
	if err != nil {
		c.t.Fatal(err)
	}
	told := map[time.Time]map[audit.Type]int{}
	for _, row := range rows {
		facts := row.Event.Facts
		end := time.Unix(*facts.Before, 0).UTC()
		switch {
		case row.Seq <= seq:
			continue
		case told[end] == nil:
			told[end] = map[audit.Type]int{}
		case told[end][audit.Type(facts.Reason)] != 0:
			c.t.Errorf("%s of the hour until %s are told twice", facts.Reason, end)
		}
		told[end][audit.Type(facts.Reason)] += *facts.Count
	}
	return told
}

func (c crowd) wantSound(when string) {
	c.t.Helper()
	if report, err := c.VerifyTrail(c.Context); err != nil || !report.OK() {
		c.t.Errorf("%s: %v, %v", when, report.Problems(), err)
	}
}

// everything is done once, and the client is superseded, replaced and deleted: all counted.
func (c crowd) everything() {
	c.t.Helper()
	client := c.register()
	for range models.WaitingPerPhone + 1 {
		c.Clock.Advance(time.Second)
		c.request(client.Client, "ada@example.com")
	}
	if _, err := c.ReplaceClient(c.Context, client.ID, client.RegistrationToken, c.registration()); err != nil {
		c.t.Fatal(err)
	}
	if err := c.DeleteClient(c.Context, client.ID, client.RegistrationToken, fromHere); err != nil {
		c.t.Fatal(err)
	}
	if err := c.RefuseSignIn(c.Context, term.SignInWithoutRole, fromHere); err != nil {
		c.t.Fatal(err)
	}
}

// docs/decisions/0035-counted-events.md: beyond the rate strangers' acts have no events, and one event an hour and type says
// how many there were; the trail accounts for what they made before, then and after it is swept.
func TestStrangersActsAreCounted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		c := crowd{env, t}
		env.Account(t, "ada@example.com")
		begin, before := env.Clock.Now(), env.LastEvent(t)
		c.everything()
		if got := env.Events(t, before); len(got) != 0 {
			t.Errorf("events %v", got)
		}
		c.wantSound("not told yet")
		hour := begin.Truncate(time.Hour).Add(time.Hour)
		env.Clock.Advance(hour.Add(10*time.Minute - time.Millisecond).Sub(env.Clock.Now()))
		if got := c.told(); len(got) != 0 {
			t.Errorf("too early it tells %v", got)
		}
		env.Clock.Advance(time.Millisecond)
		want := map[audit.Type]int{
			audit.ClientRegistered: 1, audit.DeviceAuthorizationRequested: 4, audit.DeviceAuthorizationSuperseded: 1,
			audit.ClientUpdated: 1, audit.ClientDeleted: 1, audit.StaffSignInRefused: 1,
		}
		if got := c.told(); len(got) != 1 || !maps.Equal(got[hour], want) {
			t.Errorf("told are %v, want %v of the hour until %s", got, want, hour)
		}
		if got := c.told(); len(got) != 0 {
			t.Errorf("a second time it tells %v", got)
		}
		c.wantSound("told")
		env.Clock.Advance(23 * aDay)
		c.told()
		for table, left := range rowsIn(t, env, "device_authorizations", "clients", "ending_rules", "counted_events") {
			if left != 0 {
				t.Errorf("%d rows of %s are left", left, table)
			}
		}
		c.wantSound("swept")
	})
}

// A key that changes at its jwks_uri is a stranger's act as well.
func TestChangedKeysAreCounted(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	c := crowd{env, t}
	registration := c.registration()
	registration.Metadata.JWKSURI, registration.KeyAsked = "https://app.example/keys", env.Clock.Now()
	client, err := env.RegisterClient(env.Context, registration)
	if err != nil {
		t.Fatal(err)
	}
	before := env.LastEvent(t)
	fresh := jose.JSONWebKeySet{Keys: c.registration().Metadata.JWKS.Keys}
	rotated, err := env.RotateClientKey(env.Context, client.ID, fresh, env.Clock.Now().Add(time.Minute), fromHere)
	if err != nil || len(env.Events(t, before)) != 0 || rotated.KeyChangedAt == 0 {
		t.Errorf("%v, events %v", err, env.Events(t, before))
	}
	env.Clock.Advance(2 * time.Hour)
	for _, told := range c.told() {
		if told[audit.ClientUpdated] != 1 {
			t.Errorf("told are %v", told)
		}
	}
}

// No limit holds refused sign-ins, so that the counted ones write once in ten seconds, and before an hour is told.
func TestRefusedSignInsAreGathered(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	c := crowd{env, t}
	refuse := func(times int) (written int) {
		for range times {
			if err := env.RefuseSignIn(env.Context, term.SignInWithoutRole, fromHere); err != nil {
				t.Fatal(err)
			}
		}
		if err := env.Reader().Raw("SELECT coalesce(sum(count), 0) FROM counted_events").Scan(&written).Error; err != nil {
			t.Fatal(err)
		}
		return written
	}
	if got := refuse(1000); got != 1 {
		t.Errorf("%d are written at once", got)
	}
	env.Clock.Advance(10 * time.Second)
	if got := refuse(500); got != 1001 {
		t.Errorf("%d are written ten seconds later", got)
	}
	env.Clock.Advance(2 * time.Hour)
	sum := 0
	for _, told := range c.told() {
		sum += told[audit.StaffSignInRefused]
	}
	if sum != 1500 {
		t.Errorf("%d are told", sum)
	}
}

// What is refused counts nothing: the count is of the same transaction as the act.
func TestRefusedActsAreNotCounted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		c := crowd{env, t}
		client := env.Client(t)
		again := c.registration()
		if _, err := env.RegisterClient(env.Context, again); err != nil {
			t.Fatal(err)
		}
		if _, err := env.RegisterClient(env.Context, again); err != models.ErrKeyRegistered {
			t.Fatal(err)
		}
		proofs := []models.UsedProof{{Kind: "assertion", ID: "once", Until: env.Clock.Now().Add(time.Minute)}}
		request := models.DeviceAuthorizationRequest{
			Client: client, LoginHint: "nobody", Scope: modelstest.Scope(), Counted: true, Proofs: proofs,
		}
		for i, want := range []error{nil, models.ErrReplayed} {
			if _, err := env.RequestDeviceAuthorization(env.Context, request); err != want {
				t.Fatalf("request %d: %v", i+1, err)
			}
		}
		env.Clock.Advance(2 * time.Hour)
		for _, told := range c.told() {
			if want := (map[audit.Type]int{audit.ClientRegistered: 1, audit.DeviceAuthorizationRequested: 1}); !maps.Equal(told, want) {
				t.Errorf("told are %v", told)
			}
		}
	})
}

func mustKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A visit's record is whole although its request was only counted: whatever names the request first says who made it for
// which account, when and from where, and since when there is the client.
func TestVisitNamesTheMakingOfACountedRequest(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		c, v := crowd{env, t}, newVisit(t, env)
		for state, kinds := range map[models.State][]audit.Type{
			models.Redeemed: {audit.CodeMatched, audit.DeviceBindingApproved}, models.Declined: {audit.DeviceAuthorizationDeclined},
		} {
			client := c.register()
			registered := env.Clock.Now().Unix()
			env.Clock.Advance(time.Minute)
			v.client, v.codes = client.Client, c.request(client.Client, "ada@example.com")
			requested := env.Clock.Now().Unix()
			env.Clock.Advance(time.Minute)
			v.to(t, state)
			rows, err := env.Trail(env.Context, audit.Filter{DeviceAuthorizationID: v.codes.DeviceAuthorizationID})
			if err != nil {
				t.Fatal(err)
			}
			for _, kind := range kinds {
				facts := factsOf(rows, kind)
				if facts.RequestedAt == nil || *facts.RequestedAt != requested || facts.RegisteredAt == nil || *facts.RegisteredAt != registered ||
					facts.RequestedFrom != "203.0.113.9" || facts.Client != client.ID || facts.Scope == "" {
					t.Errorf("%s states %+v", kind, facts)
				}
			}
		}
		c.wantSound("visited")
	})
}

// An event of its own names the client's registration where only that was counted, and nothing of the kind otherwise.
func TestRequestNamesACountedRegistration(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	c := crowd{env, t}
	for _, client := range []models.Client{c.register().Client, env.Client(t)} {
		codes := env.Request(t, client, "nobody@example.com")
		rows, err := env.Trail(env.Context, audit.Filter{DeviceAuthorizationID: codes.DeviceAuthorizationID})
		if err != nil {
			t.Fatal(err)
		}
		facts := factsOf(rows, audit.DeviceAuthorizationRequested)
		if counted := client.CountedHour != 0; (facts.RegisteredAt != nil) != counted || facts.RequestedAt != nil {
			t.Errorf("counted %t: %+v", counted, facts)
		}
	}
}

func factsOf(rows []models.TrailRow, kind audit.Type) audit.Facts {
	for _, row := range rows {
		if row.Event.Type == kind {
			return row.Event.Facts
		}
	}
	return audit.Facts{}
}

// Whoever takes rows' events, counts or hours away is found.
func TestTrailAccountsForWhatStrangersMade(t *testing.T) {
	for name, test := range map[string]struct{ statement, problem string }{
		"a request that nothing accounts for": {"UPDATE device_authorizations SET counted_hour = 0", "requests that no event says were made: 4"},
		"a client that nothing accounts for":  {"UPDATE clients SET counted_hour = 0", "clients that no event says were made: 1"},
		"counts that were taken away":         {"DELETE FROM counted_events", "but only 0 were told"},
		"another hour":                        {"UPDATE clients SET counted_hour = counted_hour - 3600000", "clients that say they were counted"},
	} {
		modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
			c := crowd{env, t}
			c.everything()
			c.wantSound(name)
			if err := models.WriterForTest(env.Database).Exec(test.statement).Error; err != nil {
				t.Fatal(err)
			}
			report, err := env.VerifyTrail(env.Context)
			if got := strings.Join(report.Problems(), "\n"); err != nil || report.OK() || !strings.Contains(got, test.problem) {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		})
	}
}
