package models_test

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

var anywhere = netip.MustParseAddr("192.0.2.1")

func administrator(t *testing.T, env *modelstest.Env, identifiers ...string) string {
	return env.SignIn(t, "admin", []models.Role{models.Administrator}, identifiers...)
}

// counterOf makes a counter and opens it in a session.
func counterOf(t *testing.T, env *modelstest.Env, session, name string) models.Counter {
	t.Helper()
	counter, err := env.AddCounter(env.Context, models.NewCounter{Name: name, Address: "1 Square", Hours: "9 to 17", TimeZone: "Europe/Berlin"})
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
	good := models.NewCounter{Name: "Town hall", Address: "1 Square", Hours: "9 to 17", TimeZone: "Europe/Lisbon", Networks: []string{"192.0.2.0/24", "2001:db8::/32"}}
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
		if err != nil || rows[0].Event.Type != audit.CounterChanged || rows[0].Event.Facts.Reason != "hours networks" || strings.Contains(rows[0].SET, "secret") ||
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
			"another's name":       {counter.ID, other, models.ErrExists},
			"no such counter":      {"no", change, models.ErrNotFound},
			"not an administrator": {counter.ID, models.NewCounter{SessionID: env.Operator(t, "op"), Name: "X", TimeZone: "UTC"}, models.ErrNotAllowed},
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
		if list, err := env.Counters(env.Context); err != nil || slices.ContainsFunc(list, func(c models.Counter) bool { return c.ID == counter.ID }) {
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
		if got, want := env.Events(t, before), []audit.Type{audit.CounterClosed, audit.CounterReopened, audit.CounterOpened}; !slices.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
	})
}

