package models_test

import (
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

// Two processes that count and tell at once lose no act, tell none twice, and tell an hour once: what is still counted in it
// meanwhile, by a process whose clock is behind, comes with the next telling.
func TestTwoProcessesCountAndTell(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		ahead := modelstest.Open(t, env.Address, models.Policy{})
		processes := []crowd{{env, t}, {ahead, t}}
		count := func(parallel int, who ...crowd) *sync.WaitGroup {
			var group sync.WaitGroup
			for _, c := range who {
				for range parallel {
					group.Go(func() {
						if _, err := c.RegisterClient(c.Context, c.registration()); err != nil {
							t.Error(err)
						}
					})
				}
			}
			return &group
		}
		count(20, processes...).Wait()
		before := env.LastEvent(t)
		ahead.Clock.Advance(2 * time.Hour)
		late := count(20, processes[0])
		errs := atOnce(func() error { return ahead.Sweep(ahead.Context) }, func() error { return ahead.Sweep(ahead.Context) })
		late.Wait()
		env.Clock.Advance(2 * time.Hour)
		for _, err := range append(errs, env.Sweep(env.Context)) {
			if err != nil {
				t.Error(err)
			}
		}
		sum, events := 0, 0
		rows, err := env.Trail(env.Context, audit.Filter{Type: audit.EventsCounted})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if row.Seq > before {
				sum, events = sum+*row.Event.Facts.Count, events+1
			}
		}
		if sum != 60 || events > 3 {
			t.Errorf("%d acts are told in %d events", sum, events)
		}
		processes[0].wantSound("told")
	})
}

// Counting waits for nobody: while one transaction has counted and goes on, others count the same kind, which one row for a
// process and hour would not let them.
func TestCountingWaitsForNobody(t *testing.T) {
	env := modelstest.Open(t, modelstest.Migrated(t, "postgres"), models.Policy{})
	c := crowd{env, t}
	const parallel = 4
	clients := make([]models.RegisteredClient, parallel)
	for i := range clients {
		clients[i] = c.register()
	}
	ended := make(chan error, parallel)
	err := models.WriterForTest(env.Database).Transaction(func(other *gorm.DB) error {
		if err := other.Exec("LOCK TABLE ending_rules IN EXCLUSIVE MODE").Error; err != nil {
			return err
		}
		for _, client := range clients {
			go func() { ended <- env.DeleteClient(env.Context, client.ID, client.RegistrationToken, fromHere) }()
		}
		waiting := 0
		for waiting < parallel && len(ended) == 0 {
			err := env.Reader().Raw(`SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'ending_rules'::regclass`).Scan(&waiting).Error
			if err != nil {
				return err
			}
		}
		if waiting != parallel {
			t.Errorf("%d have counted, then one gave up", waiting)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range parallel {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	env.Clock.Advance(2 * time.Hour)
	for _, told := range c.told() {
		if told[audit.ClientDeleted] != parallel {
			t.Errorf("told are %v", told)
		}
	}
}
