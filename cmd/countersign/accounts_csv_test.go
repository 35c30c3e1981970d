package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"countersign/models"
)

const accountsHeader = "identifiers,name,date_of_birth,contact,status\n"

func TestReadAccounts(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"plain":      accountsHeader + "a@example.org;C-1,Ana Lima,1984-03-09,+44 7700 900118,suspended\n",
		"no newline": accountsHeader + "a@example.org;C-1,Ana Lima,1984-03-09,+44 7700 900118,suspended",
		"mark, CRLF": "\ufeff" + strings.ReplaceAll(accountsHeader+"a@example.org;C-1,Ana Lima,1984-03-09,+44 7700 900118,suspended\n", "\n", "\r\n"),
		"order":      "status,contact,name,identifiers,date_of_birth\nsuspended,+44 7700 900118,Ana Lima,a@example.org;C-1,1984-03-09\n",
		"quotes":     "\"identifiers\",Name , date_of_birth,\"contact\",STATUS\n\" a@example.org ; C-1;\",\"Ana Lima\", 1984-03-09 ,+44 7700 900118, Suspended\n",
	} {
		accounts, problems := readAccounts(strings.NewReader(file), testNow)
		if len(problems) > 0 || len(accounts) != 1 {
			t.Errorf("%s: %v, %v", name, accounts, problems)
			continue
		}
		got := accounts[0]
		if !slices.Equal(got.Identifiers, []string{"a@example.org", "C-1"}) || got.FullName != "Ana Lima" || got.DateOfBirth != "1984-03-09" ||
			got.Contact != "+44 7700 900118" || got.Status != models.AccountSuspended || got.Line != 2 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestReadAccountsRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"nothing", "", "line 1: the file is empty"},
		{"no lines", accountsHeader, "line 1: the file has no accounts"},
		{"missing column", "identifiers,name,contact,status\nx,y,,\n", "line 1, column date_of_birth: the column is missing"},
		{"unknown column", "identifiers,name,date_of_birth,contact,status,age\nx,y,,,,3\n", `line 1, column "age": unknown column`},
		{"column twice", "identifiers,name,date_of_birth,contact,status,name\nx,y,,,,y\n", "line 1, column name: the column is there twice"},
		{"too few fields", accountsHeader + "x,y\n", "line 2: it has 2 fields, the header has 5"},
		{"no identifier", accountsHeader + " ; ,Ana,,,\n", "line 2, column identifiers: there is no identifier"},
		{"hidden character", accountsHeader + "a\u200bb,Ana,,,\n", "line 2, column identifiers: an identifier contains a control, direction or zero-width character"},
		{"no name", accountsHeader + "x,,,,\n", "line 2, column name: the name is missing"},
		{"turned name", accountsHeader + "x,A\u202ena,,,\n", "line 2, column name: a character that turns the direction of writing"},
		{"long name", accountsHeader + "x," + strings.Repeat("é", 201) + ",,,\n", "line 2, column name: longer than 200 characters"},
		{"two lines in a name", accountsHeader + "x,\"A\nna\",,,\n", "line 2, column name: a control character or a line break"},
		{"not UTF-8", accountsHeader + "x,Jos\xe9,,,\n", "line 2, column name: not UTF-8"},
		{"no such day", accountsHeader + "x,Ana,2023-02-29,,\n", `line 2, column date_of_birth: "2023-02-29" is not a date`},
		{"other order", accountsHeader + "x,Ana,31.05.1980,,\n", `line 2, column date_of_birth: "31.05.1980" is not a date`},
		{"tomorrow", accountsHeader + "x,Ana,2026-11-23,,\n", "line 2, column date_of_birth: 2026-11-23 is in the future"},
		{"status", accountsHeader + "x,Ana,,,gone\n", `line 2, column status: "gone" is none of active, suspended, locked, closed`},
		{"same identifier", accountsHeader + "x;Y,Ana,,,\n\ny,Bo,,,\n", `line 4, column identifiers: "y" is on line 2 already`},
		{"identifier twice", accountsHeader + "x; X,Ana,,,\n", `line 2, column identifiers: "X" is on this line twice`},
		{"semicolons", strings.ReplaceAll(accountsHeader, ",", ";") + "x;Ana;;;\n", "line 1: the columns are not separated by commas. Save it as CSV UTF-8, separated by commas"},
		{"tabs", strings.ReplaceAll(accountsHeader, ",", "\t") + "x\tAna\t\t\t\n", "line 1: the columns are not separated by commas. Save it"},
		{"UTF-16", "\xff\xfei\x00d\x00", "line 1: this is UTF-16. Save it as CSV UTF-8, separated by commas"},
		{"UTF-16, the other way", "\xfe\xff\x00i\x00d", "line 1: this is UTF-16. Save it"},
		{"UTF-16 without a mark", "i\x00d\x00", "line 1: this is UTF-16. Save it"},
		{"stray quote", accountsHeader + "x,\"An\"a,,,\n", "line 2: character"},
	} {
		_, problems := readAccounts(strings.NewReader(c.file), testNow)
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, problems, c.want)
		}
	}
}

func TestReadAccountsReportsEverything(t *testing.T) {
	t.Parallel()
	_, problems := readAccounts(strings.NewReader(accountsHeader+"x,,1980-13-01,,gone\ny,Bo,,,\nx,Cy,3000-01-01,,\n"), testNow)
	want := []string{"line 2, column name", "line 2, column date_of_birth", "line 2, column status", "line 4, column identifiers", "line 4, column date_of_birth"}
	if len(problems) != len(want) {
		t.Fatalf("got %v", errors.Join(problems...))
	}
	for i, problem := range problems {
		if !strings.HasPrefix(problem.Error(), want[i]) {
			t.Errorf("problem %d is %q, want %q", i, problem, want[i])
		}
	}
}

func TestImportOfAFolder(t *testing.T) {
	t.Parallel()
	environ := newDatabase(t)
	folder := t.TempDir()
	for path, want := range map[string]string{folder: "open " + folder + ": is a folder", folder + "/x.csv": "open " + folder + "/x.csv: no such file"} {
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
	if got.code != exitFailed || !strings.Contains(got.stderr, "line 3, column identifiers: the identifiers belong to different accounts: \"C-1\" to one, \"b@example.org\" to another; give") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
	if got := runWith(t, environ, accountsHeader+"c@example.org,Cy,,,\na@example.org;C-1,Ana Lima,1984-03-09,,locked\n", "accounts", "import", "-"); strings.TrimSpace(got.stdout) != "1 added, 1 changed, 0 unchanged" {
		t.Errorf("exit code %d, %q, %q", got.code, got.stdout, got.stderr)
	}
}

// newDatabase makes a database with its schema; the result are the variables that name it.
func newDatabase(t *testing.T) []string {
	t.Helper()
	environ := []string{
		"COUNTERSIGN_DATABASE=sqlite:" + t.TempDir() + "/countersign.db",
		"COUNTERSIGN_MASTER_KEY=" + testMasterKey, "COUNTERSIGN_ISSUER=https://id.example.org",
	}
	if got := runWith(t, environ, "", "migrate", "up"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	return environ
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
	accounts, problems := readAccounts(bytes.NewReader(demoAccounts), testNow)
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
