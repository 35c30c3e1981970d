package models_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

var anywhere = netip.MustParseAddr("192.0.2.1")

// counterOf makes a counter and opens it in a session.
func counterOf(t *testing.T, env *modelstest.Env, session, name string) models.Counter {
	t.Helper()
	counter, err := env.AddCounter(env.Context,
		models.NewCounter{Name: name, Address: "1 Square", Hours: "9 to 17", TimeZone: "Europe/Berlin"})
	if err != nil {
		t.Fatal(err)
	}
	if err := env.OpenCounter(env.Context, session, counter.ID, anywhere); err != nil {
		t.Fatal(err)
	}
	return counter
}

// Each part of a counter is checked, and nothing of a wrong one is kept.
func TestCheckCounter(t *testing.T) {
	t.Parallel()
	good := models.NewCounter{Name: "Town hall", Address: "1 Square", Hours: "9 to 17", TimeZone: "Europe/Lisbon",
		Networks: []string{"192.0.2.0/24", "2001:db8::/32"}}
	if wrong := models.CheckCounter(good); len(wrong) > 0 {
		t.Errorf("a good one: %v", wrong)
	}
	for _, c := range []struct {
		field, value string
		change       func(*models.NewCounter)
	}{
		{models.CounterName, "", func(c *models.NewCounter) { c.Name = "" }},
		{models.CounterName, "Town\u202ehall", func(c *models.NewCounter) { c.Name = "Town\u202ehall" }},
		{models.CounterAddress, "", func(c *models.NewCounter) { c.Address = "" }},
		{models.CounterAddress, strings.Repeat("x", 201), func(c *models.NewCounter) { c.Address = strings.Repeat("x", 201) }},
		{models.CounterHours, "9\x07", func(c *models.NewCounter) { c.Hours = "9\x07" }},
		{models.CounterTimeZone, "", func(c *models.NewCounter) { c.TimeZone = "" }},
		{models.CounterTimeZone, "Local", func(c *models.NewCounter) { c.TimeZone = "Local" }},
		{models.CounterTimeZone, "Europe/Atlantis", func(c *models.NewCounter) { c.TimeZone = "Europe/Atlantis" }},
		{models.CounterTimeZone, "../etc/passwd", func(c *models.NewCounter) { c.TimeZone = "../etc/passwd" }},
		{models.CounterNetworks, "192.0.2.7/24", func(c *models.NewCounter) { c.Networks = []string{"192.0.2.7/24"} }},
		{models.CounterNetworks, "192.0.2.7", func(c *models.NewCounter) { c.Networks = []string{"192.0.2.7"} }},
		{models.CounterNetworks, "::ffff:192.0.2.0/120", func(c *models.NewCounter) { c.Networks = []string{"::ffff:192.0.2.0/120"} }},
	} {
		counter := good
		c.change(&counter)
		if wrong := models.CheckCounter(counter); !slices.Equal(wrong, []models.CounterProblem{{Field: c.field, Value: c.value}}) {
			t.Errorf("%s %q: %v", c.field, c.value, wrong)
		}
	}
	good.Networks = slices.Repeat([]string{"192.0.2.0/24"}, models.MaxCounterNetworks+1)
	if len(models.CheckCounter(good)) != 1 {
		t.Error("too many networks are taken")
	}
}

