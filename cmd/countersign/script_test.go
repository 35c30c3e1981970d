package main

import (
	"os"
	"path/filepath"
	"testing"

	"countersign/models/pgtest"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts in testdata/script run the whole program, each command a process of its
// own, over real HTTP and a real database. Beside testscript's own commands they have
//
//	clock set TIME | advance LENGTH    the clock of every process of the script; it stands still
//	waitfile FILE VARIABLE             waits for a file of a process in the background, and takes its text
//	waitmatch PATTERN FILE             waits until a file reads like this
//	freeport VARIABLE                  an address on loopback that nobody listens on
//	exits CODE PROGRAM ARGUMENTS…      like exec, for a program that has to end with a certain code
//	terminate SUBCOMMAND               SIGTERM for countersign SUBCOMMAND in the background
//	[!] httpget [-wait] URL            GET; fails unless the answer is 2xx; the answer is the output
//	[!] sql FILE STATEMENT…            on a SQLite file, past the program; rows are the output
//	droptriggers FILE TABLE            takes the protection of a table away
//	damage FILE TABLE                  the table's first page is lost
//	earlier FILE VERSION               a SQLite file with the migrations up to that one
//	made COMMIT                        what the program of a commit left behind, from testdata/update
//	keyid VARIABLE FILE PURPOSE STATUS the key of a SQLite file, once it is there
//	files PATTERN                      the names of the files that match
//	windows FILE                       byte order mark and CRLF
//	perms MODE FILE…                   the files have this mode, such as 0600
//	[!] operator STEP …                a step of an operator at the console; see script_operator_test.go
func TestScripts(t *testing.T) {
	t.Parallel()
	path, detecting := scriptPath(t)
	checkDetectors(t, path, detecting)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", path)
			env.Setenv(detectingVariable, detecting)
			env.Values[operatorsKey{}] = &scriptOperators{browsers: map[string]*operatorBrowser{}}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"clock":        scriptClockCommand,
			"waitfile":     scriptWaitFile,
			"freeport":     scriptFreePort,
			"exits":        scriptExits,
			"terminate":    scriptTerminate,
			"httpget":      scriptHTTPGet,
			"sql":          scriptSQL,
			"trail":        scriptTrail,
			"perms":        scriptPerms,
			"windows":      scriptWindows,
			"files":        scriptFiles,
			"waitmatch":    scriptWaitMatch,
			"droptriggers": scriptDropTriggers,
			"damage":       scriptDamage,
			"earlier":      scriptEarlier,
			"made":         scriptMade,
			"keyid":        scriptKeyID,
			"operator":     scriptOperator,
		},
	})
}

// withPostgres takes the temporary PostgreSQL down after the tests, and what they have built away.
type withPostgres struct{ *testing.M }

// Run is testscript.TestingM.
func (w withPostgres) Run() int {
	defer removeWatchedProgram()
	return pgtest.Run(w.M)
}

func TestMain(m *testing.M) {
	testscript.Main(withPostgres{m}, map[string]func(){"countersign": func() { os.Exit(scriptProgram()) }})
}
