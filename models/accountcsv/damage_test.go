package accountcsv

import (
	"strings"
	"testing"

	"countersign/models"
)

// More that spreadsheets lost: numbers cut inside a text or written with other signs, errors in other languages, and letters
// that were read in another encoding and saved again.
func TestMoreThatSpreadsheetsLost(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]models.ImportProblem{
		"4.47 E+11": models.ImportCutNumber, "4.47E 11": models.ImportCutNumber, "4٫47E+11": models.ImportCutNumber,
		"tel:4.47E+11":    models.ImportCutNumber,
		"447700900118.00": models.ImportCutNumber, "+447700900118.0": models.ImportCutNumber, "\"447700900118,0\"": models.ImportCutNumber,
		"#YOK": models.ImportFormula, "#N/A N/A": models.ImportFormula, "Fehler:502": models.ImportFormula,
		"JosÃ©": models.ImportLost, "BjÃ¶rk": models.ImportLost, "Â«Ana": models.ImportLost,
	} {
		for _, row := range []string{field + ",Ana,,,", "x," + field + ",,,", "x,Ana,,\u00a0" + field + ","} {
			read := Read(strings.NewReader(header+row+"\n"), today)
			if len(read.Problems) != 1 || read.Problems[0].Problem != want || len(read.Problems[0].Args) > 0 {
				t.Errorf("%s: %+v", row, read)
			}
		}
	}
	for _, kept := range []string{"1E11", "E+7", "Irmã", "IRMÃ", "Âna", "São Tomé", "#7", "12345.0", "A4.5E", "NUÑEZ"} {
		if accounts, problems := readAll(strings.NewReader(header+kept+","+kept+",,,\n"), today); len(problems) > 0 ||
			accounts[0].FullName != kept {
			t.Errorf("%s: %+v, %v", kept, accounts, problems)
		}
	}
}

// Marks without width around a field are no part of it: an address with one reaches nobody.
func TestMarksAroundFields(t *testing.T) {
	t.Parallel()
	row := "\ufeffC-1\u200b,\u200bAna \u2060,,ana@example.org\u200b\u00a0,\u00a0active\ufeff\n"
	accounts, problems := readAll(strings.NewReader(header+row), today)
	if len(problems) > 0 || accounts[0].Identifiers[0] != "C-1" || accounts[0].FullName != "Ana" || accounts[0].Contact != "ana@example.org" {
		t.Errorf("%+v, %v", accounts, problems)
	}
}

// A separator that is said with blanks, and names of columns that are marked as texts.
func TestHeadersOfMoreSpreadsheets(t *testing.T) {
	t.Parallel()
	semicolons := func(text string) string { return strings.ReplaceAll(text, ",", ";") }
	for _, file := range []string{
		" sep=;\n" + semicolons(header) + "C-1;Ana;;;\n", "sep = ;\r\n" + semicolons(header) + "C-1;Ana;;;\r\n",
		`="identifiers";="name";="date_of_birth";="contact";="status"` + "\n" + `="C-1";="Ana";;;` + "\n",
	} {
		if accounts, problems := readAll(strings.NewReader(file), today); len(problems) > 0 || accounts[0].Identifiers[0] != "C-1" {
			t.Errorf("%q: %+v, %v", file, accounts, problems)
		}
	}
}

// A header that lost its line break is followed by somebody: then no message names a column that it does not know.
func TestHeaderAndPersonInOneLine(t *testing.T) {
	t.Parallel()
	for _, lost := range []string{"\u2028", "\u2029", " ", "\v", "\u0085", `\n`, ","} {
		file := strings.TrimSpace(header) + lost + "c-1,lindqvist,1984-03-09,anna@example.org,suspended\n"
		read := Read(strings.NewReader(file), today)
		if len(read.Problems) == 0 {
			t.Errorf("%q: read", lost)
		}
		for _, problem := range read.Problems {
			for _, datum := range []string{"lindqvist", "c-1", "1984", "anna", "column suspended"} {
				if strings.Contains(problem.Error(), datum) {
					t.Errorf("%q shows %s: %v", lost, datum, problem)
				}
			}
		}
	}
	named := Read(strings.NewReader(strings.TrimSpace(header)+",remarks\nC-1,Ana,,,,\n"), today)
	if len(named.Problems) != 1 || named.Problems[0].Column != "remarks" {
		t.Errorf("a plain word is named: %+v", named.Problems)
	}
}
