package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/accountcsv"
	"countersign/models/modelstest"
)

const accountsHeader = "identifiers,name,date_of_birth,contact,status\n"

func TestImportOfAFolder(t *testing.T) {
	t.Parallel()
	environ := newDatabase(t)
	folder := t.TempDir()
	for path, want := range map[string]string{folder: "open " + folder + ": is a folder", folder + "/x.csv": "open " + folder +
		"/x.csv: no such file"} {
		got := runWith(t, environ, "", "accounts", "import", path)
		if got.code != exitFailed || !strings.HasPrefix(got.stderr, "countersign: "+want) {
			t.Errorf("exit code %d, %q", got.code, got.stderr)
		}
	}
}

func TestImportIsAllOrNothing(t *testing.T) {
	t.Parallel()
	environ := newDatabase(t)
	good := accountsHeader + "a@example.org;C-1,Ana Lima,1984-03-09,,\nb@example.org,Bo,,,\n"
	for i, want := range []string{"2 added, 0 changed, 0 unchanged", "0 added, 0 changed, 2 unchanged"} {
		if got := runWith(t, environ, good, "accounts", "import", "-"); got.code != 0 || strings.TrimSpace(got.stdout) != want {
			t.Errorf("import %d: exit code %d, %q, %q", i, got.code, got.stdout, got.stderr)
		}
	}
	// C-1 and b@example.org are two accounts by now: the last line cannot be taken, so none is.
	got := runWith(t, environ, accountsHeader+"c@example.org,Cy,,,\nC-1;b@example.org,Ana,,,\n", "accounts", "import", "-")
	if got.code != exitFailed ||
		!strings.Contains(got.stderr,
			"line 3, column identifiers: the identifiers belong to different accounts: \"C-1\" to one, \"b@example.org\" to another; give") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
	if got := runWith(t, environ, accountsHeader+"c@example.org,Cy,,,\na@example.org;C-1,Ana Lima,1984-03-09,,locked\n", "accounts", "import",
		"-"); strings.TrimSpace(got.stdout) != "1 added, 1 changed, 0 unchanged" {
		t.Errorf("exit code %d, %q, %q", got.code, got.stdout, got.stderr)
	}
}

// newDatabase makes a database with its schema; the result are the variables that name it.
func newDatabase(t *testing.T) []string {
	t.Helper()
	return []string{
		"COUNTERSIGN_DATABASE=" + modelstest.Migrated(t, "sqlite"),
		"COUNTERSIGN_MASTER_KEY=" + testMasterKey, "COUNTERSIGN_ISSUER=https://id.example.org",
	}
}

func TestOtherIssuerIsRefused(t *testing.T) {
	t.Parallel()
	environ := newDatabase(t)
	list := []string{"counters", "list"}
	if got := runWith(t, environ, "", list...); got.code != 0 {
		t.Fatal(got.stderr)
	}
	got := runWith(t, environ, "", append(list, "--issuer", "https://other.example.org")...)
	if got.code != exitFailed || !strings.Contains(got.stderr, "it belongs to https://id.example.org") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}

func TestDemonstrationAccounts(t *testing.T) {
	t.Parallel()
	read := accountcsv.Read(bytes.NewReader(demoAccounts), testNow)
	accounts, problems := read.Accounts, read.Problems
	if len(problems) > 0 || len(accounts) < 20 {
		t.Fatalf("%d accounts, %v", len(accounts), problems)
	}
	statuses := map[string]int{}
	own := ""
	for _, account := range accounts {
		statuses[account.Status]++
		if slices.Contains(account.Identifiers, demoStaff()[0].Email) {
			own = fmt.Sprint(account.Identifiers)
		}
	}
	if statuses[models.AccountSuspended] != 1 || statuses[models.AccountLocked] != 1 || !strings.Contains(own, demoOwn) {
		t.Errorf("statuses %v, the operator's own account %s", statuses, own)
	}
}

// The command lists fifty problems and counts the rest, of a file that cannot be read as of one that cannot be taken.
func TestImportListsFiftyProblems(t *testing.T) {
	t.Parallel()
	environ := newDatabase(t)
	var known, crossed strings.Builder
	for i := range 200 {
		fmt.Fprintf(&known, "a%d,Ana,,,\n", i)
		if i%2 == 1 {
			fmt.Fprintf(&crossed, "a%d;a%d,Ana,,,\n", i-1, i)
		}
	}
	if got := runWith(t, environ, accountsHeader+known.String(), "accounts", "import", "-"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	for file, further := range map[string]int{strings.Repeat("x,y\n", 1000): 950, crossed.String(): 50} {
		got := runWith(t, environ, accountsHeader+file, "accounts", "import", "-")
		want := fmt.Sprintf("\nfurther problems that are not listed: %d\nNext: correct the file", further)
		if lines := strings.Count(got.stderr, "\nline "); got.code != exitFailed || lines != models.MaxListed ||
			!strings.Contains(got.stderr, want) {
			t.Errorf("exit code %d, %d problems listed, ends with %q", got.code, lines, got.stderr[max(0, len(got.stderr)-200):])
		}
	}
}
