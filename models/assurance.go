package models

import (
	"context"
	"strings"
	"time"
)

// TrustFramework names Countersign's own rules for a proofing at a counter, which
// docs/decisions/0023-verified-claims.md states. It is no level of another framework.
const TrustFramework = "countersign_counter"

// VerifiedClaims is what OpenID Identity Assurance 1.0 calls verified_claims: how a person
// was verified, and which claims about them that holds for.
type VerifiedClaims struct {
	Verification Verification   `json:"verification"`
	Claims       VerifiedPerson `json:"claims"`
}

// VerifiedPerson are the claims. The subject is the account, whose holder the proofing
// found at the counter; the others are there only where they may be told, and where the
// document agreed with the record. The values are the record's.
type VerifiedPerson struct {
	Subject   string `json:"sub"`
	Name      string `json:"name,omitempty"`
	BirthDate string `json:"birthdate,omitempty"` // YYYY-MM-DD
}

// Verification is a proofing in the vocabulary of OpenID Identity Assurance.
type Verification struct {
	TrustFramework string     `json:"trust_framework"`
	Time           string     `json:"time"`                 // when the operator recorded it
	Process        string     `json:"verification_process"` // the proofing's identifier, to ask a supervisor by
	Evidence       []Evidence `json:"evidence"`
}

// Evidence is the document that was inspected.
type Evidence struct {
	Type     string          `json:"type"` // "document"
	Checks   []CheckDetails  `json:"check_details,omitempty"`
	Document DocumentDetails `json:"document_details"`
}

// CheckDetails is one thing that the operator did.
type CheckDetails struct {
	Method       string `json:"check_method"` // "vpip", the document seen in person; "pvp", the person compared with it
	Organization string `json:"organization"` // the counter
	Time         string `json:"time"`
}

// DocumentDetails are what may leave of the document: never its number, nor a part or a
// hash of it.
type DocumentDetails struct {
	Type    string          `json:"type"`
	Expires string          `json:"date_of_expiry,omitempty"`
	Issuer  *DocumentIssuer `json:"issuer,omitempty"`
}

// DocumentIssuer is the country as the document has it.
type DocumentIssuer struct {
	CountryCode string `json:"country_code"`
}

// VerifiedClaims tells how the person of a binding was verified. withPerson adds name and
// date of birth, each only where the document agreed with the record: not where it
// differed, whatever the reason, and not where an operator overruled a scan. Whether the
// binding stands and who asks is the caller's to check. Error: ErrNotFound.
func (s *Store) VerifiedClaims(ctx context.Context, binding Binding, withPerson bool) (VerifiedClaims, error) {
	d, err := s.reader(ctx).deviceAuthorization(binding.DeviceAuthorizationID)
	if err != nil {
		return VerifiedClaims{}, notFound(err)
	}
	proofing, err := s.ProofingOf(ctx, d)
	if err != nil {
		return VerifiedClaims{}, err
	}
	counter, err := s.Counter(ctx, proofing.CounterID)
	if err != nil {
		return VerifiedClaims{}, err
	}
	claims := VerifiedPerson{Subject: binding.AccountID}
	if withPerson {
		var account Account
		if err := s.reading(ctx).Where("id = ?", binding.AccountID).First(&account).Error; err != nil {
			return VerifiedClaims{}, notFound(err)
		}
		if proofing.agrees(proofing.NameResult, OverruledName) {
			claims.Name = account.FullName
		}
		_, err := time.Parse(time.DateOnly, account.DateOfBirth) // a record may leave the month or the day open: then it is told nothing
		if err == nil && proofing.agrees(proofing.BirthDateResult, OverruledBirthDate) {
			claims.BirthDate = account.DateOfBirth
		}
	}
	return VerifiedClaims{Verification: proofing.verification(counter.Name), Claims: claims}, nil
}

func (p Proofing) verification(counter string) Verification {
	at := p.CreatedAt.Time().UTC().Format(time.RFC3339)
	evidence := Evidence{Type: "document", Document: DocumentDetails{Type: p.DocumentType}}
	if p.DocumentExpiry != NoExpiry {
		evidence.Document.Expires = p.DocumentExpiry
	}
	for _, method := range strings.Fields(p.Checks) {
		evidence.Checks = append(evidence.Checks, CheckDetails{Method: method, Organization: counter, Time: at})
	}
	if p.DocumentIssuer != "" {
		evidence.Document.Issuer = &DocumentIssuer{p.DocumentIssuer}
	}
	return Verification{TrustFramework: TrustFramework, Time: at, Process: p.ID, Evidence: []Evidence{evidence}}
}
