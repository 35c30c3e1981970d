package main

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptKeyID is keyid VARIABLE FILE PURPOSE STATUS. It waits until the SQLite file has
// such a key: a server may be about to make it.
func scriptKeyID(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: keyid VARIABLE FILE PURPOSE STATUS")
	}
	database := scriptDatabase(ts, args[1])
	defer database.Close()
	var id string
	found := until(func() bool {
		lines, err := queryLines(database, fmt.Sprintf(
			"SELECT id FROM server_keys WHERE purpose = '%s' AND status = '%s' AND sealed <> ''", args[2], args[3]))
		id = strings.TrimSpace(lines)
		return err == nil && id != ""
	})
	if !found {
		ts.Fatalf("no %s key for %s came", args[3], args[2])
	}
	ts.Setenv(args[0], id)
}
