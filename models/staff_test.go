package models_test

import (
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// limits is an administrator, an operator, and two counters that the operator has opened.
type limits struct {
	*modelstest.Env
	admin, operator string // sessions
	self, op        string // the same two, as staff
	hall, library   models.Counter
}

func eachLimits(t *testing.T, test func(t *testing.T, l limits)) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		l := limits{Env: env, admin: administrator(t, env), operator: env.Operator(t, "op")}
		l.hall, l.library = counterOf(t, env, l.operator, "Town hall"), counterOf(t, env, l.operator, "Library")
		staff, err := env.StaffSeen(env.Context, models.StaffCursor{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range staff {
			if slices.Contains(one.Roles, models.Operator) {
				l.op = one.Staff.ID
			} else {
				l.self = one.Staff.ID
			}
		}
		test(t, l)
	})
}

// limit lets the operator open these counters only; none means any.
func (l limits) limit(t *testing.T, counters ...string) {
	t.Helper()
	if err := l.LimitStaff(l.Context, l.admin, l.op, counters); err != nil {
		t.Fatal(err)
	}
}

// A member of the staff who is limited to counters opens these only, from the next step on.
func TestLimitStaff(t *testing.T) {
	eachLimits(t, func(t *testing.T, l limits) {
		l.limit(t, l.hall.ID, l.hall.ID)
		if _, err := l.Search(l.Context, l.operator, "anybody"); err != models.ErrNoCounter {
			t.Errorf("a step at another counter: %v", err)
		}
		if err := l.OpenCounter(l.Context, l.operator, l.library.ID, anywhere); err != models.ErrOtherCounters {
			t.Errorf("opening another counter: %v", err)
		}
		if list, err := l.CountersFor(l.Context, l.op); err != nil || len(list) != 1 || list[0].ID != l.hall.ID {
			t.Errorf("may open %v, %v", list, err)
		}
		if err := l.OpenCounter(l.Context, l.operator, l.hall.ID, anywhere); err != nil {
			t.Errorf("opening one's own: %v", err)
		}
		member, err := l.StaffMember(l.Context, l.op)
		if err != nil || !slices.Equal(member.Limited, []string{l.hall.ID}) || len(member.Sessions) != 1 ||
			member.Sessions[0].CounterName != "Town hall" {
			t.Errorf("%+v, %v", member, err)
		}
		// The counter is closed: they stay limited to it, and so to none.
		if err := l.CloseCounter(l.Context, l.admin, l.hall.ID); err != nil {
			t.Fatal(err)
		}
		if list, err := l.CountersFor(l.Context, l.op); err != nil || len(list) != 0 {
			t.Errorf("with the counter closed: %v, %v", list, err)
		}
		l.limit(t)
		if err := l.OpenCounter(l.Context, l.operator, l.library.ID, anywhere); err != nil {
			t.Errorf("without a limit: %v", err)
		}
	})
}

// A limit is an event with its counters; the same limit again is none.
func TestLimitIsAnEvent(t *testing.T) {
	eachLimits(t, func(t *testing.T, l limits) {
		before := l.LastEvent(t)
		l.limit(t, l.hall.ID, l.hall.ID)
		l.limit(t, l.hall.ID)
		l.limit(t)
		if got, want := l.Events(t, before), []audit.Type{audit.StaffLimited, audit.StaffLimited}; !slices.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
		rows, err := l.Trail(l.Context, audit.Filter{Type: audit.StaffLimited, Limit: 2})
		if err != nil || rows[1].Event.Facts.Staff != l.op || !slices.Equal(rows[1].Event.Facts.Counters, []string{l.hall.ID}) ||
			*rows[0].Event.Facts.Count != 0 {
			t.Errorf("%+v, %v", rows, err)
		}
	})
}

// Administrators alone limit others, nobody limits themselves, and a refused limit is no event.
func TestLimitStaffRefuses(t *testing.T) {
	eachLimits(t, func(t *testing.T, l limits) {
		before := l.LastEvent(t)
		for name, c := range map[string]struct {
			session, staff, counter string
			want                    error
		}{
			"oneself":         {l.admin, l.self, l.hall.ID, models.ErrOwnLimit},
			"no such counter": {l.admin, l.op, "no", models.ErrNotFound},
			"no such member":  {l.admin, "no", l.hall.ID, models.ErrNotFound},
			"by an operator":  {l.operator, l.op, l.hall.ID, models.ErrNotAllowed},
		} {
			if err := l.LimitStaff(l.Context, c.session, c.staff, []string{c.counter}); err != c.want {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if got := l.Events(t, before); len(got) > 0 {
			t.Errorf("events %v", got)
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