// A change names its fields and not their values; what is the same is no event.
func TestChangeCounter(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		admin := administrator(t, env)
		change := models.NewCounter{SessionID: admin, Name: "Town hall", Address: "1 Square", Hours: "9 to 17", TimeZone: "Europe/Berlin"}
		counter, err := env.AddCounter(env.Context, change)
		if err != nil {
			t.Fatal(err)
		}
		other := change
		other.Name = "Library"
		if _, err := env.AddCounter(env.Context, other); err != nil {
			t.Fatal(err)
		}
		before := env.LastEvent(t)
		if err := env.ChangeCounter(env.Context, counter.ID, change); err != nil || env.LastEvent(t) != before {
			t.Errorf("no change: %v, events %v", err, env.Events(t, before))
		}
		change.Hours, change.Networks = "secret hours", []string{"192.0.2.0/24"}
		if err := env.ChangeCounter(env.Context, counter.ID, change); err != nil {
			t.Fatal(err)
		}
		rows, err := env.Trail(env.Context, audit.Filter{Limit: 1})
		if err != nil || rows[0].Event.Type != audit.CounterChanged || rows[0].Event.Facts.Reason != "hours networks" ||
			strings.Contains(rows[0].SET, "secret") ||
			rows[0].Event.Facts.Session != admin {
			t.Errorf("event %+v, %v", rows, err)
		}
		if now, err := env.Counter(env.Context, counter.ID); err != nil || now.Hours != "secret hours" || now.Networks != "192.0.2.0/24" {
			t.Errorf("%+v, %v", now, err)
		}
		for name, c := range map[string]struct {
			id     string
			change models.NewCounter
			want   error
		}{
			"another's name":  {counter.ID, other, models.ErrExists},
			"no such counter": {"no", change, models.ErrNotFound},
			"not an administrator": {counter.ID, models.NewCounter{SessionID: env.Operator(t, "op"), Name: "X", TimeZone: "UTC"},
				models.ErrNotAllowed},
		} {
			before := env.LastEvent(t)
			if err := env.ChangeCounter(env.Context, c.id, c.change); err != c.want || env.LastEvent(t) != before {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A counter that is closed is lost at once, by its pages and by every step of a visit;
// opening it again gives nobody back what they had open.
func TestClosedCounterIsLostAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		admin, operator := administrator(t, env), env.Operator(t, "op")
		counter := counterOf(t, env, operator, "Town hall")
		env.SignIn(t, "without a counter", []models.Role{models.Operator})
		account, codes := env.Account(t, "a@example.org"), env.Request(t, env.Client(t), "a@example.org")
		if _, err := env.Match(env.Context, operator, account, codes.UserCode); err != nil {
			t.Fatal(err)
		}
		if at, err := env.AtCounter(env.Context, counter.ID); err != nil || len(at) != 1 || at[0].Name != "Staff op" || at[0].Handling != 1 {
			t.Errorf("at the counter: %+v, %v", at, err)
		}
		before := env.LastEvent(t)
		if err := env.CloseCounter(env.Context, operator, counter.ID); err != models.ErrNotAllowed {
			t.Errorf("an operator closes: %v", err)
		}
		for range 2 { // the second changes nothing
			if err := env.CloseCounter(env.Context, admin, counter.ID); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := env.Search(env.Context, operator, "anybody"); err != models.ErrNoCounter {
			t.Errorf("search at a closed counter: %v", err)
		}
		if err := env.OpenCounter(env.Context, operator, counter.ID, anywhere); err != models.ErrNotFound {
			t.Errorf("opening a closed counter: %v", err)
		}
		if at, err := env.AtCounter(env.Context, counter.ID); err != nil || len(at) != 0 {
			t.Errorf("at the closed counter: %+v, %v", at, err)
		}
		if list, err := env.Counters(env.Context); err != nil ||
			slices.ContainsFunc(list, func(c models.Counter) bool { return c.ID == counter.ID }) {
			t.Errorf("in use: %v, %v", list, err)
		}
		if list, err := env.AllCounters(env.Context); err != nil || list[len(list)-1].ID != counter.ID {
			t.Errorf("all: %v, %v", list, err)
		}
		if err := env.ReopenCounter(env.Context, admin, counter.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := env.Search(env.Context, operator, "anybody"); err != models.ErrNoCounter {
			t.Errorf("search after reopening: %v", err)
		}
		if err := env.OpenCounter(env.Context, operator, counter.ID, anywhere); err != nil {
			t.Errorf("opening it anew: %v", err)
		}
		if got, want := env.Events(t, before),
			[]audit.Type{audit.CounterClosed, audit.CounterReopened, audit.CounterOpened}; !slices.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
	})
}
