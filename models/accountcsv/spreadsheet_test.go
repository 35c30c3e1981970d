package accountcsv

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"countersign/models"
)

const line = "a@example.org;C-1,Ana Lima,1984-03-09,+44 7700 900118,suspended"

// What spreadsheets leave empty, and how they end lines and separate columns, changes no account.
func TestWhatSpreadsheetsSave(t *testing.T) {
	t.Parallel()
	semicolons := strings.ReplaceAll(header, ",", ";") + "\"a@example.org;C-1\";Ana Lima;1984-03-09;+44 7700 900118;suspended\n"
	tabs := strings.ReplaceAll(header+line, ",", "\t")
	for name, c := range map[string]struct {
		file string
		line int
	}{
		"empty rows":                   {header + ",,,,\n" + line + "\n,,,,\n , ,\u00a0,,\n,\n", 3},
		"empty rows before the header": {",,,,\n\n" + header + line, 4},
		"empty columns at the end":     {strings.TrimSpace(header) + ",,\n" + line + ",,\n", 2},
		"more empty fields":            {header + line + ",,,\n", 2},
		"empty column between":         {"identifiers,name,,date_of_birth,contact,status\na@example.org;C-1,Ana Lima,,1984-03-09,+44 7700 900118,suspended", 2},
		"CR":                           {strings.ReplaceAll(header+line+"\n", "\n", "\r"), 2},
		"CR, CRLF and LF":              {"\r\n" + header + "\r,,,,\r\n" + line + "\r", 5},
		"marks without width":          {"\ufeff\ufeff" + header + "\u200b,,\ufeff,,\n" + line + "\n\u2060,,,,\n", 3},
		"the end of a file of DOS":     {header + line + "\r\n\x1a", 2},
		"semicolons":                   {semicolons, 2},
		"tabs":                         {tabs, 2},
		"tabs, empty rows":             {"\ufeff" + strings.ReplaceAll(tabs, "\n", "\t\t\r\n\t\t\t\r\n"), 3},
		"bars":                         {strings.ReplaceAll(header+line, ",", "|"), 2},
		"sep=;":                        {"sep=;\r\n" + semicolons, 3},
		"sep=, with a mark":            {"\ufeffSEP=,\n" + header + line, 3},
		"sep= with a tab":              {"sep=\t\n" + tabs, 3},
		"sep= among columns":           {"\"sep=,\",,,,\n" + header + line, 3},
		"sep= that was saved again":    {"sep=,,,,,\n" + header + line, 3},
		`="…"`:                         {header + "=\"a@example.org;C-1\",=\"Ana Lima\",\"=\"\"1984-03-09\"\"\",'+44 7700 900118, =\"suspended\"\n", 2},
	} {
		accounts, problems := readAll(strings.NewReader(c.file), today)
		if len(problems) > 0 || len(accounts) != 1 {
			t.Errorf("%s: %v, %v", name, accounts, problems)
			continue
		}
		got := accounts[0]
		if !slices.Equal(got.Identifiers, []string{"a@example.org", "C-1"}) || got.FullName != "Ana Lima" || got.DateOfBirth != "1984-03-09" ||
			got.Contact != "+44 7700 900118" || got.Status != models.AccountSuspended || got.Line != c.line {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A text that a spreadsheet marked keeps its zeros; what only looks like a mark stays.
func TestMarksOfTexts(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		`="0044"`: "0044", `"=""0044"""`: "0044", "'0044": "0044", "'+447700900118": "+447700900118", "'t Hooft": "'t Hooft", "12E4": "12E4",
		"#7": "#7", "K=1": "K=1", "0044": "0044", "O'Neill": "O'Neill", `"a,=""b"""`: `a,="b"`, "E+7": "E+7",
	} {
		accounts, problems := readAll(strings.NewReader(header+field+",Ana,,,\n"), today)
		if len(problems) > 0 || !slices.Equal(accounts[0].Identifiers, []string{want}) {
			t.Errorf("%s: %+v, %v; want %q", field, accounts, problems, want)
		}
	}
}

// A date that a spreadsheet wrote otherwise is read when only one day is meant by it.
func TestDatesOfSpreadsheets(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"1980-05-31": "1980-05-31", "31.05.1980": "1980-05-31", "1.2.1980": "1980-02-01", "31/05/1980": "1980-05-31", "5/31/1980": "1980-05-31",
		"1980/05/31": "1980-05-31", "1980-05-31 00:00:00": "1980-05-31", "1980-05-31T00:00:00Z": "1980-05-31", "31-May-1980": "1980-05-31",
		"5/31/1980 12:00:00 AM": "1980-05-31", "31.05.1980 00:00": "1980-05-31", "'1980-05-31": "1980-05-31", "5/5/1980": "1980-05-05",
		"05/06/1980": "", "5/31/80": "", "31-May-80": "", "29372": "", "29372.0": "", "310580": "",
	} {
		accounts, problems := readAll(strings.NewReader(header+"x,Ana,"+field+",,\n"), today)
		switch {
		case want == "" && (len(problems) != 1 || problems[0].Problem != models.ImportDateForm || len(problems[0].Args) > 0):
			t.Errorf("%s: %+v, %v; want it refused with advice", field, accounts, problems)
		case want != "" && (len(problems) > 0 || accounts[0].DateOfBirth != want):
			t.Errorf("%s: %+v, %v; want %s", field, accounts, problems, want)
		}
	}
}

// What a spreadsheet lost is refused once for each column, without what stands there, and the rest is counted.
func TestWhatSpreadsheetsLost(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]models.ImportProblem{
		"4.47E+11": models.ImportCutNumber, `"4,47E+11"`: models.ImportCutNumber, "4E+11": models.ImportCutNumber,
		"4.4777e11":      models.ImportCutNumber,
		"447700900118.0": models.ImportCutNumber, "#Н/Д": models.ImportFormula, "#N/D": models.ImportFormula,
		"-4.47E+11": models.ImportCutNumber, "+4.47E+11": models.ImportCutNumber,
		"#N/A": models.ImportFormula, "#REF!": models.ImportFormula, "#NV": models.ImportFormula, "#NAME?": models.ImportFormula,
		"#DIV/0!": models.ImportFormula,
		"#BEZUG!": models.ImportFormula, "#WERT!": models.ImportFormula, "########": models.ImportFormula, "Err:502": models.ImportFormula,
		"=A1+B1": models.ImportFormula, "'=A1": models.ImportFormula, "Jos\ufffd": models.ImportLost, "Jos\xe9": models.ImportNotUTF8,
	} {
		for i, column := range required {
			fields := []string{"x%d", "Ana", "", "", ""}
			fields[i] = field
			row := strings.Join(fields, ",") + "\n"
			file := header + row
			for n := range 2 {
				file += strings.ReplaceAll(row, "%d", fmt.Sprint(n))
			}
			read := Read(strings.NewReader(file), today)
			problem := models.ImportError{Line: 2, Column: column, Problem: want}
			if len(read.Problems) != 1 || read.Problems[0].Error() != problem.Error() || read.Further != 2 || len(read.Accounts) > 0 {
				t.Errorf("%s in %s: %+v", field, column, read)
			}
		}
	}
	if _, problems := readAll(strings.NewReader(header+"K-1;4.47E+11,Ana,,,\n"), today); len(problems) != 1 ||
		problems[0].Problem != models.ImportCutNumber {
		t.Errorf("among identifiers: %v", problems)
	}
}

func TestHeadersThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"somebody's data", line + "\n" + line, "line 1: the first line does not name the columns: identifiers, name, date_of_birth"},
		{"somebody's data, all on one line", strings.ReplaceAll(line, ",", " "), "line 1: the first line does not name the columns"},
		{"a workbook", "PK\x03\x04Ana", "line 1: this is a spreadsheet’s own file"},
		{"an older workbook", "\xd0\xcf\x11\xe0Ana", "line 1: this is a spreadsheet’s own file"},
		{"unknown separator", "sep=^\n" + strings.ReplaceAll(header, ",", "^"), "line 1: the columns are not separated by commas"},
		{"a name among columns", strings.TrimSpace(header) + ",Ana Lima\n", "line 1, column 6: unknown column"},
		{"a number among columns", strings.TrimSpace(header) + ",k100\n", "line 1, column 6: unknown column"},
		{"an address among columns", strings.TrimSpace(header) + ",ana@example.org\n", "line 1, column 6: unknown column"},
		{"below no name", strings.TrimSpace(header) + ",\nx,Ana,,,,lost\n", "line 2: it has 6 fields, the header has 5"},
		{"below no name, between", ",identifiers,name,date_of_birth,contact,status\nlost,x,Ana,,,\n", "line 2, column 1: something stands here"},
	} {
		_, problems := readAll(strings.NewReader(c.file), today)
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, problems, c.want)
			continue
		}
		for _, datum := range []string{"Ana", "a@example.org", "1984", "C-1", "lost", "k100"} {
			if strings.Contains(problems[0].Error(), datum) {
				t.Errorf("%s: shows %q", c.name, problems[0])
			}
		}
	}
}

// Fifty problems are listed, whatever the size of the file.
func TestFurtherProblemsAreCounted(t *testing.T) {
	t.Parallel()
	read := Read(strings.NewReader(header+strings.Repeat("x,y\n", 10_000)), today)
	if len(read.Problems) != models.MaxListed || read.Further != 10_000-models.MaxListed {
		t.Errorf("%d listed, %d counted", len(read.Problems), read.Further)
	}
	if read := Read(strings.NewReader(header+"x,Ana,,,\n"+strings.Repeat(",,,,\n", 100_000)), today); len(read.Problems) > 0 ||
		len(read.Accounts) != 1 {
		t.Errorf("empty rows: %d accounts, %d problems", len(read.Accounts), len(read.Problems))
	}
}
