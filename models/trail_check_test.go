package models_test

import (
	"slices"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// docs/protocol.md §6 append-only: who takes the database's protection away, or the whole trail, is found.
func TestTrailWithoutProtectionIsNotSound(t *testing.T) {
	for _, test := range []struct {
		name             string
		sqlite, postgres []string
		unprotected      []string
	}{
		{"as it is", nil, nil, nil},
		{"a trigger is gone",
			[]string{"DROP TRIGGER audit_events_no_delete"},
			[]string{"DROP TRIGGER audit_events_no_delete ON audit_events"},
			[]string{"trigger audit_events_no_delete: gone", "trigger audit_events.audit_events_no_delete: gone"}},
		{"a trigger does nothing",
			[]string{"DROP TRIGGER audit_events_no_update",
				"CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events BEGIN SELECT 1; END"},
			[]string{"CREATE OR REPLACE FUNCTION audit_events_continue() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"},
			[]string{"trigger audit_events_no_update: definition changed", "function audit_events_continue: source changed"}},
		{"the triggers are switched off", nil,
			[]string{"ALTER TABLE audit_events DISABLE TRIGGER audit_events_no_truncate"},
			[]string{"trigger audit_events.audit_events_no_truncate: switch changed"}},
	} {
		modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
			statements := test.sqlite
			if strings.HasPrefix(env.Address, "postgres") {
				statements = test.postgres
			}
			trailAfter(t, env, statements)
			report, err := env.VerifyTrail(env.Context)
			if err != nil || report.First != nil || report.Entries == 0 {
				t.Fatalf("%s: %+v, %v", test.name, report, err)
			}
			if report.OK() != (len(statements) == 0) {
				t.Errorf("%s: sound is %t: %v", test.name, report.OK(), report.Problems())
			}
			for _, name := range report.Unprotected {
				if !slices.Contains(test.unprotected, name) {
					t.Errorf("%s: %s is called unprotected", test.name, name)
				}
			}
		})
	}
}

// A server with keys has had events: making a key is one.
func TestEmptiedTrailIsNotSound(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		empty := []string{
			"DROP TRIGGER audit_events_no_delete",
			"DELETE FROM audit_events",
		}
		if strings.HasPrefix(env.Address, "postgres") {
			empty = []string{
				"ALTER TABLE audit_events DISABLE TRIGGER USER", "DELETE FROM audit_events", "ALTER TABLE audit_events ENABLE TRIGGER USER",
			}
		}
		trailAfter(t, env, empty)
		report, err := env.VerifyTrail(env.Context)
		if err != nil || report.OK() || report.First == nil || report.First.Seq != 1 ||
			!strings.Contains(report.Problems()[0], "the trail is empty") {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// trailAfter runs statements as somebody who owns the database.
func trailAfter(t *testing.T, env *modelstest.Env, statements []string) {
	t.Helper()
	for _, statement := range statements {
		if err := models.WriterForTest(env.Database).Exec(statement).Error; err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}
