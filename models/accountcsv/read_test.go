package accountcsv

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"countersign/models"
)

const header = "identifiers,name,date_of_birth,contact,status\n"

// today is the day before the first date of birth that is refused.
var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func readAll(file io.Reader, now time.Time) ([]models.ImportedAccount, []models.ImportError) {
	read := Read(file, now)
	return read.Accounts, read.Problems
}

func TestRead(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"plain":      header + "a@example.org;C-1,Ana Lima,1984-03-09,+44 7700 900118,suspended\n",
		"no newline": header + "a@example.org;C-1,Ana Lima,1984-03-09,+44 7700 900118,suspended",
		"mark, CRLF": "\ufeff" + strings.ReplaceAll(header+"a@example.org;C-1,Ana Lima,1984-03-09,+44 7700 900118,suspended\n", "\n", "\r\n"),
		"order":      "status,contact,name,identifiers,date_of_birth\nsuspended,+44 7700 900118,Ana Lima,a@example.org;C-1,1984-03-09\n",
		"quotes":     "\"identifiers\",Name , date_of_birth,\"contact\",STATUS\n\" a@example.org ; C-1;\",\"Ana Lima\", 1984-03-09 ,+44 7700 900118, Suspended\n",
	} {
		accounts, problems := readAll(strings.NewReader(file), today)
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

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"nothing", "", "line 1: the file is empty"},
		{"no lines", header, "line 1: the file has no accounts"},
		{"missing column", "identifiers,name,contact,status\nx,y,,\n", "line 1, column date_of_birth: the column is missing"},
		{"unknown column", "identifiers,name,date_of_birth,contact,status,age\nx,y,,,,3\n", "line 1, column age: unknown column"},
		{"column twice", "identifiers,name,date_of_birth,contact,status,name\nx,y,,,,y\n", "line 1, column name: the column is there twice"},
		{"too few fields", header + "x,y\n", "line 2: it has 2 fields, the header has 5"},
		{"no identifier", header + " ; ,Ana,,,\n", "line 2, column identifiers: there is no identifier"},
		{"hidden character", header + "a\u200bb,Ana,,,\n",
			"line 2, column identifiers: an identifier contains a control, direction or zero-width character"},
		{"no name", header + "x,,,,\n", "line 2, column name: the name is missing"},
		{"turned name", header + "x,A\u202ena,,,\n", "line 2, column name: a character that turns the direction of writing"},
		{"long name", header + "x," + strings.Repeat("é", 201) + ",,,\n", "line 2, column name: longer than 200 characters"},
		{"two lines in a name", header + "x,\"A\nna\",,,\n", "line 2, column name: a control character or a line break"},
		{"not UTF-8", header + "x,Jos\xe9,,,\n", "line 2, column name: not UTF-8"},
		{"no such day", header + "x,Ana,2023-02-29,,\n", `line 2, column date_of_birth: "2023-02-29" is not a date`},
		{"tomorrow", header + "x,Ana,2026-11-23,,\n", "line 2, column date_of_birth: 2026-11-23 is in the future"},
		{"status", header + "x,Ana,,,gone\n", `line 2, column status: "gone" is none of active, suspended, locked, closed`},
		{"long subject", "identifiers,name,date_of_birth,contact,status,staff\nx,Ana,,,," + strings.Repeat("s", 256) + "\n",
			"line 2, column staff: longer than 255 characters"},
		{"blank in a mailbox", header + "anna tag@example.org,Ana,,,\n", "line 2, column identifiers: a mail address has a blank before its @"},
		{"same identifier", header + "x;Y,Ana,,,\n\ny,Bo,,,\n", `line 4, column identifiers: "y" is on line 2 already`},
		{"identifier twice", header + "x; X,Ana,,,\n", `line 2, column identifiers: "X" is on this line twice`},
		{"very many identifiers", header + strings.Join(numbers(101), ";") + ",Ana,,,\n",
			"line 2, column identifiers: more than 100 identifiers for one account"},
		{"UTF-16", "\xff\xfei\x00d\x00", "line 1: this is UTF-16. Save it as CSV UTF-8, separated by commas"},
		{"UTF-16, the other way", "\xfe\xff\x00i\x00d", "line 1: this is UTF-16. Save it"},
		{"UTF-16 without a mark", "i\x00d\x00", "line 1: this is UTF-16. Save it"},
		{"stray quote", header + "x,\"An\"a,,,\n", "line 2: character"},
	} {
		_, problems := readAll(strings.NewReader(c.file), today)
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, problems, c.want)
		}
	}
}

