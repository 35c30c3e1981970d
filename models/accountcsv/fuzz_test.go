package accountcsv

import (
	"strings"
	"testing"

	"countersign/models/spelling"
)

// docs/protocol.md §6 hostile-text for files: whatever is imported, the reader ends, and what it takes
// without a complaint is whole, named once and fit to be shown.
func FuzzRead(f *testing.F) {
	for _, file := range []string{
		header, header + "a@example.org;C-1,Ana Lima,1984-03-09,+44 7700 900118,suspended\n", "\ufeff" + header,
		header + "a,\"b\n", header + "a;A; a ,Ana,,,\nA,Ben,,,\n", header + "a,\u202eAna,,,\n", "\x00", "a,a\n",
		"sep=;\r" + strings.ReplaceAll(header, ",", ";") + ";;;;\rx;=\"0044\";31/05/1980;'0044;;;\r", header + "4.47E+11,#N/A,5/6/80,,\n",
	} {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file string) {
		accounts, problems := readAll(strings.NewReader(file), today)
		if len(problems) > 0 {
			return
		}
		owner := map[string]int{}
		for i, account := range accounts {
			if account.FullName == "" || account.Status == "" || len(account.Identifiers) == 0 || unreadable(account.FullName) != "" {
				t.Errorf("%q was taken as %+v", file, account)
			}
			for _, identifier := range account.Identifiers {
				key := spelling.Key(identifier)
				if other, taken := owner[key]; key == "" || taken && other != i {
					t.Errorf("%q: identifier %q of two accounts, or of none", file, identifier)
				}
				owner[key] = i
			}
		}
	})
}
