package models

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"countersign/audit"
	"countersign/models/keys"
)

// What an operator finds when comparing the card with the account's record.
const (
	Matches     = "matches"
	Differs     = "differs"
	NotOnRecord = "not_on_record"
)

// How the fields of a document were read. A scan proves nothing: it saves typing, and its
// comparison with the record is the server's own.
const (
	ReadTyped  = "typed"  // by the operator, who compared
	ReadMRZ    = "mrz"    // machine-readable zone, ICAO Doc 9303
	ReadPDF417 = "pdf417" // AAMVA DL/ID
)

// NoExpiry is kept in place of the expiry date of a document without an end.
const NoExpiry = "no end"

// What an earlier scan or check of the same request found to differ from the record, and
// this check does not. The approval needs a second person.
const (
	OverruledName      = "name"
	OverruledBirthDate = "birth_date"
)

// DocumentCheck is what the operator records of the ID card (screen 3). The number is
// used to keep its last four characters and a keyed hash, and then forgotten.
type DocumentCheck struct {
	Type            string // a document.Type
	Issuer          string // country code; "" where the type needs none
	Expiry          string // YYYY-MM-DD; the handler has checked that it is not over; NoExpiry; "" where the type needs none
	Number          string // "" where the type needs none
	NameResult      string // Matches, Differs or NotOnRecord
	NameReason      string // one of NameReasons where the name differs and may be the same person's; else ""
	BirthDateResult string
	Read            string   // ReadTyped, which "" means, ReadMRZ or ReadPDF417
	Overruled       []string // of OverruledName and OverruledBirthDate: what the page knows; Proof adds what is on record
	PhotoMatches    bool     // "The photo matches this person"
	DocumentHandled bool     // "I handled the document"
}

// checks are the OpenID Identity Assurance check methods that were done: vpip, the
// document was seen in person; pvp, the person was compared in person.
func (c DocumentCheck) checks() string {
	var methods []string
	if c.DocumentHandled {
		methods = append(methods, "vpip")
	}
	if c.PhotoMatches {
		methods = append(methods, "pvp")
	}
	return strings.Join(methods, " ")
}

// Proof records the card check for a request that this session has matched. It may be
// done again until the decision; the last one counts, and says what it overrules. A refusal is recorded. Errors: ErrNotTheClaim,
// *StateConflictError, ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) Proof(ctx context.Context, sessionID, id string, check DocumentCheck) error {
	return s.refusable(ctx, func(tx *tx) (desk, DeviceAuthorization, error) {
		desk, d, err := tx.claimed(sessionID, id, transitionProof)
		if err != nil {
			return desk, d, err
		}
		return desk, d, tx.proof(desk, d, check)
	})
}

func (t *tx) proof(desk desk, d DeviceAuthorization, check DocumentCheck) error {
	overruled, err := t.overruled(desk, d, check)
	if err != nil {
		return err
	}
	check.Overruled = overruled
	proofing, err := t.store.newProofing(d.ID, desk, check, t.now)
	if err != nil {
		return err
	}
	err = t.move(d.ID, transitionProof, map[string]any{"proofing_id": proofing.ID},
		"claim_session_id = ? AND claim_until > ? AND pending_until > ?", desk.session, t.now, t.now)
	if err != nil {
		return err
	}
	if err := t.Create(&proofing).Error; err != nil {
		return err
	}
	if err := t.scansChecked(proofing); err != nil {
		return err
	}
	facts := desk.facts()
	facts.Client, facts.DeviceAuthorization, facts.Proofing = d.ClientID, d.ID, proofing.ID
	facts.Presence, facts.DocumentRead = d.PresenceShown(), proofing.DocumentRead
	if proofing.Overruled != "" {
		facts.Reason = "scan overruled"
	}
	_, err = t.record(audit.Event{Type: audit.IdentityProofed, Subject: deref(d.AccountID), Transaction: d.ID, Facts: facts})
	return err
}

func (s *Store) newProofing(deviceAuthorizationID string, desk desk, check DocumentCheck, now Instant) (Proofing, error) {
	id, err := newID(s.rand)
	number := strings.ToUpper(strings.Join(strings.Fields(check.Number), ""))
	return Proofing{
		ID: id, DeviceAuthorizationID: deviceAuthorizationID,
		SessionID: desk.session, StaffID: desk.staff, CounterID: desk.counter,
		DocumentType: check.Type, DocumentIssuer: check.Issuer, DocumentExpiry: check.Expiry,
		DocumentNumberTail: tail(number), DocumentNumberMAC: s.documentMAC(check, number),
		NameResult: check.NameResult, NameReason: check.NameReason, BirthDateResult: check.BirthDateResult,
		DocumentRead: cmp.Or(check.Read, ReadTyped), Overruled: strings.Join(check.Overruled, " "), Checks: check.checks(), CreatedAt: now,
	}, err
}

// documentMAC lets the same card be recognised again without keeping its number. A card
// without a number is recognised as no other: "".
func (s *Store) documentMAC(check DocumentCheck, number string) string {
	if number == "" {
		return ""
	}
	mac := hmac.New(sha256.New, s.keys.MACKey(keys.DocumentNumber))
	mac.Write([]byte(check.Type + "\x00" + check.Issuer + "\x00" + number))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func tail(number string) string {
	runes := []rune(number)
	return string(runes[max(0, len(runes)-4):])
}

// claimed finds a request whose live claim is this session's. Expiry is judged first,
// then the claim. Errors: *StateConflictError, ErrNotTheClaim, and those of desk.
func (t *tx) claimed(sessionID, id string, arrow transition) (desk, DeviceAuthorization, error) {
	desk, err := t.desk(sessionID)
	if err != nil {
		return desk, DeviceAuthorization{}, err
	}
	d, err := t.deviceAuthorization(id)
	if err != nil {
		return desk, d, err
	}
	switch d.PhaseAt(t.now) {
	case Phase(Matched), Phase(Proofed):
		if !desk.holds(d) {
			return desk, d, ErrNotTheClaim
		}
		return desk, d, nil
	}
	return desk, d, t.conflict(id, arrow)
}

// ProofingOf finds the proofing that a request's decision rests on. Error: ErrNotFound.
func (s *Store) ProofingOf(ctx context.Context, d DeviceAuthorization) (Proofing, error) {
	var row Proofing
	err := s.reading(ctx).Where("id = ?", deref(d.ProofingID)).First(&row).Error
	return row, lost(err)
}
