package models_test

import (
	"slices"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// statements records the text of every statement that the store writes with.
func statements(t *testing.T, env *modelstest.Env) *[]string {
	t.Helper()
	var all []string
	models.AfterStatements(env.Database, func(statement string, _ error) { all = append(all, statement) })
	return &all
}

// docs/architecture.md §4.1, no account enumeration: a login_hint that names no account runs the
// same statements in the same order as one that does, also when an older request falls
// out.
func TestUnknownIdentifierRunsTheSameStatements(t *testing.T) {
	modelstest.Each(t, sameStatements)
}

// So it is when accounts are told of requests: the row of the notice is written for both.
func TestUnknownIdentifierRunsTheSameStatementsWithNotices(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) { sameStatements(t, v.Env) })
}

func sameStatements(t *testing.T, env *modelstest.Env) {
	env.Account(t, "known@example.com")
	known, unknown := env.Client(t), env.Client(t)
	all := statements(t, env)
	for i := range models.WaitingPerPhone + 1 {
		*all = nil
		from(t, env, known, "known@example.com", modelstest.Address)
		want := slices.Clone(*all)
		*all = nil
		from(t, env, unknown, "nobody@example.com", modelstest.Address)
		if len(want) < 4 || !slices.Equal(*all, want) {
			t.Errorf("request %d: known %q\nunknown %q", i+1, want, *all)
		}
	}
}
