package models_test

import (
	"errors"
	"slices"
	"testing"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

func (s seconded) scan(t *testing.T, name, born string) {
	t.Helper()
	if err := s.RecordScan(s.Context, s.session, s.visit,
		models.ScanFindings{Read: models.ReadMRZ, NameResult: name, BirthDateResult: born}); err != nil {
		t.Fatal(err)
	}
}

func (s seconded) overruled(t *testing.T, why, want string) {
	t.Helper()
	request, err := s.Store.Request(s.Context, s.visit)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.ProofingOf(s.Context, request.DeviceAuthorization)
	if err != nil || got.Overruled != want {
		t.Errorf("%s: overruled %q, want %q, %v", why, got.Overruled, want, err)
	}
	if err := s.approvable(request.DeviceAuthorization); (want != "") != errors.Is(err, models.ErrSecondApprovalRequired) {
		t.Errorf("%s: %v", why, err)
	}
}

// approvable judges as an approval would, and approves nothing.
func (s seconded) approvable(d models.DeviceAuthorization) error {
	why, err := s.SecondApprovalNeeded(s.Context, d)
	if err == nil && len(why) > 0 {
		err = models.ErrSecondApprovalRequired
	}
	return err
}

func scannedCard() models.DocumentCheck {
	card := modelstest.Card()
	card.Read = models.ReadMRZ
	return card
}

func differingCard() models.DocumentCheck {
	card := modelstest.Card()
	card.NameResult, card.BirthDateResult = models.Differs, models.Differs
	return card
}

// docs/protocol.md §6 rogue-operator: a difference that was found once is overruled by whoever says otherwise
// later, whatever the page still knows, and whatever is scanned or pasted next.
func TestDifferenceIsNotForgotten(t *testing.T) {
	eachDialect(t, func(t *testing.T, dialect string) {
		s := beginSeconded(t, dialect, models.Policy{}, modelstest.Card())
		s.overruled(t, "nothing differed", "")
		s.scan(t, models.Differs, models.Matches)
		s.proof(t, modelstest.Card())
		s.overruled(t, "typed after a scan", models.OverruledName)
		s.proof(t, scannedCard())
		s.overruled(t, "confirmed without another scan", models.OverruledName)
		s.scan(t, models.Matches, models.Matches)
		s.proof(t, scannedCard())
		s.overruled(t, "another card was scanned", models.OverruledName)
		s.proof(t, differingCard())
		s.proof(t, scannedCard())
		s.overruled(t, "an old scan was confirmed", models.OverruledName+" "+models.OverruledBirthDate)
		s.scan(t, models.Matches, models.Differs)
		s.proof(t, scannedCard())
		s.overruled(t, "a scan agrees in the name alone", models.OverruledName+" "+models.OverruledBirthDate)
	})
}

// Nor is it by giving the request back and matching it again, even by somebody else; and a
// scan counts for the session that scanned.
func TestDifferenceOutlivesARelease(t *testing.T) {
	eachDialect(t, func(t *testing.T, dialect string) {
		s := beginSeconded(t, dialect, models.Policy{}, modelstest.Card())
		codes := s.Request(t, s.Client(t), "ada@example.com")
		s.visit = codes.DeviceAuthorizationID
		rematch := func(name string) {
			s.session = s.Operator(t, name)
			if _, err := s.Match(s.Context, s.session, s.account, codes.UserCode); err != nil {
				t.Fatal(err)
			}
		}
		rematch("first")
		s.proof(t, differingCard())
		s.scan(t, models.Matches, models.Matches)
		findings := models.ScanFindings{Read: models.ReadMRZ, NameResult: models.Matches, BirthDateResult: models.Matches}
		if err := s.RecordScan(s.Context, s.Operator(t, "other"), s.visit, findings); !errors.Is(err, models.ErrNotTheClaim) {
			t.Errorf("another session scans: %v", err)
		}
		if err := s.Release(s.Context, s.session, s.visit); err != nil {
			t.Fatal(err)
		}
		rematch("second")
		before := s.LastEvent(t)
		s.proof(t, scannedCard())
		s.overruled(t, "another operator", models.OverruledName+" "+models.OverruledBirthDate)
		if got := s.Events(t, before); len(got) != 1 || got[0] != audit.IdentityProofed {
			t.Errorf("events %v", got)
		}
		if err := s.approve(); !errors.Is(err, models.ErrSecondApprovalRequired) {
			t.Errorf("approved alone: %v", err)
		}
	})
}

// Once a second person was asked the need stays, over another check and a release; what
// they distrusted is an alert, and the next one sees it.
func TestReturnIsNotWalkedAround(t *testing.T) {
	eachDialect(t, func(t *testing.T, dialect string) {
		for reason, alerts := range map[string]int{"look again": 0, "not for us": 0, "wrong person": 1, "suspicious": 1} {
			s := beginSeconded(t, dialect, models.Policy{}, marriedCard())
			super := s.SignIn(t, "super", []models.Role{models.Supervisor})
			if err := s.ReturnSecondApproval(s.Context, super, s.asks(t, super), term.Return(reason)); err != nil {
				t.Fatal(err)
			}
			open := openAlerts(t, s.Env, alerts)
			if alerts == 1 && (open[0].Event.Type != audit.SecondApprovalRefused || open[0].Event.Facts.Reason != reason) {
				t.Errorf("the alert is %+v", open[0].Event)
			}
			s.scan(t, models.Matches, models.Matches)
			s.proof(t, scannedCard())
			request, err := s.Store.Request(s.Context, s.visit)
			if err != nil {
				t.Fatal(err)
			}
			why, err := s.SecondApprovalNeeded(s.Context, request.DeviceAuthorization)
			if err != nil || !slices.Equal(why, []string{models.SecondApprovalForScan, models.SecondApprovalForAsked}) {
				t.Errorf("needed for %q, %v", why, err)
			}
			if err := s.approve(); !errors.Is(err, models.ErrSecondApprovalRequired) {
				t.Errorf("approved alone: %v", err)
			}
			asked := s.asks(t, super)
			returned, err := s.ReturnedSecondApprovals(s.Context, request.DeviceAuthorization)
			if err != nil || len(returned) != 1 || returned[0].AnsweredBy != "Staff super" || returned[0].Reason != reason {
				t.Errorf("%+v, %v", returned, err)
			}
			if err := s.GiveSecondApprovalShown(super, asked); err != nil {
				t.Fatal(err)
			}
			if err := s.approve(); err != nil {
				t.Errorf("with a second person: %v", err)
			}
		}
	})
}

// docs/protocol.md §6 rogue-operator: where it is one operator's word that this is the holder, they end
// nothing of the account alone.
func TestDoubtfulPersonEndsNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		h := newHousehold(t, env, 1)
		h.to(t, models.Matched)
		s := seconded{Env: env, account: h.account, session: h.operator, visit: h.codes.DeviceAuthorizationID}
		refused := func(why string) {
			t.Helper()
			if _, err := h.revokeAll(h.operator); err != models.ErrSecondApprovalRequired || h.live(t) != 1 {
				t.Errorf("%s: %v, %d live", why, err, h.live(t))
			}
			if err := h.RevokeBinding(h.Context, h.operator, h.bindings[0].ID, "device_lost"); err != models.ErrSecondApprovalRequired {
				t.Errorf("%s: one: %v", why, err)
			}
		}
		s.proof(t, marriedCard())
		refused("the name differs for a reason")
		s.proof(t, modelstest.Card())
		refused("it matches the second time")
		if err := env.ReturnSecondApproval(env.Context, h.supervisor, s.asks(t, h.supervisor), "look again"); err != nil {
			t.Fatal(err)
		}
		s.scan(t, models.Matches, models.Matches)
		s.proof(t, scannedCard())
		refused("a second person gave it back")
		list, err := env.Bindings(env.Context, h.operator, h.account)
		if err != nil || list.Refusal != models.ErrSecondApprovalRequired {
			t.Errorf("%+v, %v", list, err)
		}
		if err := env.GiveSecondApprovalShown(h.supervisor, s.asks(t, h.supervisor)); err != nil {
			t.Fatal(err)
		}
		if n, err := h.revokeAll(h.operator); err != nil || n != 1 {
			t.Errorf("with a second person: %d, %v", n, err)
		}
	})
}