// Issue 4 item 4: who is limited to counters opens only these, from the next step on; nobody
// is limited who was not, and nobody limits themselves.
func TestLimitStaff(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		admin, operator := administrator(t, env), env.Operator(t, "op")
		hall := counterOf(t, env, operator, "Town hall")
		library := counterOf(t, env, operator, "Library")
		staff, err := env.StaffSeen(env.Context, models.StaffCursor{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		var op, self string
		for _, one := range staff {
			if slices.Contains(one.Roles, models.Operator) {
				op = one.Staff.ID
			} else {
				self = one.Staff.ID
			}
		}
		before := env.LastEvent(t)
		for range 2 { // the second changes nothing
			if err := env.LimitStaff(env.Context, admin, op, []string{hall.ID, hall.ID}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := env.Search(env.Context, operator, "anybody"); err != models.ErrNoCounter {
			t.Errorf("a step at another counter: %v", err)
		}
		if err := env.OpenCounter(env.Context, operator, library.ID, anywhere); err != models.ErrOtherCounters {
			t.Errorf("opening another counter: %v", err)
		}
		if list, err := env.CountersFor(env.Context, op); err != nil || len(list) != 1 || list[0].ID != hall.ID {
			t.Errorf("may open %v, %v", list, err)
		}
		if err := env.OpenCounter(env.Context, operator, hall.ID, anywhere); err != nil {
			t.Errorf("opening one's own: %v", err)
		}
		member, err := env.StaffMember(env.Context, op)
		if err != nil || !slices.Equal(member.Limited, []string{hall.ID}) || len(member.Sessions) != 1 || member.Sessions[0].CounterName != "Town hall" {
			t.Errorf("%+v, %v", member, err)
		}
		// The counter is closed: they stay limited to it, and so to none.
		if err := env.CloseCounter(env.Context, admin, hall.ID); err != nil {
			t.Fatal(err)
		}
		if list, err := env.CountersFor(env.Context, op); err != nil || len(list) != 0 {
			t.Errorf("with the counter closed: %v, %v", list, err)
		}
		if err := env.LimitStaff(env.Context, admin, op, nil); err != nil {
			t.Fatal(err)
		}
		if err := env.OpenCounter(env.Context, operator, library.ID, anywhere); err != nil {
			t.Errorf("without a limit: %v", err)
		}
		want := []audit.Type{audit.StaffLimited, audit.CounterOpened, audit.CounterClosed, audit.StaffLimited, audit.CounterOpened}
		if got := env.Events(t, before); !slices.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
		rows, err := env.Trail(env.Context, audit.Filter{Type: audit.StaffLimited, Limit: 2})
		if err != nil || rows[1].Event.Facts.Staff != op || !slices.Equal(rows[1].Event.Facts.Counters, []string{hall.ID}) || *rows[0].Event.Facts.Count != 0 {
			t.Errorf("%+v, %v", rows, err)
		}
		for name, c := range map[string]struct {
			session, staff, counter string
			want                    error
		}{
			"oneself": {admin, self, hall.ID, models.ErrOwnLimit}, "no counter": {admin, op, "no", models.ErrNotFound},
			"nobody": {admin, "no", hall.ID, models.ErrNotFound}, "an operator": {operator, op, hall.ID, models.ErrNotAllowed},
		} {
			if err := env.LimitStaff(env.Context, c.session, c.staff, []string{c.counter}); err != c.want {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
	})
}

// The list of staff goes on from a cursor, and names each once.
func TestStaffSeen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		for _, subject := range []string{"c", "a", "b", "a2"} {
			env.SignIn(t, subject, []models.Role{models.Supervisor})
		}
		env.Clock.Advance(time.Second)
		env.SignIn(t, "b", []models.Role{models.Operator, models.Administrator})
		env.Clock.Advance(time.Minute)
		var names []string
		cursor := models.StaffCursor{}
		for {
			page, err := env.StaffSeen(env.Context, cursor, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range page {
				names = append(names, one.Staff.Name)
				if one.Staff.Name == "Staff b" && (len(one.Sessions) != 2 || !slices.Contains(one.Roles, models.Administrator)) {
					t.Errorf("b: %+v", one)
				}
			}
			if len(page) < 3 {
				break
			}
			cursor = models.StaffCursor{Name: page[2].Staff.Name, ID: page[2].Staff.ID}
		}
		if want := []string{"Staff a", "Staff a2", "Staff b", "Staff c"}; !slices.Equal(names, want) {
			t.Errorf("%q, want %q", names, want)
		}
		env.Clock.Advance(env.Policy().SessionIdle)
		if page, err := env.StaffSeen(env.Context, models.StaffCursor{}, 9); err != nil || len(page[2].Sessions) != 0 || page[2].LastSeen == 0 {
			t.Errorf("after they idled: %+v, %v", page, err)
		}
	})
}

// Design section 3: suspending stops what the account's devices do, and is an event with
// its reason; nobody changes their own account, and such a try is on record.
func TestSuspendAndReinstate(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		admin := administrator(t, env, "own@example.org")
		id, own := env.Account(t, "a@example.org"), env.Account(t, "own@example.org")
		client := env.Client(t)
		codes := env.Request(t, client, "a@example.org")
		env.Approve(t, env.Operator(t, "op"), id, codes)
		before := env.LastEvent(t)
		if err := env.SuspendAccount(env.Context, admin, id, "fraud suspected"); err != nil {
			t.Fatal(err)
		}
		if _, err := env.Redeem(env.Context, modelstest.Redemption(client, codes)); err == nil {
			t.Error("a suspended account's approval is redeemed")
		}
		if err := env.SuspendAccount(env.Context, admin, id, "under review"); err != models.ErrChangedMeanwhile {
			t.Errorf("again: %v", err)
		}
		if err := env.ReinstateAccount(env.Context, admin, id, "cleared"); err != nil {
			t.Fatal(err)
		}
		if err := env.SetAccountRules(env.Context, admin, id, true, true); err != nil {
			t.Fatal(err)
		}
		if err := env.SetAccountRules(env.Context, admin, id, false, true); err != nil {
			t.Fatal(err)
		}
		if err := env.SuspendAccount(env.Context, admin, own, "under review"); err != models.ErrOwnAccount {
			t.Errorf("their own: %v", err)
		}
		if err := env.SetAccountRules(env.Context, admin, own, false, true); err != models.ErrOwnAccount {
			t.Errorf("their own: %v", err)
		}
		if err := env.SuspendAccount(env.Context, env.Operator(t, "op2"), id, "under review"); err != models.ErrNotAllowed {
			t.Errorf("an operator: %v", err)
		}
		rows, err := env.Trail(env.Context, audit.Filter{Limit: 30})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range rows {
			if kind := row.Event.Type; row.Seq > before && (kind == audit.AccountChanged || kind == audit.DecisionRefused) {
				got = append([]string{row.AccountID + " " + row.Event.Facts.Reason}, got...)
			}
		}
		want := []string{id + " status suspended - fraud suspected", id + " status active - cleared", id + " presence required", id + " second person required",
			id + " presence not required", own + " own account", own + " own account"}
		if !slices.Equal(got, want) {
			t.Errorf("events %q, want %q", got, want)
		}
		view, err := env.Store.Account(env.Context, id)
		if err != nil || view.PresenceRequired || !view.TwoPersonRequired || view.Status != models.AccountActive {
			t.Errorf("%+v, %v", view.Account, err)
		}
	})
}

// An administrator's search is an event as well, and needs no counter.
func TestSearchAccounts(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		admin := administrator(t, env)
		id := env.Account(t, "a@example.org")
		before := env.LastEvent(t)
		found, err := env.SearchAccounts(env.Context, admin, "A@EX")
		if err != nil || len(found.Accounts) != 1 || found.Accounts[0].ID != id {
			t.Errorf("%+v, %v", found, err)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.AccountSearched}) {
			t.Errorf("events %v", got)
		}
		if _, err := env.SearchAccounts(env.Context, env.Operator(t, "op"), "A@EX"); err != models.ErrNotAllowed {
			t.Errorf("an operator: %v", err)
		}
	})
}

