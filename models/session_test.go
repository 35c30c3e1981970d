package models_test

import (
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

func identity(env *modelstest.Env) models.Identity {
	return models.Identity{Issuer: "https://staff.example", Subject: "op", Name: "Staff op",
		Roles: []models.Role{models.Operator, models.Supervisor}, AuthenticatedAt: env.Clock.Now()}
}

// docs/protocol.md §9: tokens rotate at sign-in, are hashed at rest, and end by
// idleness, absolutely and by signing out.
func TestSessionEnds(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		start := func(previous string) string {
			token, err := env.StartSession(env.Context, env.SignInBegun(t), identity(env), previous, modelstest.Address)
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		live := func(token string) bool {
			_, err := env.Session(env.Context, token)
			if err != nil && err != models.ErrSessionEnded {
				t.Fatal(err)
			}
			return err == nil
		}
		first := start("")
		if where := findInDatabase(t, env, first); where != "" {
			t.Errorf("the token is in clear in %s", where)
		}
		second := start(first)
		if got := env.Events(t, env.LastEvent(t)-2); !slices.Equal(got, []audit.Type{audit.StaffSignedOut, audit.StaffSignedIn}) {
			t.Errorf("events %v", got)
		}
		if live(first) || !live(second) || live("") || live("made up") {
			t.Error("the token did not rotate")
		}
		idle := models.DefaultPolicy().SessionIdle
		env.Clock.Advance(idle - time.Second)
		if !live(second) {
			t.Error("ended before the idle time")
		}
		env.Clock.Advance(idle - time.Second) // seen in between: still live
		if !live(second) {
			t.Error("being seen did not count")
		}
		env.Clock.Advance(idle)
		if live(second) {
			t.Error("live after the idle time")
		}
		third, began := start(""), env.Clock.Now()
		for env.Clock.Now().Before(began.Add(models.DefaultPolicy().SessionLifetime)) {
			if !live(third) {
				t.Fatal("ended early")
			}
			env.Clock.Advance(10 * time.Minute)
		}
		if live(third) {
			t.Error("live after the absolute end")
		}
	})
}

// docs/protocol.md §9: a counter is opened from its networks only.
func TestOpenCounterFromItsNetworks(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		counter, err := env.AddCounter(env.Context, models.NewCounter{Name: "Town hall", TimeZone: "Europe/Berlin",
			Networks: []string{"192.0.2.0/24", "2001:db8::/32"}})
		if err != nil {
			t.Fatal(err)
		}
		session := env.SignIn(t, "op", []models.Role{models.Operator})
		for address, want := range map[string]error{
			"192.0.2.9": nil, "::ffff:192.0.2.9": nil, "2001:db8::1": nil,
			"198.51.100.1": models.ErrCounterNetwork, "::1": models.ErrCounterNetwork,
		} {
			if err := env.OpenCounter(env.Context, session, counter.ID, netip.MustParseAddr(address)); !errors.Is(err, want) {
				t.Errorf("from %s: %v, want %v", address, err, want)
			}
		}
		if err := env.OpenCounter(env.Context, session, "no such", netip.MustParseAddr("192.0.2.9")); err != models.ErrNotFound {
			t.Errorf("no such counter: %v", err)
		}
	})
}

func TestAddCounterRefuses(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	for name, counter := range map[string]models.NewCounter{
		"no time zone":  {Name: "A"},
		"bad time zone": {Name: "A", TimeZone: "Nowhere/City"},
		"bad network":   {Name: "A", TimeZone: "UTC", Networks: []string{"192.0.2.1"}},
	} {
		if _, err := env.AddCounter(env.Context, counter); err == nil {
			t.Errorf("%s: added", name)
		}
	}
	env.CounterID(t, "A")
	if _, err := env.AddCounter(env.Context, models.NewCounter{Name: "A", TimeZone: "UTC"}); err != models.ErrExists {
		t.Errorf("the same name: %v", err)
	}
}

// A session brings the whole rows of its member of staff and its counter, also the columns that come with a later migration.
func TestSessionBringsWholeRows(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		ada := models.Identity{Issuer: "https://staff.example", Subject: "ada", Name: "Ada", Identifiers: []string{"K-1"},
			Roles: []models.Role{models.Operator}, AuthenticatedAt: env.Clock.Now()}
		token, err := env.StartSession(env.Context, env.SignInBegun(t), ada, "", modelstest.Address)
		if err != nil {
			t.Fatal(err)
		}
		session, err := env.Session(env.Context, token)
		if err != nil {
			t.Fatal(err)
		}
		counter := env.CounterID(t, "Town hall")
		if err := env.OpenCounter(env.Context, session.ID, counter, netip.MustParseAddr(modelstest.Address)); err != nil {
			t.Fatal(err)
		}
		mustExec(t, models.WriterForTest(env.Database), `UPDATE counters SET address = 'Square 1', hours = 'Mo 08:00-12:00',
			time_zone = 'Europe/Vienna', networks = '192.0.2.0/24'`)
		var staff models.Staff
		var place models.Counter
		if err := errors.Join(env.Reader().First(&staff).Error, env.Reader().First(&place, "id = ?", counter).Error); err != nil {
			t.Fatal(err)
		}
		if session, err = env.Session(env.Context, token); err != nil || session.Staff != staff || *session.Counter != place {
			t.Errorf("%+v, %v; want %+v, %+v", session, err, staff, place)
		}
		place.ClosedAt = 1 // a closed one is not found
		for _, row := range []any{staff, place} {
			for i, value := 0, reflect.ValueOf(row); i < value.NumField(); i++ {
				if value.Field(i).IsZero() {
					t.Errorf("this test gives %s no value", value.Type().Field(i).Name)
				}
			}
		}
	})
}
