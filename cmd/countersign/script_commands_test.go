package main

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"countersign/audit"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptWaitFile is waitfile FILE VARIABLE.
func scriptWaitFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfile FILE VARIABLE")
	}
	var content []byte
	if !until(func() (ok bool) {
		var err error
		content, err = os.ReadFile(ts.MkAbs(args[0]))
		return err == nil
	}) {
		ts.Fatalf("%s did not come", args[0])
	}
	ts.Setenv(args[1], strings.TrimSpace(string(content)))
}

// scriptWaitMatch is waitmatch PATTERN FILE.
func scriptWaitMatch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitmatch PATTERN FILE")
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	if !until(func() bool {
		content, err := os.ReadFile(ts.MkAbs(args[1]))
		return err == nil && pattern.Match(content)
	}) {
		ts.Fatalf("%s did not come to match", args[1])
	}
}

// scriptFreePort is freeport VARIABLE.
func scriptFreePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport VARIABLE")
	}
	address, err := freeAddress()
	ts.Check(err)
	ts.Setenv(args[0], address)
}

// scriptExits is exits CODE PROGRAM ARGUMENTS….
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENTS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("it ended with exit code %d, not %d", got, want)
	}
}

// scriptTerminate is terminate SUBCOMMAND. What it ended with is for the wait command.
func scriptTerminate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: terminate SUBCOMMAND")
	}
	for _, process := range ts.BackgroundCmds() {
		if len(process.Args) > 1 && process.Args[1] == args[0] {
			ts.Check(process.Process.Signal(syscall.SIGTERM))
			return
		}
	}
	ts.Fatalf("countersign %s does not run in the background", args[0])
}

// scriptHTTPGet is httpget [-wait] URL; -wait goes on asking a server that is only just
// starting.
func scriptHTTPGet(ts *testscript.TestScript, neg bool, args []string) {
	patient := len(args) > 0 && args[0] == "-wait"
	if patient {
		args = args[1:]
	}
	if len(args) != 1 {
		ts.Fatalf("usage: httpget [-wait] URL")
	}
	status, body, err := get(args[0])
	if patient {
		until(func() bool {
			status, body, err = get(args[0])
			return err == nil && status != http.StatusServiceUnavailable
		})
	}
	if err != nil && !neg {
		ts.Fatalf("%v", err)
	}
	_, _ = fmt.Fprintf(ts.Stdout(), "%d\n%s\n", status, body)
	if good := status >= 200 && status < 300; good == neg {
		ts.Fatalf("%s answered %d %s", args[0], status, body)
	}
}

func get(address string) (status int, body string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}

// scriptSQL is [!] sql FILE STATEMENT…; a row is a line, with | between its columns.
func scriptSQL(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: sql FILE STATEMENT…")
	}
	database := scriptDatabase(ts, args[0])
	defer database.Close()
	for _, statement := range args[1:] {
		lines, err := queryLines(database, statement)
		switch {
		case err != nil && !neg:
			ts.Fatalf("%s: %v", statement, err)
		case err == nil && neg:
			ts.Fatalf("%s: the database did it", statement)
		case err != nil:
			lines = err.Error() + "\n"
		}
		_, _ = fmt.Fprint(ts.Stdout(), lines)
	}
}

// scriptTrail is trail FILE: the claims of every event, as JSON, a line each. What stands in
// the table is base64url, in which no name would be found.
func scriptTrail(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: trail FILE")
	}
	database := scriptDatabase(ts, args[0])
	defer database.Close()
	tokens, err := queryLines(database, keptTokens)
	ts.Check(err)
	for token := range strings.Lines(tokens) {
		_, rest, _ := strings.Cut(tokenOf(strings.TrimSpace(token)), ".")
		claims, _, _ := strings.Cut(rest, ".")
		plain, err := base64.RawURLEncoding.DecodeString(claims)
		ts.Check(err)
		_, _ = fmt.Fprintf(ts.Stdout(), "%s\n", plain)
	}
}

// keptTokens are the tokens of the trail as a SQLite file has them, one in a row: text, or hexadecimal of what is packed.
const keptTokens = "SELECT CASE set_text WHEN '' THEN hex(packed) ELSE set_text END FROM audit_events ORDER BY seq"

// tokenOf is the token in a row of keptTokens.
func tokenOf(kept string) string {
	if packed, err := hex.DecodeString(kept); err == nil {
		return audit.Token("", string(packed))
	}
	return kept
}

// scriptDatabase opens a SQLite file that is there.
func scriptDatabase(ts *testscript.TestScript, path string) *sql.DB {
	_, err := os.Stat(ts.MkAbs(path))
	ts.Check(err)
	database, err := sql.Open("sqlite3", "file:"+ts.MkAbs(path)+"?_busy_timeout=5000&_foreign_keys=off")
	ts.Check(err)
	database.SetMaxOpenConns(1)
	return database
}

// scriptDropTriggers is droptriggers FILE TABLE: what somebody does first who has the file
// and wants to rewrite it.
func scriptDropTriggers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: droptriggers FILE TABLE")
	}
	database := scriptDatabase(ts, args[0])
	defer database.Close()
	names, err := queryLines(database, "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '"+args[1]+"'")
	ts.Check(err)
	if names == "" {
		ts.Fatalf("%s has no trigger", args[1])
	}
	for name := range strings.Lines(names) {
		_, err := queryLines(database, "DROP TRIGGER "+name)
		ts.Check(err)
	}
}

// scriptPerms is perms MODE FILE….
func scriptPerms(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: perms MODE FILE…")
	}
	for _, path := range args[1:] {
		info, err := os.Stat(ts.MkAbs(path))
		ts.Check(err)
		if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
			ts.Fatalf("%s has the mode %s, not %s", path, got, args[0])
		}
	}
}

// scriptWindows is windows FILE: it ends lines with CRLF and begins with a byte order
// mark, as some programs write files.
func scriptWindows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: windows FILE")
	}
	content := byteOrderMark + strings.ReplaceAll(ts.ReadFile(args[0]), "\n", "\r\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(content), 0o600))
}

// scriptFiles is files PATTERN: the names that match, a line each.
func scriptFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: files PATTERN")
	}
	names, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, name := range names {
		_, _ = fmt.Fprintln(ts.Stdout(), filepath.Base(name))
	}
}
