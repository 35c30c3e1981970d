package models_test

import (
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
	"countersign/models/pgtest"
)

// docs/architecture.md §4.12: everything works through PgBouncer in transaction mode that keeps no
// prepared statements, with the address that the next step names.
func TestVisitThroughPgBouncer(t *testing.T) {
	address := pgtest.Bouncer(t) + "&default_query_exec_mode=exec"
	database := modelstest.Connect(t, address)
	if _, err := database.MigrateUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	env := modelstest.Open(t, address, models.Policy{NoticeChannels: []models.Channel{models.ChannelMail}})
	v := newVisit(t, env)
	v.to(t, models.Redeemed)
	declined := *v
	declined.codes = env.Request(t, v.client, "ada@example.com")
	declined.to(t, models.Declined)
	c := crowd{env, t}
	c.everything()
	for range 4 {
		env.Clock.Advance(8 * aDay)
		if err := env.Sweep(env.Context); err != nil {
			t.Fatal(err)
		}
	}
	if err := env.Probe(env.Context); err != nil {
		t.Error(err)
	}
	c.wantSound("through PgBouncer")
}
