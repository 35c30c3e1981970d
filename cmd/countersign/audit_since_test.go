package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/models"
)

// Who kept a checkpoint verifies what is new since, and is told what was not read.
func TestVerifySince(t *testing.T) {
	s := newSequenced(t)
	s.seconds(2, func(int) {})
	note, err := s.store.LogCheckpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "checkpoint.txt")
	if err := os.WriteFile(kept, note, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = s.store.ImportAccounts(t.Context(), []models.ImportedAccount{{Line: 2, Identifiers: []string{"anna@mail.example"},
		FullName: "Anna Example", Status: "active"}}, audit.Actor{System: "command"})
	if err != nil {
		t.Fatal(err)
	}
	s.seconds(2, func(int) {})
	var out, told bytes.Buffer
	code := run(t.Context(), []string{"audit", "verify", "--database=sqlite:" + s.file, "--issuer=https://id.example",
		"--checkpoint=" + kept, "--since"}, nil, nil, &out, &told)
	size := strings.Split(string(note), "\n")[1]
	for _, want := range []string{
		", after number " + size + ", with the database's own keys\nverdict: sound\nlog: 1 checkpoint,",
		"log: entries up to number " + size + " were not read, but those of keys",
		"log: it continues the kept checkpoint of " + size + " entries\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q", want)
		}
	}
	if code != 0 || told.Len() > 0 { // how far it is says only what takes long
		t.Errorf("exit code %d\n%s\n%s", code, &out, &told)
	}
}