func TestReadReportsEverything(t *testing.T) {
	t.Parallel()
	_, problems := readAll(strings.NewReader(header+"x,,1980-13-01,,gone\ny,Bo,,,\nx,Cy,3000-01-01,,\n"), today)
	want := []string{"line 2, column name", "line 2, column date_of_birth", "line 2, column status", "line 4, column identifiers",
		"line 4, column date_of_birth"}
	if len(problems) != len(want) {
		t.Fatalf("got %v", problems)
	}
	for i, problem := range problems {
		if !strings.HasPrefix(problem.Error(), want[i]) {
			t.Errorf("problem %d is %q, want %q", i, problem, want[i])
		}
	}
}

// The name in Latin letters, for a record in another script; without the column the account keeps what it has.
func TestLatinNameColumn(t *testing.T) {
	read := func(column, value string) (*string, []models.ImportError) {
		accounts, problems := readAll(strings.NewReader("identifiers,name,date_of_birth,contact,status"+column+"\nx,山本 健一,,,"+value+"\n"), today)
		if len(accounts) == 0 {
			return nil, problems
		}
		return accounts[0].LatinName, problems
	}
	if got, problems := read("", ""); got != nil || len(problems) > 0 {
		t.Errorf("without the column: %v, %v", got, problems)
	}
	for _, value := range []string{"Kenichi Yamamoto", "Nguyễn Thị Hương", "O'Neill-Åse, Jr.", ""} {
		if got, problems := read(",latin_name", `,"`+value+`"`); len(problems) > 0 || got == nil || *got != value {
			t.Errorf("%q: %v, %v", value, got, problems)
		}
	}
	for value, want := range map[string]models.ImportProblem{
		"山本 健一": models.ImportNotLatin, "Rana الخطيب": models.ImportNotLatin, "Анна": models.ImportNotLatin, "12": models.ImportNotLatin,
		strings.Repeat("A", 201): models.ImportLong,
	} {
		if _, problems := read(",latin_name", ","+value); len(problems) != 1 || problems[0].Problem != want ||
			problems[0].Column != "latin_name" {
			t.Errorf("%q: %v", value, problems)
		}
	}
}

// The language of an account's notices; without the column it keeps what it has.
func TestLanguageColumn(t *testing.T) {
	read := func(column, value string) (*string, []models.ImportError) {
		accounts, problems := readAll(strings.NewReader("identifiers,name,date_of_birth,contact,status"+column+"\nx,Ana,,,"+value+"\n"), today)
		if len(accounts) == 0 {
			return nil, problems
		}
		return accounts[0].Language, problems
	}
	if got, problems := read("", ""); got != nil || len(problems) > 0 {
		t.Errorf("without the column: %v, %v", got, problems)
	}
	for value, want := range map[string]string{"": "", "de": "de", "PT-br": "pt-BR", "ar": "ar", "de_AT": "de-AT"} {
		if got, problems := read(",language", ","+value); len(problems) > 0 || got == nil || *got != want {
			t.Errorf("%q: %v, %v", value, got, problems)
		}
	}
	for _, value := range []string{"German", "Deutsch", "und", "x!", "42", "en-" + strings.Repeat("abcdefgh-", 5) + "a"} {
		if got, problems := read(",language", ","+value); len(problems) != 1 || problems[0].Problem != models.ImportLanguage ||
			problems[0].Column != "language" {
			t.Errorf("%q: %v, %v", value, got, problems)
		}
	}
}

// The accounts file says for which accounts the presence proof is required; without the column it
// says nothing.
func TestPresenceColumn(t *testing.T) {
	read := func(column, value string) (*bool, []models.ImportError) {
		accounts, problems := readAll(strings.NewReader("identifiers,name,date_of_birth,contact,status"+column+"\nx,y,,,"+value+"\n"), today)
		if len(accounts) == 0 {
			return nil, problems
		}
		return accounts[0].PresenceRequired, problems
	}
	if got, problems := read("", ""); got != nil || len(problems) > 0 {
		t.Errorf("without the column: %v, %v", got, problems)
	}
	for value, want := range map[string]bool{"required": true, "Required": true, "": false} {
		if got, problems := read(",presence", ","+value); len(problems) > 0 || got == nil || *got != want {
			t.Errorf("%q: %v, %v", value, got, problems)
		}
	}
	if _, problems := read(",presence", ",yes"); len(problems) != 1 || !strings.Contains(problems[0].Error(), "neither required nor empty") {
		t.Errorf("yes: %v", problems)
	}
}

// numbers are so many identifiers.
func numbers(n int) (list []string) {
	for i := range n {
		list = append(list, "n"+strconv.Itoa(i))
	}
	return list
}
