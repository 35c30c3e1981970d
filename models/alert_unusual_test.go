package models_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// called are the alerts of a type, and the newest of them.
func called(t *testing.T, env *modelstest.Env, kind audit.Type) (int, models.TrailRow) {
	t.Helper()
	rows, err := env.Trail(env.Context, audit.Filter{Type: kind, Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		return 0, models.TrailRow{}
	}
	return len(rows), rows[0]
}

// wantsCalled holds the number of alerts of a type, and the count that the newest states.
func wantsCalled(t *testing.T, env *modelstest.Env, kind audit.Type, alerts, count int) {
	t.Helper()
	got, newest := called(t, env, kind)
	if got != alerts || alerts > 0 && *newest.Event.Facts.Count != count {
		t.Fatalf("%d alerts of %s, the newest %+v; want %d, %d", got, kind, newest.Event.Facts, alerts, count)
	}
}

// eachUnusual runs a test on both databases under rules of its own.
func eachUnusual(t *testing.T, unusual models.Unusual, run func(t *testing.T, env *modelstest.Env)) {
	t.Helper()
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			run(t, modelstest.Open(t, modelstest.Migrated(t, dialect), models.Policy{Unusual: unusual}))
		})
	}
}

// Wrong codes are counted at their counter over all accounts and operators; one alert an hour, whoever enters the last.
func TestWrongCodesAtACounterAreAnAlert(t *testing.T) {
	eachUnusual(t, models.Unusual{WrongCodes: 3}, func(t *testing.T, env *modelstest.Env) {
		hall := env.CounterID(t, "Town hall")
		nobodys, err := oauth.ParseUserCode("BCDF-GHJK")
		if err != nil {
			t.Fatal(err)
		}
		wrong := func(operator string) {
			t.Helper()
			session := operatorAt(t, env, operator, hall)
			hint := "ada" + env.Clock.Now().Format("150405.000000") + "@example.com"
			account := env.Account(t, hint)
			env.Request(t, env.Client(t), hint)
			if _, err := env.Match(env.Context, session, account, nobodys); err == nil {
				t.Fatal("a wrong code is taken")
			}
			env.Clock.Advance(5 * time.Minute)
		}
		for _, operator := range []string{"ann", "bob", "ann"} {
			wrong(operator)
		}
		wantsCalled(t, env, audit.WrongCodesUnusual, 0, 0)
		wrong("eve")
		wantsCalled(t, env, audit.WrongCodesUnusual, 1, 4)
		if _, alert := called(t, env, audit.WrongCodesUnusual); alert.AccountID != "" ||
			alert.StaffName != "Staff eve" || alert.CounterName != "Town hall" {
			t.Errorf("the alert is %+v", alert)
		}
		wrong("ann")
		wantsCalled(t, env, audit.WrongCodesUnusual, 1, 4)
		env.Clock.Advance(time.Hour)
		wrong("ann")
		wantsCalled(t, env, audit.WrongCodesUnusual, 1, 4)
	})
}

// One more account of a device than is usual is an alert about the visit; the same accounts again are none, nor are those of
// another device.
func TestOneDeviceForManyAccountsIsAnAlert(t *testing.T) {
	eachUnusual(t, models.Unusual{KeyAccounts: 2}, func(t *testing.T, env *modelstest.Env) {
		shared := env.Client(t)
		approve := func(client models.Client, hint string) models.IssuedCodes {
			t.Helper()
			account := accountOf(t, env, hint)
			codes := env.Request(t, client, hint)
			env.Approve(t, env.Operator(t, "op"), account, codes)
			return codes
		}
		for _, hint := range []string{"a@example.com", "b@example.com", "a@example.com"} {
			approve(shared, hint)
		}
		approve(env.Client(t), "c@example.com")
		wantsCalled(t, env, audit.KeySharedUnusual, 0, 0)
		codes := approve(shared, "c@example.com")
		wantsCalled(t, env, audit.KeySharedUnusual, 1, 3)
		_, alert := called(t, env, audit.KeySharedUnusual)
		if alert.DeviceAuthorizationID != codes.DeviceAuthorizationID || alert.AccountID == "" {
			t.Errorf("the alert is %+v", alert)
		}
		env.Clock.Advance(25 * time.Hour)
		approve(shared, "a@example.com")
		wantsCalled(t, env, audit.KeySharedUnusual, 1, 3)
		approve(shared, "d@example.com")
		wantsCalled(t, env, audit.KeySharedUnusual, 2, 4)
	})
}

// operatorAt signs an operator in at a counter that others have, too.
func operatorAt(t *testing.T, env *modelstest.Env, operator, counter string) string {
	t.Helper()
	session := env.SignIn(t, operator, []models.Role{models.Operator})
	if err := env.OpenCounter(env.Context, session, counter, netip.MustParseAddr(modelstest.Address)); err != nil {
		t.Fatal(err)
	}
	return session
}

