package main

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// operationsWithoutProvider is a database with a device that is connected, an account that is locked and a session of staff,
// and a mail server.
func operationsWithoutProvider(t *testing.T) []string {
	t.Helper()
	folder := t.TempDir()
	address := filepath.Join(folder, "address")
	if said, err := exec.Command("countersign", "demo", "--once", "--data", folder, "--address-file", address).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	issuer, err := os.ReadFile(address)
	if err != nil {
		t.Fatal(err)
	}
	request := lockedRequest(t, filepath.Join(folder, demoDatabaseFile))
	return []string{
		"COUNTERSIGN_ISSUER=" + strings.TrimSpace(string(issuer)), "COUNTERSIGN_DATABASE=sqlite:" + filepath.Join(folder, demoDatabaseFile),
		"COUNTERSIGN_MASTER_KEY_FILE=" + filepath.Join(folder, demoMasterKeyFile), "COUNTERSIGN_OIDC_ISSUER=http://127.0.0.1:1",
		"COUNTERSIGN_OIDC_CLIENT_ID=console", "COUNTERSIGN_OIDC_CLIENT_SECRET=s3cr3t-value",
		"COUNTERSIGN_SMTP_ADDRESS=" + startMailSink(t).address, "COUNTERSIGN_SMTP_SECURITY=none", "COUNTERSIGN_SMTP_FROM=notices@harbour.example",
		"ACCOUNT=" + demoHint, "STAFF=" + demoOperator, "ADDRESS=chief@harbour.example", "REQUEST=" + request,
	}
}

// operationsOfMail is a database with notices that were given up: one of an approval, and what else was told.
func operationsOfMail(t *testing.T) []string {
	t.Helper()
	environ := operationsWithoutProvider(t)
	database, err := sql.Open("sqlite3", "file:"+strings.TrimPrefix(lookup(environ)("COUNTERSIGN_DATABASE"), "sqlite:")+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	_, err = database.ExecContext(t.Context(), `UPDATE notices SET outcome = 'failed', done_at = created_at, attempts = 3, cause = 'refused',
		answer = 'the mail server refused: step "RCPT TO", code 550 5.1.1'`)
	var id string
	if err == nil {
		err = database.QueryRowContext(t.Context(), "SELECT id FROM notices WHERE occasion = 'approved'").Scan(&id)
	}
	if err := errors.Join(err, database.Close()); err != nil {
		t.Fatal(err)
	}
	return append(environ, "NOTICE="+id)
}

// lockedRequest locks the account of the only request that there is, past the program.
func lockedRequest(t *testing.T, path string) (id string) {
	t.Helper()
	database, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	err = database.QueryRowContext(t.Context(), "SELECT id FROM device_authorizations").Scan(&id)
	if err == nil {
		_, err = database.ExecContext(t.Context(), `UPDATE accounts SET match_locked_at = created_at
			WHERE id = (SELECT account_id FROM device_authorizations)`)
	}
	if err := errors.Join(err, database.Close()); err != nil {
		t.Fatal(err)
	}
	return id
}
