package models_test

import (
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// Every page of a supervisor says how many alerts are open, and nobody else's does. The count ends at its bound, however many
// there are, and reads no more than that of them.
func TestAlertsBesideAreBounded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		super := sessionOf(t, env, env.SignIn(t, "super", []models.Role{models.Supervisor}), models.Supervisor)
		others := []models.Session{
			sessionOf(t, env, env.Operator(t, "op"), models.Operator),
			sessionOf(t, env, env.SignIn(t, "admin", []models.Role{models.Administrator}), models.Administrator),
		}
		want := func(alerts int) {
			t.Helper()
			if got, err := env.Beside(env.Context, super); err != nil || got.Alerts != alerts {
				t.Errorf("%d alerts, %v; want %d", got.Alerts, err, alerts)
			}
			for _, other := range others {
				if got, err := env.Beside(env.Context, other); err != nil || got.Alerts != 0 {
					t.Errorf("%d alerts, %v", got.Alerts, err)
				}
			}
		}
		want(0)
		fill := func(from, to int) {
			t.Helper()
			err := models.WriterForTest(env.Database).Exec(`WITH RECURSIVE n(i) AS
				(SELECT CAST(? AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
				INSERT INTO open_alerts (seq, event_id) SELECT i, 'e' || i FROM n`, from, to).Error
			if err != nil {
				t.Fatal(err)
			}
		}
		fill(1000, 1006)
		want(7)
		fill(1007, 1000+2*models.AlertsCounted)
		want(models.AlertsCounted)
	})
}