// requestFrom asks for codes from an address.
func requestFrom(t *testing.T, env *modelstest.Env, client models.Client, hint, address string) models.IssuedCodes {
	t.Helper()
	codes, err := env.RequestDeviceAuthorization(env.Context, models.DeviceAuthorizationRequest{
		Client: client, LoginHint: hint, Scope: oauth.Scope{"account.read"}, Thumbprint: modelstest.Thumbprint, Address: address,
	})
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

// accountOf finds an account by its identifier, and makes it where there is none.
func accountOf(t *testing.T, env *modelstest.Env, hint string) string {
	t.Helper()
	var ids []string
	if err := env.Reader().Model(&models.AccountIdentifier{}).Where("identifier = ?", hint).Pluck("account_id", &ids).Error; err != nil {
		t.Fatal(err)
	}
	if len(ids) > 0 {
		return ids[0]
	}
	return env.Account(t, hint)
}

// Approvals of a week for many accounts that asked from one address are an alert, once. Requests alone are none, nor what
// comes from a counter's network, from nowhere, or from anywhere else.
func TestOneAddressForManyAccountsIsAnAlert(t *testing.T) {
	eachUnusual(t, models.Unusual{AddressAccounts: 2}, func(t *testing.T, env *modelstest.Env) {
		operator, number := env.Operator(t, "op"), 0
		approve := func(address string) {
			t.Helper()
			number++
			hint := fmt.Sprintf("ada%d@example.com", number)
			account, codes := env.Account(t, hint), requestFrom(t, env, env.Client(t), hint, address)
			for range 3 {
				requestFrom(t, env, env.Client(t), fmt.Sprintf("nobody%d@example.com", number), address)
			}
			env.Approve(t, operator, account, codes)
		}
		for range 2 {
			approve("192.0.2.1")
			approve("2001:db8::1")
		}
		approve("192.0.2.2")
		for range 4 {
			approve("")
		}
		wantsCalled(t, env, audit.AddressSharedUnusual, 0, 0)
		approve("192.0.2.1")
		wantsCalled(t, env, audit.AddressSharedUnusual, 1, 3)
		approve("192.0.2.1")
		wantsCalled(t, env, audit.AddressSharedUnusual, 1, 3)
		approve("2001:db8::7") // the same /64
		wantsCalled(t, env, audit.AddressSharedUnusual, 2, 3)
		err := models.WriterForTest(env.Database).Exec("UPDATE counters SET networks = '198.51.100.0/24 203.0.113.0/24'").Error
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			approve("203.0.113.9")
		}
		wantsCalled(t, env, audit.AddressSharedUnusual, 2, 3)
	})
}

// Visits of a week in which one operator overrules a difference are counted once each; one alert a week.
func TestOftenOverruledIsAnAlert(t *testing.T) {
	eachUnusual(t, models.Unusual{Overruled: 2}, func(t *testing.T, env *modelstest.Env) {
		account := env.Account(t, "ada@example.com")
		check := func(operator string, differs bool) {
			t.Helper()
			session, codes := env.Operator(t, operator), env.Request(t, env.Client(t), "ada@example.com")
			if _, err := env.Match(env.Context, session, account, codes.UserCode); err != nil {
				t.Fatal(err)
			}
			card := modelstest.Card()
			if differs {
				card.NameResult, card.NameReason = models.Differs, string(term.NameReasons()[0])
			}
			for range 3 {
				if err := env.Proof(env.Context, session, codes.DeviceAuthorizationID, card); err != nil {
					t.Fatal(err)
				}
			}
			env.Clock.Advance(time.Hour)
		}
		for _, differs := range []bool{true, false, true, false} {
			check("often", differs)
		}
		check("seldom", true)
		wantsCalled(t, env, audit.OverrulingUnusual, 0, 0)
		check("often", true)
		wantsCalled(t, env, audit.OverrulingUnusual, 1, 3)
		check("often", true)
		wantsCalled(t, env, audit.OverrulingUnusual, 1, 3)
	})
}

// A rule that is off calls nobody, and each has a number where nobody says one.
func TestUnusualIsSet(t *testing.T) {
	got := modelstest.SQLite(t, models.Policy{Unusual: models.Unusual{Overruled: -1}}).Policy().Unusual
	if want := (models.Unusual{WrongCodes: 20, Overruled: -1, TimesUsual: 3, KeyAccounts: 4, AddressAccounts: 20}); got != want {
		t.Errorf("%+v", got)
	}
	off := models.Unusual{WrongCodes: -1, Overruled: -1, TimesUsual: -1, KeyAccounts: -1, AddressAccounts: -1}
	env := modelstest.SQLite(t, models.Policy{Unusual: off, ApprovalAlert: -1})
	operator, client, before := env.Operator(t, "op"), env.Client(t), env.LastEvent(t)
	for i := range 25 {
		hint := fmt.Sprintf("ada%d@example.com", i)
		account := env.Account(t, hint)
		env.Approve(t, operator, account, requestFrom(t, env, client, hint, "192.0.2.1"))
	}
	for _, event := range env.Events(t, before) {
		if slices.Contains(audit.AlertTypes(), event) {
			t.Errorf("called: %s", event)
		}
	}
}

// Records of which a visit comes are usual, however many; those of which none comes are counted, also when the account was
// visited before.
func TestRecordsOpenedWithoutAVisitAreAnAlert(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			env := modelstest.Open(t, modelstest.Migrated(t, dialect), models.Policy{OpenedRecordsAlert: 2})
			operator := env.Operator(t, "op")
			open := func(hint string) (account string) {
				t.Helper()
				account = accountOf(t, env, hint)
				if err := env.OpenRecord(env.Context, operator, account, models.Operator, term.QueryExact); err != nil {
					t.Fatal(err)
				}
				return account
			}
			for i := range 5 {
				hint := fmt.Sprintf("visit%d@example.com", i)
				account := open(hint)
				codes := env.Request(t, env.Client(t), hint)
				if _, err := env.Match(env.Context, operator, account, codes.UserCode); err != nil {
					t.Fatal(err)
				}
				if err := env.Release(env.Context, operator, codes.DeviceAuthorizationID); err != nil {
					t.Fatal(err)
				}
			}
			open("a@example.com")
			open("b@example.com")
			wantsCalled(t, env, audit.OpenedRecordsUnusual, 0, 0)
			env.Clock.Advance(20 * time.Minute)
			open("visit0@example.com")
			wantsCalled(t, env, audit.OpenedRecordsUnusual, 1, 3)
			open("c@example.com")
			wantsCalled(t, env, audit.OpenedRecordsUnusual, 1, 3)
		})
	}
}
