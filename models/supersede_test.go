package models_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// from is a device authorization request that comes from an address.
func from(t *testing.T, env *modelstest.Env, client models.Client, loginHint, address string) models.IssuedCodes {
	t.Helper()
	env.Clock.Advance(time.Second)
	codes, err := env.RequestDeviceAuthorization(env.Context, models.DeviceAuthorizationRequest{
		Client: client, LoginHint: loginHint, Scope: oauth.Scope{"account.read"}, Thumbprint: modelstest.Thumbprint, Address: address,
	})
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

func phases(t *testing.T, env *modelstest.Env, all []models.IssuedCodes) []models.Phase {
	t.Helper()
	var list []models.Phase
	for _, codes := range all {
		d, err := env.DeviceAuthorization(env.Context, codes.DeviceAuthorizationID)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d.PhaseAt(models.At(env.Clock.Now())))
	}
	return list
}

// docs/protocol.md §6 strangers-request: of one phone's requests for one identifier three wait; the fourth is
// answered, and the oldest falls out, whether the identifier names an account or not.
func TestFourthRequestSupersedesTheOldest(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Account(t, "ada@example.com")
		for _, hint := range []string{"ada@example.com", "nobody@example.com"} {
			client := env.Client(t)
			var all []models.IssuedCodes
			for range models.WaitingPerPhone {
				all = append(all, from(t, env, client, hint, modelstest.Address))
			}
			before := env.LastEvent(t)
			all = append(all, from(t, env, client, " "+hint, "2001:db8::1")) // another spelling, another network
			want := []models.Phase{models.Expired, "pending", "pending", "pending"}
			if got := phases(t, env, all); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", hint, got, want)
			}
			events := []audit.Type{audit.DeviceAuthorizationSuperseded, audit.DeviceAuthorizationRequested}
			if got := env.Events(t, before); !slices.Equal(got, events) {
				t.Errorf("%s: events %v", hint, got)
			}
		}
	})
}

// What somebody handles does not fall out; the next oldest does.
func TestHandledRequestIsNotSuperseded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		if err := v.do("match", v.operator); err != nil {
			t.Fatal(err)
		}
		all := []models.IssuedCodes{v.codes}
		for range models.WaitingPerPhone {
			all = append(all, from(t, env, v.client, "ada@example.com", modelstest.Address))
		}
		want := []models.Phase{"matched", models.Expired, "pending", "pending"}
		if got := phases(t, env, all); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// Requests at the same moment are counted one after the other, on both databases.
func TestParallelRequestsKeepTheCap(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		account, client := env.Account(t, "ada@example.com"), env.Client(t)
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				_, err := env.RequestDeviceAuthorization(env.Context, models.DeviceAuthorizationRequest{
					Client: client, LoginHint: "ada@example.com", Scope: oauth.Scope{"account.read"}, Address: modelstest.Address})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		var waiting int64
		err := env.Reader().Raw("SELECT count(*) FROM device_authorizations WHERE account_id = ? AND pending_until > ?",
			account, models.At(env.Clock.Now())).Scan(&waiting).Error
		if err != nil || waiting != models.WaitingPerPhone {
			t.Errorf("%d requests wait, %v", waiting, err)
		}
	})
}

// docs/protocol.md §6 strangers-request: strangers push out nothing of the owner's, whether they come from the
// owner's network or from many, and the list stays short; the owner's code matches.
func TestStrangersCannotLockTheOwnerOut(t *testing.T) {
	for name, address := range map[string]func(i int) string{
		"one network":   func(int) string { return modelstest.Address },
		"one /64":       func(i int) string { return fmt.Sprintf("2001:db8::%x", i+1) },
		"many networks": func(i int) string { return fmt.Sprintf("198.51.100.%d", i+1) },
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				v := newVisit(t, env)
				for i := range 40 {
					from(t, env, env.Client(t), "ada@example.com", address(i))
				}
				view, err := env.Store.Account(env.Context, v.account)
				if err != nil || len(view.Requests) > 30 || len(view.Requests)+view.NotShown != 41 {
					t.Fatalf("%d requests shown and %d not, %v", len(view.Requests), view.NotShown, err)
				}
				if len(view.Requests) != 3 {
					t.Errorf("%d requests of one app are shown", len(view.Requests))
				}
				if name == "one /64" && !isShown(view, v.codes) {
					t.Error("a flood from one network hides the owner's request from another")
				}
				if err := v.do("match", v.operator); err != nil {
					t.Errorf("the owner's code: %v", err)
				}
				if view, err = env.Store.Account(env.Context, v.account); err != nil || !isShown(view, v.codes) {
					t.Errorf("what is being handled is not shown: %v", err)
				}
			})
		})
	}
}

