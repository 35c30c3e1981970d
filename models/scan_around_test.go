package models_test

import (
	"errors"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// needs says whether the approval of the visit needs a second person because of a scan, and that it is refused without.
func (s seconded) needs(t *testing.T, way string, want bool) {
	t.Helper()
	request, err := s.Store.Request(s.Context, s.visit)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.approvable(request.DeviceAuthorization); errors.Is(err, models.ErrSecondApprovalRequired) != want {
		t.Errorf("%s: a second person is needed: %v, want %v", way, err, want)
	}
	if err := s.approve(); want && !errors.Is(err, models.ErrSecondApprovalRequired) {
		t.Errorf("%s: approved, %v", way, err)
	}
}

// anew brings another request of the account to a check that agrees: of the same phone, or of another.
func (s seconded) anew(t *testing.T, client models.Client) seconded {
	t.Helper()
	codes := s.Request(t, client, "ada@example.com")
	s.session, s.visit = s.Operator(t, "op"), codes.DeviceAuthorizationID
	if _, err := s.Match(s.Context, s.session, s.account, codes.UserCode); err != nil {
		t.Fatal(err)
	}
	s.proof(t, modelstest.Card())
	return s
}

// docs/protocol.md §6 rogue-operator: no way around a scan that differed: not by scanning the card after the check, in another tab or
// after signing in again, and not by declining and beginning anew, with the same phone or another, for a day.
func TestNoWayAroundAScanThatDiffered(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			s := beginSeconded(t, dialect, models.Policy{}, modelstest.Card())
			s.needs(t, "nothing differs", false)
			client := s.Client(t)
			s.Clock.Advance(time.Second) // the account was imported before
			s = s.anew(t, client)
			s.scan(t, models.Differs, models.Matches)
			s.needs(t, "scanned after the check", true)
			s.proof(t, scannedCard())
			s.needs(t, "checked again", true)
			if err := s.Decline(s.Context, s.session, s.visit, term.DeclineOther); err != nil {
				t.Fatal(err)
			}
			s.anew(t, client).needs(t, "a new request of the phone", true)
			s.anew(t, s.Client(t)).needs(t, "a request of another phone", true)
			s.Clock.Advance(24*time.Hour + time.Second)
			s.anew(t, client).needs(t, "a day later", false)

			s = s.anew(t, client)
			s.scan(t, models.Differs, models.Matches)
			s.Clock.Advance(time.Second)
			if _, err := s.ImportAccounts(s.Context, []models.ImportedAccount{{Line: 2, Identifiers: []string{"ada@example.com"},
				FullName: "Account Holder-Changed", DateOfBirth: "1980-02-29", Contact: "contact.ada@example.com", Status: models.AccountActive,
			}}, audit.Actor{System: "command"}); err != nil {
				t.Fatal(err)
			}
			s.anew(t, client).needs(t, "of a record that was changed since", false)
		})
	}
}
