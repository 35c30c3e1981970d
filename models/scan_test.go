package models_test

import (
	"fmt"
	"strings"
	"testing"

	"countersign/models/modelstest"
)

// findInDatabase looks for a text in every column of every table and says where it is.
func findInDatabase(t *testing.T, env *modelstest.Env, text string) string {
	t.Helper()
	tables := []string{"audit_events", "server_keys", "accounts", "account_identifiers", "publishers", "software", "clients",
		"counters", "staff", "sign_ins", "staff_sessions", "device_authorizations", "match_failures", "proofings", "document_scans",
		"alert_acknowledgements", "alert_notes", "bindings", "refresh_tokens", "revoked_access_tokens", "used_proofs",
		"account_files", "registration_tokens", "notices", "notices_told", "repudiations"}
	for _, table := range tables {
		var rows []map[string]any
		if err := env.Reader().Table(table).Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for column, value := range row {
				if strings.Contains(fmt.Sprint(value), text) {
					return table + "." + column
				}
			}
		}
	}
	return ""
}
