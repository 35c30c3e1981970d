package models

import "testing"

// What a statement does is told without a value of anybody's.
func TestOperationOf(t *testing.T) {
	for statement, want := range map[string][2]string{
		"SELECT a FROM accounts WHERE id = $1":                      {"SELECT", "accounts"},
		"select count(*) from `audit_events`":                       {"SELECT", "audit_events"},
		"\n\tINSERT INTO \"bindings\" (id) VALUES ($1)":             {"INSERT", "bindings"},
		"UPDATE clients SET status = 'x'":                           {"UPDATE", "clients"},
		"DELETE FROM notices WHERE id IN (SELECT id FROM requests)": {"DELETE", "notices"},
		"WITH due AS (SELECT id FROM notices) SELECT * FROM due":    {"WITH", "notices"},
		"SELECT * FROM (SELECT 1)":                                  {"SELECT", ""},
		"SELECT 'anna@example.org' FROM 'BCDF-GHJK'":                {"SELECT", ""},
		"PRAGMA optimize":                                           {"OTHER", ""},
		"":                                                          {"OTHER", ""},
		"SELECT 1":                                                  {"SELECT", ""},
		"SELECT d.id FROM device_authorizations AS d JOIN clients ON 1=1": {"SELECT", "device_authorizations"},
	} {
		if operation, table := operationOf(statement); [2]string{operation, table} != want {
			t.Errorf("%q: %s %s", statement, operation, table)
		}
	}
}
