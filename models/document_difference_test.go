package models_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// quirina is whom the documents of these tests name.
const quirina = "ZEBULON, QUIRINA"

// differing is a card whose name differs, as the document gives it.
func differing() models.DocumentCheck {
	card := marriedCard()
	card.Name, card.BirthDate = quirina, "1984-03-09" // the date does not differ: it is not kept
	return card
}

// names are what a session is told of the documents of a visit.
func (s seconded) names(t *testing.T, session models.Session) string {
	t.Helper()
	d, err := s.DeviceAuthorization(s.Context, s.visit)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.DocumentDifferences(s.Context, session, d)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, row := range rows {
		list = append(list, strings.TrimSpace(row.ReadAs+" "+row.Name+" "+row.BirthDate))
	}
	return strings.Join(list, "; ")
}

// docs/decisions/0037-one-screen-to-decide.md: what a document says where it differs is for the visit's operator, for a
// second person who has opened the visit and for supervisors; nobody else is told.
func TestWhoSeesWhatTheDocumentSays(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			s := beginSeconded(t, dialect, models.Policy{}, differing())
			colleague := s.Operator(t, "third")
			people := map[string]models.Session{
				"operator":            sessionOf(t, s.Env, s.session, models.Operator),
				"their other session": sessionOf(t, s.Env, s.Operator(t, "first"), models.Operator),
				"colleague":           sessionOf(t, s.Env, colleague, models.Operator),
				"other colleague":     sessionOf(t, s.Env, s.Operator(t, "fourth"), models.Operator),
				"supervisor":          sessionOf(t, s.Env, s.SignIn(t, "super", []models.Role{models.Supervisor}), models.Supervisor),
				"administrator":       sessionOf(t, s.Env, s.SignIn(t, "admin", []models.Role{models.Administrator}), models.Administrator),
			}
			want := func(when, told string, who ...string) {
				t.Helper()
				for name, session := range people {
					expected := ""
					if strings.Contains(" "+strings.Join(who, ",")+",", name+",") {
						expected = told
					}
					if got := s.names(t, session); got != expected {
						t.Errorf("%s, the %s is told %q, want %q", when, name, got, expected)
					}
				}
			}
			typed := "typed " + quirina
			want("checked", typed, "operator", "supervisor")
			asked := s.asks(t, colleague)
			people["second"] = people["colleague"]
			delete(people, "colleague")
			want("looked at", typed, "operator", "supervisor", "second")
			if err := s.ReturnSecondApproval(s.Context, colleague, asked, "look again"); err != nil {
				t.Fatal(err)
			}
			want("returned", typed, "operator", "supervisor")
			if err := s.RecordScan(s.Context, s.session, s.visit, models.ScanFindings{Read: models.ReadMRZ, NameResult: models.Matches,
				BirthDateResult: models.Differs, Name: quirina, BirthDate: "1984-03-09"}); err != nil {
				t.Fatal(err)
			}
			s.proof(t, differing())
			want("scanned and checked again", typed+"; mrz  1984-03-09", "operator", "supervisor")
			codes := s.Request(t, s.Client(t), "ada@example.com")
			if _, err := s.Match(s.Context, colleague, s.account, codes.UserCode); err != nil {
				t.Fatal(err)
			}
			next := s
			next.visit = codes.DeviceAuthorizationID
			if got := next.names(t, people["second"]); got != "mrz  1984-03-09" {
				t.Errorf("who handles the next request of the account is told %q", got)
			}
			s.Clock.Advance(15 * time.Minute)
			want("past its claim", typed+"; mrz  1984-03-09", "supervisor")
		})
	}
}

// It goes with its request, and in any case when records do; with the account, too. No event holds any of it.
func TestWhatTheDocumentSaysIsForgotten(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			s := beginSeconded(t, dialect, models.Policy{}, differing())
			super := s.SignIn(t, "super", []models.Role{models.Supervisor})
			asked := s.asks(t, super)
			if err := s.GiveSecondApprovalShown(super, asked); err != nil {
				t.Fatal(err)
			}
			if err := s.approve(); err != nil {
				t.Fatal(err)
			}
			declined := s
			declined.account = s.Account(t, "kim@example.com")
			codes := s.Request(t, s.Client(t), "kim@example.com")
			if _, err := s.Match(s.Context, s.session, declined.account, codes.UserCode); err != nil {
				t.Fatal(err)
			}
			declined.visit = codes.DeviceAuthorizationID
			declined.proof(t, differing())
			if err := s.Decline(s.Context, s.session, declined.visit, term.Decline("details_differ")); err != nil {
				t.Fatal(err)
			}
			want := func(when string, rows int) {
				t.Helper()
				if got := rowsIn(t, s.Env, "document_differences")["document_differences"]; got != rows {
					t.Errorf("%s, %d are kept, want %d", when, got, rows)
				}
			}
			want("decided", 2)
			s.Clock.Advance(23 * aDay)
			sweptSince(t, s.Env)
			want("when the declined request is swept", 1)
			s.Clock.Advance(68 * aDay)
			if got := sweptSince(t, s.Env)[term.SweptDifferences]; got != 1 {
				t.Errorf("the trail says that %d went", got)
			}
			want("after 90 days", 0)
			rows, err := s.Trail(s.Context, audit.Filter{Limit: 200})
			if err != nil || len(rows) < 10 {
				t.Fatal(len(rows), err)
			}
			if whole := strings.ToUpper(fmt.Sprintf("%+v", rows)); strings.Contains(whole, "ZEBULON") || strings.Contains(whole, "QUIRINA") {
				t.Error("an event holds the name")
			}
		})
	}
}

// An account that is erased takes with it what documents said of its holder.
func TestWhatTheDocumentSaysGoesWithTheAccount(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		gone := env.Account(t, "gone@example.com")
		writer := models.WriterForTest(env.Database)
		for _, statement := range []string{
			`INSERT INTO document_differences (id, device_authorization_id, account_id, read_as, name, created_at)
				VALUES ('d1', '` + v.codes.DeviceAuthorizationID + `', '` + gone + `', 'typed', 'Q', 1)`,
			"DELETE FROM account_identifiers WHERE account_id = '" + gone + "'", "DELETE FROM accounts WHERE id = '" + gone + "'",
		} {
			if err := writer.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		if got := rowsIn(t, env, "document_differences")["document_differences"]; got != 0 {
			t.Errorf("%d rows stay", got)
		}
	})
}
