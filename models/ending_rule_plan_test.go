package models_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

// asked is a statement that the store has read with.
type asked struct {
	sql  string
	vars []any
}

// asking records what is read of requests and rules.
func asking(t *testing.T, env *modelstest.Env) *[]asked {
	t.Helper()
	var all []asked
	env.Watch(func(sql string, values []any) {
		names := func(table string) bool { return strings.Contains(sql, table) }
		if strings.HasPrefix(sql, "SELECT") && (names("device_authorizations") || names("ending_rules") || names("refresh_tokens")) {
			all = append(all, asked{sql, values})
		}
	})
	return &all
}

// Whoever obeys rules finds them, and the requests, along an index: none of the statements of a visit, a poll or an end walks
// a whole table.
func TestRulesAreFoundAlongIndexes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		all := asking(t, env)
		v.to(t, models.Redeemed)
		v.codes = env.Request(t, v.client, "ada@example.com")
		v.to(t, models.Proofed)
		second := from(t, env, v.client, "ada@example.com", modelstest.Address)
		_, polled := env.Poll(env.Context, v.client.ID, v.codes.DeviceCode)
		d, err := env.DeviceAuthorization(env.Context, v.codes.DeviceAuthorizationID)
		_, facts := env.FraudFacts(env.Context, d)
		_, listed := env.Store.Account(env.Context, v.account)
		_, waits := env.Waits(env.Context, v.client.ID, "ada@example.com")
		_, decided := env.Decided(env.Context, []string{d.ID})
		_, bindings := env.Bindings(env.Context, v.supervisor, v.account)
		_, ended := env.EndWaiting(env.Context, v.supervisor, v.account)
		if err := errors.Join(err, polled, facts, listed, waits, decided, bindings, ended, v.suspicious(v.other, second)()); err == nil {
			t.Error("what a rule ended was declined")
		}
		third := from(t, env, v.client, "ada@example.com", modelstest.Address)
		if err := errors.Join(v.suspicious(v.other, third)(), v.disabled()); err != nil {
			t.Fatal(err)
		}
		if len(*all) < 30 {
			t.Fatalf("%d statements", len(*all))
		}
		for _, statement := range *all {
			if walks := wholeTables(t, env, statement); walks != "" {
				t.Errorf("%s\nin\n%s", walks, statement.sql)
			}
		}
	})
}

// wholeTables returns the part of the plan that walks all requests or rules, "" for none.
func wholeTables(t *testing.T, env *modelstest.Env, statement asked) string {
	t.Helper()
	return walked(planOf(t, env, statement))
}

// planOf is how the database would find what a statement asks for, a line a step.
func planOf(t *testing.T, env *modelstest.Env, statement asked) string {
	t.Helper()
	explain, column := "EXPLAIN QUERY PLAN ", "detail"
	if env.Reader().Name() == "postgres" {
		explain, column = "EXPLAIN ", "QUERY PLAN"
	}
	var lines []string
	err := env.Reader().Transaction(func(tx *gorm.DB) error {
		if explain == "EXPLAIN " { // of a table with three rows PostgreSQL reads all, if it may
			if err := tx.Exec("SET LOCAL enable_seqscan = off").Error; err != nil {
				return err
			}
		}
		pool := tx.Statement.ConnPool
		rows, err := pool.QueryContext(env.Context, explain+statement.sql, statement.vars...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		for rows.Next() {
			cells := make([]any, len(names))
			for i := range cells {
				cells[i] = new(any)
			}
			if err := rows.Scan(cells...); err != nil {
				return err
			}
			for i, name := range names {
				if name == column {
					lines = append(lines, text(*cells[i].(*any)))
				}
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatalf("%s: %v", statement.sql, err)
	}
	return strings.Join(lines, "\n")
}

func text(cell any) string {
	if s, ok := cell.(string); ok {
		return s
	}
	return ""
}

var (
	sqliteWalk   = regexp.MustCompile(`(?m)^SCAN (device_authorizations|ending_rules|refresh_tokens|r|d|t|life|rule)\b.*$`)
	postgresWalk = regexp.MustCompile(`(?m)^.*Seq Scan on (device_authorizations|ending_rules|refresh_tokens).*$|^.*Index Cond: \(account_id = ''::text\)$`)
)

// walked: a subquery that is called d has few rows, and is read whole.
func walked(plan string) string {
	for _, found := range sqliteWalk.FindAllString(plan, -1) {
		if !strings.HasPrefix(found, "SCAN d") || !strings.Contains(plan, "CO-ROUTINE d") && !strings.Contains(plan, "MATERIALIZE d") {
			return found + "\n" + plan
		}
	}
	return postgresWalk.FindString(plan)
}
