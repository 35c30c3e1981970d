package models_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// OpenID Identity Assurance 1.0 §5: the proofing in its vocabulary, with no number,
// no part of one, and no claim but those that were compared and agree (docs/architecture.md §4.10).
func TestVerifiedClaims(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		account, session := env.Account(t, "ada@example.com"), env.Operator(t, "first")
		approval := env.Approve(t, session, account, env.Request(t, env.Client(t), "ada@example.com"))
		for _, withPerson := range []bool{false, true} {
			verified, err := env.VerifiedClaims(env.Context, approval.Binding, withPerson)
			if err != nil {
				t.Fatal(err)
			}
			v := verified.Verification
			if v.TrustFramework != models.TrustFramework || v.Process == "" || v.Time == "" || len(v.Evidence) != 1 {
				t.Fatalf("verification %+v", v)
			}
			e := v.Evidence[0]
			if e.Type != "document" || e.Document.Type != "idcard" || e.Document.Issuer.CountryCode != "UTO" || e.Document.Expires != "2031-01-01" {
				t.Errorf("evidence %+v", e)
			}
			if len(e.Checks) != 2 || e.Checks[0].Method != "vpip" || e.Checks[1].Method != "pvp" || e.Checks[0].Organization == "" {
				t.Errorf("checks %+v", e.Checks)
			}
			text, _ := json.Marshal(verified)
			if card := modelstest.Card(); strings.Contains(string(text), card.Number[len(card.Number)-4:]) {
				t.Errorf("the number shows: %s", text)
			}
			if verified.Claims.Subject != account || (verified.Claims.Name != "") != withPerson || (verified.Claims.BirthDate != "") != withPerson {
				t.Errorf("claims %+v", verified.Claims)
			}
		}
		approval.Binding.DeviceAuthorizationID = "nothing"
		if _, err := env.VerifiedClaims(env.Context, approval.Binding, true); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("a binding of nothing: %v", err)
		}
	})
}

// A name that differs is not told, whatever the reason for it; nor what a scan differed in
// and an operator overruled.
func TestVerifiedClaimsOnlyWhatAgrees(t *testing.T) {
	eachDialect(t, func(t *testing.T, dialect string) {
		for name, c := range map[string]struct {
			card       models.DocumentCheck
			name, born bool
		}{
			"the name differs":     {marriedCard(), false, true},
			"a scan was overruled": {overruledCard(), false, false},
		} {
			v := beginSeconded(t, dialect, models.Policy{}, c.card)
			second := v.Operator(t, "second")
			if err := v.GiveSecondApprovalShown(second, v.asks(t, second)); err != nil {
				t.Fatal(err)
			}
			approval, err := v.ApproveShown(v.session, v.visit)
			if err != nil {
				t.Fatal(err)
			}
			verified, err := v.VerifiedClaims(v.Context, approval.Binding, true)
			if err != nil || (verified.Claims.Name != "") != c.name || (verified.Claims.BirthDate != "") != c.born {
				t.Errorf("%s: %+v, %v", name, verified.Claims, err)
			}
		}
	})
}

func overruledCard() models.DocumentCheck {
	card := modelstest.Card()
	card.Read, card.Overruled = models.ReadTyped, []string{models.OverruledName, models.OverruledBirthDate}
	return card
}

// A scan that was overruled needs a second person, and says so.
func TestOverruledScanNeedsASecondPerson(t *testing.T) {
	eachDialect(t, func(t *testing.T, dialect string) {
		v := beginSeconded(t, dialect, models.Policy{}, overruledCard())
		if err := v.approve(); !errors.Is(err, models.ErrSecondApprovalRequired) {
			t.Errorf("approved alone: %v", err)
		}
		card := overruledCard()
		card.Overruled = nil
		v.proof(t, card)
		if err := v.approve(); !errors.Is(err, models.ErrSecondApprovalRequired) {
			t.Errorf("checked once more, approved alone: %v", err)
		}
	})
}

// How a document was read is one of three words, or nothing is recorded; a card without a
// number is recognised as no other.
func TestProofingSaysHowItWasRead(t *testing.T) {
	eachDialect(t, func(t *testing.T, dialect string) {
		v := beginSeconded(t, dialect, models.Policy{}, modelstest.Card())
		for given, want := range map[string]string{"": models.ReadTyped, models.ReadMRZ: models.ReadMRZ, models.ReadPDF417: models.ReadPDF417} {
			card := modelstest.Card()
			card.Read, card.Number = given, ""
			v.proof(t, card)
			request, err := v.Store.Request(v.Context, v.visit)
			if err != nil {
				t.Fatal(err)
			}
			got, err := v.ProofingOf(v.Context, request.DeviceAuthorization)
			if err != nil || got.DocumentRead != want || got.DocumentNumberMAC != "" || got.DocumentNumberTail != "" {
				t.Errorf("%q: recorded %+v, %v", given, got, err)
			}
		}
		card := modelstest.Card()
		card.Read = "photographed"
		if err := v.Proof(v.Context, v.session, v.visit, card); err == nil {
			t.Error("any word is recorded")
		}
	})
}

// Two cards without a number are not one card.
func TestCardsWithoutANumberAreNotTheSame(t *testing.T) {
	eachDialect(t, func(t *testing.T, dialect string) {
		card := modelstest.Card()
		card.Number = ""
		v := beginSeconded(t, dialect, models.Policy{}, card)
		other := v.Account(t, "bob@example.com")
		codes := v.Request(t, v.Client(t), "bob@example.com")
		session := v.Operator(t, "other")
		if _, err := v.Match(v.Context, session, other, codes.UserCode); err != nil {
			t.Fatal(err)
		}
		if err := v.Proof(v.Context, session, codes.DeviceAuthorizationID, card); err != nil {
			t.Fatal(err)
		}
		request, err := v.Store.Request(v.Context, v.visit)
		if err != nil {
			t.Fatal(err)
		}
		if facts, err := v.FraudFacts(v.Context, request.DeviceAuthorization); err != nil || facts.DocumentAccounts != 0 {
			t.Errorf("%d other accounts, %v", facts.DocumentAccounts, err)
		}
	})
}

func eachDialect(t *testing.T, test func(t *testing.T, dialect string)) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) { test(t, dialect) })
	}
}
