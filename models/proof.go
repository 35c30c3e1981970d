package models

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/keys"
)

// Proof records the card check for a request that this session has matched. It may be
// done again until the decision; the last one counts, and says what it overrules. A refusal is recorded. Errors: ErrNotTheClaim,
// *StateConflictError, ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) Proof(ctx context.Context, sessionID, id string, check DocumentCheck) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, d, err := tx.claimed(sessionID, id, transitionProof)
		if err != nil {
			return who, d.subject(), err
		}
		return who, d.subject(), tx.proof(who, d, check)
	})
}

var updateProofed = transitionProof.update("proofing_id = ?", "claim_session_id = ? AND claim_until > ? AND pending_until > ?")

func (t *tx) proof(who actor, d DeviceAuthorization, check DocumentCheck) error {
	if check.OverruledReason != "" {
		if err := oneOf(check.OverruledReason, term.Overrulings()); err != nil {
			return err
		}
	}
	overruled, err := t.overruled(d, check)
	if err != nil {
		return err
	}
	check.Overruled = overruled
	if len(overruled) == 0 {
		check.OverruledReason = ""
	}
	if check.ComparedWith == "" {
		if check.ComparedWith, err = t.comparedNow(d); err != nil {
			return err
		}
	}
	proofing, err := t.store.newProofing(d.ID, who, check, t.now)
	if err != nil {
		return err
	}
	err = t.move(d.ID, updateProofed, []any{proofing.ID}, who.session, t.now, t.now)
	if err != nil {
		return err
	}
	if err := t.insert(&proofing); err != nil {
		return err
	}
	if err := t.scansChecked(proofing); err != nil {
		return err
	}
	if err := t.keepDifference(d, DocumentDifference{ProofingID: proofing.ID, ReadAs: proofing.DocumentRead, Name: check.Name,
		BirthDate: check.BirthDate}, check.NameResult, check.BirthDateResult); err != nil {
		return err
	}
	facts := who.facts()
	facts.Client, facts.DeviceAuthorization, facts.Proofing = d.ClientID, d.ID, proofing.ID
	facts.Presence, facts.DocumentRead = d.PresenceShown(), proofing.DocumentRead
	if proofing.Overruled != "" {
		facts.Reason = SecondApprovalForScan
	}
	_, err = t.record(audit.Event{Type: audit.IdentityProofed, Subject: deref(d.AccountID), Transaction: d.ID, Facts: facts})
	return err
}

// comparedNow names the record of the request's account.
func (t *tx) comparedNow(d DeviceAuthorization) (string, error) {
	account, err := rowOf[Account](t, "WHERE id = $1", deref(d.AccountID))
	return account.Compared(), notFound(err)
}

func (s *Store) newProofing(deviceAuthorizationID string, who actor, check DocumentCheck, now Instant) (Proofing, error) {
	id, err := newIDAt(s.rand, now)
	number := strings.ToUpper(strings.Join(strings.Fields(check.Number), ""))
	return Proofing{
		ID: id, DeviceAuthorizationID: deviceAuthorizationID,
		SessionID: who.session, StaffID: who.staff, CounterID: who.counter,
		DocumentType: check.Type, DocumentIssuer: check.Issuer, DocumentExpiry: check.Expiry,
		DocumentNumberTail: tail(number), DocumentNumberMAC: s.documentMAC(check, number),
		NameResult: check.NameResult, NameReason: check.NameReason, BirthDateResult: check.BirthDateResult,
		DocumentRead: cmp.Or(check.Read, ReadTyped), Overruled: strings.Join(check.Overruled, " "),
		OverruledReason: string(check.OverruledReason),
		Checks:          check.checks(), ComparedWith: check.ComparedWith, CreatedAt: now,
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
