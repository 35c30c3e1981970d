package models_test

import (
	"testing"
	"time"

	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

// A sweep waits for no row that somebody else writes at this moment: an approval whose rule calls about two at once would wait for
// the sweep, and the sweep for it. What was held goes with the next sweep.
func TestSweepPassesWhatIsHeld(t *testing.T) {
	env := modelstest.Open(t, modelstest.Migrated(t, "postgres"), models.Policy{})
	writer := models.WriterForTest(env.Database)
	called := models.At(env.Clock.Now())
	for _, about := range []string{"held", "free"} {
		if err := writer.Exec("INSERT INTO alert_calls (rule, about, called_at) VALUES ('a-rule', ?, ?)", about, called).Error; err != nil {
			t.Fatal(err)
		}
	}
	env.Clock.Advance(9 * 24 * time.Hour)
	left := func() (about []string) {
		t.Helper()
		if err := env.Reader().Model(&models.AlertCall{}).Pluck("about", &about).Error; err != nil {
			t.Fatal(err)
		}
		return about
	}
	err := writer.Transaction(func(held *gorm.DB) error {
		if err := held.Exec("SELECT 1 FROM alert_calls WHERE about = 'held' FOR UPDATE").Error; err != nil {
			return err
		}
		return env.Sweep(env.Context)
	})
	if got := left(); err != nil || len(got) != 1 || got[0] != "held" {
		t.Fatalf("while one is held: %v, %v", got, err)
	}
	if err := env.Sweep(env.Context); err != nil || len(left()) != 0 {
		t.Fatalf("afterwards: %v, %v", left(), err)
	}
}

// A record is opened and its visit begins at the same moment in one session: no deadlock, which a retry would hide for a second.
func TestOpeningARecordRacesItsVisit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		count := deadlocks(t, env)
		for range races {
			v.signIn(t)
			v.codes = env.Request(t, v.client, "ada@example.com")
			errs := atOnce(
				func() error {
					return env.OpenRecord(env.Context, v.operator, v.account, models.Operator, term.QueryExact)
				},
				func() error { return v.do("match", v.operator) },
			)
			if errs[0] != nil || errs[1] != nil {
				t.Fatal(errs)
			}
			if err := v.do("release", v.operator); err != nil {
				t.Fatal(err)
			}
			env.Clock.Advance(time.Hour)
		}
		if got := count.Load(); got != 0 {
			t.Errorf("%d deadlocks", got)
		}
	})
}
