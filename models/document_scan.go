package models

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"
)

// What was found once is not forgotten: every scan is on record before the operator sees
// what it found, and every check stays. A later check of the same request that finds
// less is marked as overruling what differed, whoever does it and whatever their browser
// still holds, and the approval needs a second person. No later scan takes that back: what
// is scanned next may be made up from the record. Where the wrong card lay there, the
// operator says so to the second person (term.Overruling).

// ScanFindings is what a scanned document was found to be beside the record.
type ScanFindings struct {
	Read            string // ReadMRZ or ReadPDF417
	NameResult      string // Matches, Differs or NotOnRecord
	BirthDateResult string
	Name            string // as the document gives it, as is BirthDate (YYYY-MM-DD): kept where it differs
	BirthDate       string
}

// RecordScan records what a scan found, for a request that this session has matched.
// Errors: as Proof.
func (s *Store) RecordScan(ctx context.Context, sessionID, id string, found ScanFindings) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, d, err := tx.claimed(sessionID, id, transitionProof)
		if err == nil {
			err = tx.recordScan(who, d, found)
		}
		return who, d.subject(), err
	})
}

// recordScan counts on: claimed holds the request.
func (t *tx) recordScan(who actor, d DeviceAuthorization, found ScanFindings) error {
	var before int64
	if err := t.Model(&DocumentScan{}).Where("device_authorization_id = ?", d.ID).Count(&before).Error; err != nil {
		return err
	}
	id, err := newID(t.store.rand)
	if err != nil {
		return err
	}
	err = t.Create(&DocumentScan{
		ID: id, DeviceAuthorizationID: d.ID, Number: int(before) + 1, SessionID: who.session, StaffID: who.staff,
		ReadAs: found.Read, NameResult: found.NameResult, BirthDateResult: found.BirthDateResult, CreatedAt: t.now,
	}).Error
	if err != nil {
		return err
	}
	err = t.keepDifference(d, DocumentDifference{ReadAs: found.Read, Name: found.Name, BirthDate: found.BirthDate},
		found.NameResult, found.BirthDateResult)
	if err != nil {
		return err
	}
	facts := who.facts()
	facts.Client, facts.KeyThumbprint, facts.DeviceAuthorization, facts.DocumentRead = d.ClientID, d.JWKThumbprint, d.ID, found.Read
	facts.Reason = string(term.ScanResultOf(term.Comparison(found.NameResult), term.Comparison(found.BirthDateResult)))
	_, err = t.record(audit.Event{Type: audit.DocumentRead, Subject: deref(d.AccountID), Transaction: d.ID, Facts: facts})
	return err
}

// Differed returns what was found to differ so far, by scans and checks of the request: of
// OverruledName and OverruledBirthDate.
func (s *Store) Differed(ctx context.Context, d DeviceAuthorization) ([]string, error) {
	return s.reader(ctx).differed(d)
}
