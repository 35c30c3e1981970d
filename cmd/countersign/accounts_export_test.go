package main

import (
	"encoding/json"
	"testing"
)

// What is written is one JSON object with a member for each part, whose rows are objects.
func TestAccountsExportIsJSON(t *testing.T) {
	t.Parallel()
	environ, _ := migratedFile(t)
	accounts := writeFile(t, "accounts.csv", "identifiers,name,date_of_birth,contact,status\nK-1001,Ada Example,1980-05-31,,active\n")
	if got := runWith(t, environ, "", "accounts", "import", accounts); got.code != 0 {
		t.Fatal(got.stderr)
	}
	got := runWith(t, environ, "", "accounts", "export", "K-1001")
	var export map[string]json.RawMessage
	if err := json.Unmarshal([]byte(got.stdout), &export); err != nil || got.code != 0 {
		t.Fatalf("%v: %s%s", err, got.stdout, got.stderr)
	}
	var account, events []map[string]any
	if json.Unmarshal(export["account"], &account) != nil || json.Unmarshal(export["events"], &events) != nil {
		t.Fatal(got.stdout)
	}
	if len(account) != 1 || account[0]["date_of_birth"] != "1980-05-31" || len(events) != 1 || events[0]["claims"] == nil {
		t.Errorf("%v\n%v", account, events)
	}
}
