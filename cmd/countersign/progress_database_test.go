package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/audit/term"
	"countersign/models"
)

// longEntries are of the trail of longDatabase: several batches of whatever reads or fills, enough to tell a pace of.
const longEntries = 2600

// longFile is the content of the database of longDatabase, and why it could not be made.
var longFile = sync.OnceValues(func() (content []byte, err error) {
	folder, err := os.MkdirTemp("", "countersign-long-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "countersign.db")
	if err := fillLong(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// fillLong makes a database with an account of which the record was opened again and again.
func fillLong(path string) error {
	environ := longEnviron(path)
	file := filepath.Join(filepath.Dir(path), "accounts.csv")
	if err := os.WriteFile(file, []byte("identifiers,name,date_of_birth,contact,status\nK-1,Ada Example,1980-05-31,,active\n"), 0o600); err != nil {
		return err
	}
	for _, args := range [][]string{{"migrate", "up"}, {"accounts", "import", file}} {
		var said bytes.Buffer
		if code := run(context.Background(), args, environ, strings.NewReader(""), &said, &said); code != 0 {
			return fmt.Errorf("%v: %s", args, &said)
		}
	}
	env := &Environment{Context: context.Background(), Now: time.Now, Rand: rand.Reader, Stderr: os.Stderr}
	masterKey, err := readMasterKey(testMasterKey)
	if err != nil {
		return err
	}
	settings := storeSettings{database: "sqlite:" + path, issuer: "https://id.example", masterKey: masterKey}
	store, err := openStore(env, settings, models.Policy{}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	account, err := store.FindErasable(env.Context, "K-1")
	for range longEntries {
		if err == nil {
			err = store.OpenRecordByCommand(env.Context, account.ID, term.QueryExact)
		}
	}
	return errors.Join(err, store.Close())
}

func longEnviron(path string) []string {
	return []string{"COUNTERSIGN_ISSUER=https://id.example", "COUNTERSIGN_DATABASE=sqlite:" + path, "COUNTERSIGN_MASTER_KEY=" + testMasterKey}
}

// longDatabase is a copy of its own.
func longDatabase(t *testing.T) (environ []string, path string) {
	t.Helper()
	content, err := longFile()
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "countersign.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return longEnviron(path), path
}

// forget empties the table that supervisors search, as an update finds it that brings it.
func forget(t *testing.T, path string) {
	t.Helper()
	database, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = database.ExecContext(t.Context(), "DELETE FROM audit_search")
	if err := errors.Join(err, database.Close()); err != nil {
		t.Fatal(err)
	}
}

// giveUpMany lets there be many notices that were given up: contacts from before, which need no request.
func giveUpMany(t *testing.T, path string) {
	t.Helper()
	database, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = database.ExecContext(t.Context(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
		INSERT INTO notices (id, occasion, channel, account_id, created_at, useful_until, next_try_at, outcome, done_at, cause)
		SELECT 'notice-' || i, 'contact-changed', 'mail', (SELECT id FROM accounts), 1, 2, 0, 'failed', i, 'refused' FROM n`)
	if err := errors.Join(err, database.Close()); err != nil {
		t.Fatal(err)
	}
}

// accountsFile is a file of so many accounts.
func accountsFile(t *testing.T, letter string, count int) string {
	t.Helper()
	var lines strings.Builder
	lines.WriteString("identifiers,name,date_of_birth,contact,status\n")
	for i := range count {
		_, _ = fmt.Fprintf(&lines, "%s-%d,Ada Example,1980-05-31,,active\n", letter, i)
	}
	file := filepath.Join(t.TempDir(), "accounts.csv")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
