package models_test

import (
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// usualTown is a counter where days of approvals are known.
type usualTown struct {
	*modelstest.Env
	t *testing.T
}

// worked says that somebody approved so many on each of so many days before today, at a counter.
func (u usualTown) worked(operator string, days, approvals int, counter string) {
	u.t.Helper()
	session := operatorAt(u.t, u.Env, operator, counter)
	midnight := models.At(u.Clock.Now().UTC().Truncate(24 * time.Hour))
	for day := range days {
		err := models.WriterForTest(u.Database).Exec(`INSERT INTO operator_days (staff_id, day_began, counter_id, approvals)
			SELECT staff_id, ?, ?, ? FROM staff_sessions WHERE id = ?`,
			midnight.Add(-time.Duration(day+1)*24*time.Hour), counter, approvals, session).Error
		if err != nil {
			u.t.Fatal(err)
		}
	}
}

// An operator far above their own and their counter's usual is an alert, once a day. Somebody new is held to the counter's
// usual, somebody elsewhere for a day to their own, and where nothing is known nobody is unusual; nor is who is busy where all
// are, or approves a few.
func TestFarMoreApprovalsThanUsualAreAnAlert(t *testing.T) {
	for _, c := range []struct {
		name            string
		own, ownDays    int // approvals a day of their own, at another counter
		there, theyDays int // approvals a day of a colleague at this counter
		usual           int // 0: no alert of any number
	}{
		{"as usual as others", 4, 10, 5, 10, 5},
		{"their own is higher", 6, 10, 5, 10, 6},
		{"new here", 0, 0, 5, 10, 5},
		{"new counter", 6, 10, 0, 0, 6},
		{"nothing is known", 4, 4, 4, 4, 0},
		{"it is long ago", 0, 0, 5, 40, 5},
		{"all are busy", 4, 10, 20, 10, 0},
		{"few all the same", 1, 10, 1, 10, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := modelstest.SQLite(t, models.Policy{ApprovalAlert: -1, Unusual: models.Unusual{TimesUsual: 2, KeyAccounts: -1}})
			u := usualTown{Env: env, t: t}
			here, elsewhere := u.CounterID(t, "Here"), u.CounterID(t, "Elsewhere")
			u.worked("op", c.ownDays, c.own, elsewhere)
			u.worked("colleague", c.theyDays, c.there, here)
			account, client, session := u.Account(t, "ada@example.com"), u.Client(t), operatorAt(t, u.Env, "op", here)
			for made := 1; made <= 15; made++ {
				u.Approve(t, session, account, u.Request(t, client, "ada@example.com"))
				alerts, newest := called(t, u.Env, audit.ApprovalsAboveUsual)
				want := c.usual > 0 && made > 2*c.usual && made > 10
				if (alerts == 1) != want {
					t.Fatalf("%d alerts after %d approvals", alerts, made)
				}
				if facts := newest.Event.Facts; want && (*facts.Usual != c.usual || *facts.Count != max(2*c.usual, 10)+1) {
					t.Errorf("the alert says %d, usual %d", *facts.Count, *facts.Usual)
				}
			}
		})
	}
}

// Approvals are counted on the day that it is at their counter, on both databases, and forgotten after five weeks.
func TestApprovalsAreCountedByDay(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		account, session, client := env.Account(t, "ada@example.com"), env.Operator(t, "op"), env.Client(t)
		days := func() (list []models.OperatorDay) {
			t.Helper()
			if err := env.Reader().Order("day_began").Find(&list).Error; err != nil {
				t.Fatal(err)
			}
			return list
		}
		approve := func() { env.Approve(t, session, account, env.Request(t, client, "ada@example.com")) }
		approve()
		approve()
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		first := days()
		if at := first[0].DayBegan.Time().In(berlin); len(first) != 1 || first[0].Approvals != 2 || at.Format("15:04:05") != "00:00:00" {
			t.Fatalf("%+v", first)
		}
		now := env.Clock.Now()
		env.Clock.Advance(first[0].DayBegan.Time().AddDate(0, 0, 1).Sub(now))
		session = env.Operator(t, "op")
		approve()
		if list := days(); len(list) != 2 || list[1].Approvals != 1 {
			t.Fatalf("%+v", list)
		}
		env.Clock.Advance(34*24*time.Hour + time.Minute)
		if err := env.Sweep(env.Context); err != nil {
			t.Fatal(err)
		}
		if list := days(); len(list) != 1 {
			t.Errorf("%+v", list)
		}
	})
}