// docs/decisions/0011-pending-requests.md: three of each app are shown, of those that
// wait and of those that ended, and every other app has places of its own; what is being
// handled takes none of them.
func TestListIsBoundedByApp(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		if err := v.do("match", v.operator); err != nil {
			t.Fatal(err)
		}
		other := env.Client(t)
		if err := models.WriterForTest(env.Database).Exec("UPDATE clients SET software_id = 'another-app' WHERE id = ?",
			other.ID).Error; err != nil {
			t.Fatal(err)
		}
		from(t, env, other, "ada@example.com", "198.51.100.1") // older than all that follow
		for i := range 5 {
			address := fmt.Sprintf("198.51.100.%d", i+1)
			from(t, env, env.Client(t), "ada@example.com", address)
			ended := from(t, env, env.Client(t), "ada@example.com", address)
			if err := env.Decline(env.Context, v.other, ended.DeviceAuthorizationID, "other"); err != nil {
				t.Fatal(err)
			}
		}
		view, err := env.Store.Account(env.Context, v.account)
		if err != nil {
			t.Fatal(err)
		}
		shown := map[string]int{}
		for _, request := range view.Requests {
			shown[request.SoftwareID+" "+string(request.Phase)]++
		}
		want := map[string]int{"test-app matched": 1, "test-app pending": 3, "another-app pending": 1, "test-app declined": 3}
		if !maps.Equal(shown, want) || view.NotShown != 2 {
			t.Errorf("shown are %v and %d not, want %v and 2", shown, view.NotShown, want)
		}
	})
}

func isShown(view models.AccountView, codes models.IssuedCodes) bool {
	return slices.ContainsFunc(view.Requests, func(r models.RequestView) bool { return r.ID == codes.DeviceAuthorizationID })
}

// Limits count an IPv6 address by its /64, and an IPv4 address however it is written.
func TestNetworkOf(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"64:ff9b::192.0.2.7": "192.0.2.7", "64:ff9b:1::c000:207": "64:ff9b:1::/64",
		"fe80::1%eth0": "fe80::/64", "::1": "::/64", "": "", "nonsense": "",
	} {
		if got := models.NetworkOf(address); got != want {
			t.Errorf("NetworkOf(%q) = %q, want %q", address, got, want)
		}
	}
}

// docs/protocol.md §6 limiter-reset: an operator's wrong codes are counted over all accounts, sessions and
// counters; a right code in between does not set the count back, time does.
func TestWrongCodesOfAnOperator(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		limit := env.Policy().WrongCodesPerOperator
		for i := range limit {
			account := env.Account(t, fmt.Sprintf("wrong%d@example.com", i/4))
			session := env.Operator(t, "guesser")
			var wrong *models.WrongCodeError
			if _, err := env.Match(env.Context, session, account, v.codes.UserCode); !errors.As(err, &wrong) {
				t.Fatalf("wrong code %d: %v", i+1, err)
			}
			if i == 2 {
				if err := errors.Join(v.do("match", session), v.do("release", session)); err != nil {
					t.Fatal(err)
				}
			}
		}
		session, before := env.Operator(t, "guesser"), env.LastEvent(t)
		var tooMany *models.TooManyError
		if err := v.do("match", session); !errors.As(err, &tooMany) || tooMany.RetryAfter <= 0 || tooMany.RetryAfter > time.Hour {
			t.Fatalf("the right code after %d wrong ones: %v", limit, err)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.DecisionRefused}) {
			t.Errorf("events %v", got)
		}
		if err := errors.Join(v.do("match", v.operator), v.do("release", v.operator)); err != nil {
			t.Errorf("another operator: %v", err)
		}
		env.Clock.Advance(tooMany.RetryAfter)
		if err := v.do("match", env.Operator(t, "guesser")); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	})
}
