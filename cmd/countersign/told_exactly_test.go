package main

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"countersign/handlers/notices"
	"countersign/models"
)

// Lists of commands say what they leave out.
func TestListsOfCommandsSayWhatTheyLeaveOut(t *testing.T) {
	t.Parallel()
	for count, want := range map[int]string{
		0: "", 1: "and 1 more that wait\n", models.NotShownCounted: "and 1000 more that wait\n",
		models.NotShownCounted + 1: "and more than 1000 more that wait\n",
	} {
		if got := notShownText(count); got != want {
			t.Errorf("%d: %q", count, got)
		}
	}
	if got := notListedText(models.AccountBindings{Live: 3}); got != "" {
		t.Errorf("%q", got)
	}
	if got := notListedText(models.AccountBindings{Live: 3, NotShown: 2}); got != "and 2 more; of all, 3 are connected or may still be\n" {
		t.Errorf("%q", got)
	}
}

// So does that of accounts that are locked.
func TestLockedAccountsBeyondTheList(t *testing.T) {
	t.Parallel()
	environ, path := migratedFile(t)
	if got := runWith(t, environ, "", "accounts", "import", accountsFile(t, "L", models.LockedListed)); got.code != 0 {
		t.Fatal(got.stderr)
	}
	lock := func(change string) string {
		t.Helper()
		database, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000")
		if err == nil {
			_, err = database.ExecContext(t.Context(), change)
		}
		if err := errors.Join(err, database.Close()); err != nil {
			t.Fatal(err)
		}
		got := runWith(t, environ, "", "accounts", "unlock")
		if got.code != 0 {
			t.Fatal(got.stderr)
		}
		return got.stdout
	}
	const told = "these 50 were locked last; there may be more\n"
	if said := lock("UPDATE accounts SET match_locked_at = 1777885200000"); strings.Count(said, "locked since") != 50 ||
		!strings.HasSuffix(said, told) {
		t.Errorf("%s", said)
	}
	one := "UPDATE accounts SET match_locked_at = 0 WHERE id = (SELECT min(id) FROM accounts)"
	if said := lock(one); strings.Count(said, "locked since") != 49 || strings.Contains(said, told) {
		t.Errorf("%s", said)
	}
}

// A test message that was sent whole without an answer is not said to have been refused.
func TestATestMessageThatPerhapsArrived(t *testing.T) {
	t.Parallel()
	if got := notTaken(&notices.Failure{Why: "no answer: perhaps sent", Unsure: true}, "no answer: perhaps sent"); got !=
		"no answer: perhaps sent.\nNext: look whether it arrived" {
		t.Errorf("%q", got)
	}
	if got := notTaken(&notices.Failure{Why: "refused"}, "refused"); got != "not taken: refused.\nNext: mend that, and try again" {
		t.Errorf("%q", got)
	}
}
