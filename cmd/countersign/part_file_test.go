package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// What a killed process left of a copy is removed, with what SQLite wrote beside it; what somebody writes now, what is whole, and what
// is of another name is not.
func TestRemoveLeft(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	prefix := filepath.Join(folder, "a.db.schema-")
	writing, err := newPart(prefix + "3")
	if err != nil {
		t.Fatal(err)
	}
	kept := []string{"a.db", "a.db.schema-1", "a.db.schema-3.part", "a.db.schema-4.part", "b.db.schema-2.part"}
	for _, name := range []string{"a.db", "a.db.schema-1", "b.db.schema-2.part", "a.db.schema-2.part", "a.db.schema-2.part-journal"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(prefix+"4.part", 0o700); err != nil {
		t.Fatal(err)
	}
	removed, err := removeLeft(prefix)
	if err != nil || !slices.Equal(removed, []string{prefix + "2.part"}) {
		t.Errorf("removed %v, %v", removed, err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if !slices.Equal(left, kept) {
		t.Errorf("left are %v", left)
	}
	if err := writing.Close(); err != nil { // as the system does for a process that dies
		t.Fatal(err)
	}
	if removed, err := removeLeft(prefix); err != nil || !slices.Equal(removed, []string{prefix + "3.part"}) {
		t.Errorf("removed %v, %v", removed, err)
	}
}
