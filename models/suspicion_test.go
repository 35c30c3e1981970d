package models_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// RFC 10027, detect and remediate; docs/protocol.md §6 strangers-request: a decline as suspicious ends what the
// same phone or network asked for the account, and what that phone holds of it. The
// owner's request of the same app from elsewhere stays.
func TestSuspiciousDeclineEndsItsSiblings(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env) // the owner's, from modelstest.Address
		attacker := env.Client(t)
		held := from(t, env, attacker, "ada@example.com", "198.51.100.1")
		binding := env.Approve(t, v.other, v.account, held).Binding
		all := []models.IssuedCodes{
			from(t, env, attacker, "ada@example.com", "198.51.100.1"),
			from(t, env, attacker, "ada@example.com", "2001:db8::1"),       // the same phone elsewhere
			from(t, env, env.Client(t), "ada@example.com", "198.51.100.1"), // another phone there
			v.codes,
		}
		before := env.LastEvent(t)
		if err := env.Decline(env.Context, v.operator, all[0].DeviceAuthorizationID, term.DeclineSuspicious); err != nil {
			t.Fatal(err)
		}
		want := []models.Phase{"declined", "declined", "declined", "pending"}
		if got := phases(t, env, all); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		declined := audit.DeviceAuthorizationDeclined
		events := []audit.Type{declined, audit.DeviceBindingRevoked, audit.SuspicionReported}
		if got := env.Events(t, before); !slices.Equal(got, events) {
			t.Errorf("events %v", got)
		}
		if count := lastEvent(t, env).Facts.Count; count == nil || *count != 2 {
			t.Errorf("the event counts %v", count)
		}
		if _, err := env.Redeem(env.Context, models.Redemption{ClientID: attacker.ID, DeviceCode: held.DeviceCode,
			Thumbprint: modelstest.Thumbprint}); !errors.Is(err, models.ErrBindingRevoked) {
			t.Errorf("binding %s: %v", binding.ID, err)
		}
		isAlert(t, env, audit.SuspicionReported)
	})
}

func lastEvent(t *testing.T, env *modelstest.Env) audit.Event {
	t.Helper()
	rows, err := env.Trail(env.Context, audit.Filter{Limit: 1})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d entries, %v", len(rows), err)
	}
	return rows[0].Event
}

func isAlert(t *testing.T, env *modelstest.Env, want audit.Type) {
	t.Helper()
	alerts, err := env.Alerts(env.Context)
	if err != nil || len(alerts.Newest) == 0 || alerts.Newest[0].Event.Type != want {
		t.Errorf("alerts %+v, %v", alerts, err)
	}
}

// A request that another session handles is that operator's to decide.
func TestSuspiciousDeclineLeavesWhatOthersHandle(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		if err := v.do("match", v.other); err != nil {
			t.Fatal(err)
		}
		second := from(t, env, v.client, "ada@example.com", modelstest.Address)
		if err := env.Decline(env.Context, v.operator, second.DeviceAuthorizationID, term.DeclineSuspicious); err != nil {
			t.Fatal(err)
		}
		if got := v.state(t); got != models.Matched {
			t.Errorf("now %s", got)
		}
	})
}

// Any other reason ends nothing but the request itself.
func TestOtherDeclinesEndNoSiblings(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	second := from(t, env, v.client, "ada@example.com", modelstest.Address)
	before := env.LastEvent(t)
	if err := env.Decline(env.Context, v.operator, second.DeviceAuthorizationID, "customer_left"); err != nil {
		t.Fatal(err)
	}
	if got := env.Events(t, before); v.state(t) != models.Pending || !slices.Equal(got, []audit.Type{audit.DeviceAuthorizationDeclined}) {
		t.Errorf("the other one is %s, events %v", v.state(t), got)
	}
}

// docs/architecture.md §6, unique codes: a code that was spent, declined or ran out and comes
// back at the counter is a wrong code, and an alert. A code that never was is no alert.
func TestSpentCodeIsAnAlert(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		old := v.codes
		for _, end := range []struct {
			name string
			do   func()
		}{
			{"approved", func() { v.to(t, models.Approved) }},
			{"declined", func() { v.to(t, models.Declined) }},
			{"expired", func() { env.Clock.Advance(env.Policy().PendingWindow); v.signIn(t) }},
		} {
			v.codes = env.Request(t, v.client, "ada@example.com")
			old = v.codes
			end.do()
			before := env.LastEvent(t)
			var wrong *models.WrongCodeError
			if _, err := env.Match(env.Context, v.operator, v.account, old.UserCode); !errors.As(err, &wrong) {
				t.Errorf("%s: %v", end.name, err)
			}
			if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.SpentCodeEntered, audit.CodeMatchFailed}) {
				t.Errorf("%s: events %v", end.name, got)
			}
			alerts, err := env.Alerts(env.Context)
			if err != nil || len(alerts.Newest) == 0 || alerts.Newest[0].Event.Facts.Reason != end.name {
				t.Errorf("%s: alerts %+v, %v", end.name, alerts, err)
			}
		}
		before := env.LastEvent(t)
		_, _ = env.Match(env.Context, v.operator, v.account, wrongCode(t, v, func(s string) string { return s }))
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.CodeMatchFailed}) {
			t.Errorf("a code that never was: %v", got)
		}
	})
}

// RFC 9449 §5, docs/architecture.md §6: a refresh token that comes with another key ends
// its binding at once, and is an alert, once.
func TestRefreshWithAnotherKeyRevokes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		tokens, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
		if err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Minute)
		before := env.LastEvent(t)
		wrong := models.Refreshment{ClientID: v.client.ID, RefreshToken: tokens.RefreshToken, Thumbprint: "9" + modelstest.Thumbprint[1:]}
		for range 2 {
			if _, err := env.Refresh(env.Context, wrong); !errors.Is(err, models.ErrWrongKey) {
				t.Errorf("another key: %v", err)
			}
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.WrongKeyUsed, audit.DeviceBindingRevoked}) {
			t.Errorf("events %v", got)
		}
		if _, err := env.LookUpRefreshToken(env.Context, v.client.ID, tokens.RefreshToken); !errors.Is(err, models.ErrUnknownToken) {
			t.Errorf("introspection: %v", err)
		}
		isAlert(t, env, audit.WrongKeyUsed)
	})
}