// What was previewed is what is imported, once, by its session, and for 15 minutes; the
// database cannot tell who is in the file.
func TestImportIsWhatWasPreviewed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		admin := administrator(t, env, "own@example.org")
		env.Import(t, "active", "a@example.org", "C-1")
		env.Import(t, "active", "own@example.org")
		list := []models.ImportedAccount{account(2, "Changed", "suspended", "C-1"), account(3, "Secret Person", "active", "secret@example.org")}
		keep := func(list ...models.ImportedAccount) string {
			t.Helper()
			key, err := env.KeepAccountFile(env.Context, admin, models.ReadAccounts{Accounts: list})
			if err != nil {
				t.Fatal(err)
			}
			return key
		}
		first, key := keep(list...), keep(list...)
		for _, trace := range []string{"Secret Person", "secret@example.org", key} {
			if where := findInDatabase(t, env, trace); where != "" {
				t.Errorf("%q is in %q", trace, where)
			}
		}
		if _, _, err := env.PreviewImport(env.Context, admin, first); err != models.ErrNotFound {
			t.Errorf("a file that was replaced: %v", err)
		}
		other := env.SignIn(t, "other", []models.Role{models.Administrator})
		if _, _, err := env.PreviewImport(env.Context, other, key); err != models.ErrNotFound {
			t.Errorf("another session: %v", err)
		}
		before := env.LastEvent(t)
		_, plan, err := env.PreviewImport(env.Context, admin, key)
		if err != nil || plan.ImportResult != (models.ImportResult{Added: 1, Changed: 1}) || env.LastEvent(t) != before {
			t.Fatalf("%+v, %v", plan, err)
		}
		changes, _ := json.Marshal(plan.Lines[0].Changes)
		if !strings.Contains(string(changes), `{"Field":"status","Before":"active","After":"suspended"}`) || !strings.Contains(string(changes), `"a@example.org; C-1"`) {
			t.Errorf("changes %s", changes)
		}
		digest, err := plan.Digest()
		if err != nil {
			t.Fatal(err)
		}
		if err := env.SuspendAccount(env.Context, admin, env.AccountID(t, "C-1"), "under review"); err != nil {
			t.Fatal(err)
		}
		if _, err := env.ConfirmImport(env.Context, admin, key, digest); err != models.ErrChangedMeanwhile || findInDatabase(t, env, "secret@example.org") != "" {
			t.Errorf("after another change: %v", err)
		}
		_, plan, _ = env.PreviewImport(env.Context, admin, key)
		digest, _ = plan.Digest()
		before = env.LastEvent(t)
		if result, err := env.ConfirmImport(env.Context, admin, key, digest); err != nil || result != plan.ImportResult {
			t.Errorf("%+v, %v", result, err)
		}
		// Its contact, and the rest of its record.
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.AccountChanged, audit.AccountChanged, audit.AccountsImported}) {
			t.Errorf("events %v", got)
		}
		if _, err := env.ConfirmImport(env.Context, admin, key, digest); err != models.ErrNotFound {
			t.Errorf("again: %v", err)
		}
		own, plan, err := env.PreviewImport(env.Context, admin, keep(account(2, "Me", "active", "own@example.org")))
		if err != nil || len(own.Problems) != 1 || !strings.Contains(own.Problems[0].Error(), "your own account") {
			t.Errorf("one's own account: %+v %+v %v", own.Problems, plan, err)
		}
		both, _, err := env.PreviewImport(env.Context, admin, keep(account(2, "Both", "active", "C-1", "own@example.org")))
		if err != nil || len(both.Problems) != 1 || both.Problems[0].Line != 2 {
			t.Errorf("two accounts on a line: %+v, %v", both.Problems, err)
		}
		key = keep(list...)
		env.Clock.Advance(15 * time.Minute)
		if _, _, err := env.PreviewImport(env.Context, admin, key); err != models.ErrNotFound {
			t.Errorf("after 15 minutes: %v", err)
		}
		forgotten := func(when string, err error) {
			t.Helper()
			var left int64
			if env.Reader().Raw("SELECT count(*) FROM account_files").Scan(&left); left != 0 || err != nil {
				t.Errorf("%s: %d files are left, %v", when, left, err)
			}
		}
		env.Clock.Advance(5 * time.Minute) // another process's clock may be behind
		forgotten("swept", env.Sweep(env.Context))
		admin = administrator(t, env)
		keep(list...)
		forgotten("taken back", env.ForgetAccountFile(env.Context, admin))
		keep(list...)
		forgotten("signed out", env.EndSession(env.Context, admin))
	})
}

// An identifier that one line takes away can be another line's, in one file.
func TestImportMovesAnIdentifier(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Import(t, "active", "a@example.org", "C-1")
		env.Import(t, "active", "b@example.org")
		result, err := env.ImportAccounts(env.Context, []models.ImportedAccount{
			account(2, "A", "active", "a@example.org"), account(3, "B", "active", "b@example.org", "C-1"),
		}, audit.Actor{System: "test"})
		if err != nil || result.Changed != 2 || env.AccountID(t, "C-1") != env.AccountID(t, "b@example.org") {
			t.Errorf("%+v, %v", result, err)
		}
	})
}
