package models

import (
	"context"
	"slices"
	"strings"
)

// What was found once is not forgotten: every scan is on record before the operator sees
// what it found, and every check stays. A later check of the same request that finds
// less is marked as overruling what differed, whoever does it and whatever their browser
// still holds, and the approval needs a second person. Only a scan that was made since
// and agrees takes a difference back: the wrong card may have lain there.

// ScanFindings is what a scanned document was found to be beside the record.
type ScanFindings struct {
	Read            string // ReadMRZ or ReadPDF417
	NameResult      string // Matches, Differs or NotOnRecord
	BirthDateResult string
}

// RecordScan records what a scan found, for a request that this session has matched.
// Errors: as Proof.
func (s *Store) RecordScan(ctx context.Context, sessionID, id string, found ScanFindings) error {
	return s.refusable(ctx, func(tx *tx) (desk, DeviceAuthorization, error) {
		desk, d, err := tx.claimed(sessionID, id, transitionProof)
		if err == nil {
			err = tx.recordScan(desk, d, found)
		}
		return desk, d, err
	})
}

// recordScan counts on: claimed holds the request.
func (t *tx) recordScan(desk desk, d DeviceAuthorization, found ScanFindings) error {
	var before int64
	if err := t.Model(&DocumentScan{}).Where("device_authorization_id = ?", d.ID).Count(&before).Error; err != nil {
		return err
	}
	id, err := newID(t.store.rand)
	if err != nil {
		return err
	}
	return t.Create(&DocumentScan{
		ID: id, DeviceAuthorizationID: d.ID, Number: int(before) + 1, SessionID: desk.session, StaffID: desk.staff,
		ReadAs: found.Read, NameResult: found.NameResult, BirthDateResult: found.BirthDateResult, CreatedAt: t.now,
	}).Error
}

// overruled is what an earlier check or scan of the request found to differ and this check
// does not: of OverruledName and OverruledBirthDate.
func (t *tx) overruled(desk desk, d DeviceAuthorization, check DocumentCheck) ([]string, error) {
	var proofings []Proofing
	if err := t.Where("device_authorization_id = ?", d.ID).Find(&proofings).Error; err != nil {
		return nil, err
	}
	var scans []DocumentScan
	if err := t.Where("device_authorization_id = ?", d.ID).Order("number").Find(&scans).Error; err != nil {
		return nil, err
	}
	name, born := false, false
	for _, p := range proofings {
		name = name || !p.agreed(p.NameResult, OverruledName)
		born = born || !p.agreed(p.BirthDateResult, OverruledBirthDate)
	}
	for _, s := range scans {
		name, born = name || s.NameResult == Differs, born || s.BirthDateResult == Differs
	}
	if n := len(scans); n > 0 && scans[n-1].isOf(desk, check) {
		name, born = name && scans[n-1].NameResult == Differs, born && scans[n-1].BirthDateResult == Differs
	}
	var list []string
	if check.NameResult != Differs && (name || slices.Contains(check.Overruled, OverruledName)) {
		list = append(list, OverruledName)
	}
	if check.BirthDateResult != Differs && (born || slices.Contains(check.Overruled, OverruledBirthDate)) {
		list = append(list, OverruledBirthDate)
	}
	return list, nil
}

// agreed says that a check found no difference and passed none over.
func (p Proofing) agreed(result, overruled string) bool {
	return result != Differs && !slices.Contains(strings.Fields(p.Overruled), overruled)
}

// isOf says that the check confirms this scan, and is the first to: by the session that
// scanned.
func (s DocumentScan) isOf(desk desk, check DocumentCheck) bool {
	return s.ProofingID == "" && s.SessionID == desk.session && s.ReadAs == check.Read
}

// scansChecked says of the scans before a check that they were: they are new no more.
func (t *tx) scansChecked(proofing Proofing) error {
	return t.Model(&DocumentScan{}).Where("device_authorization_id = ? AND proofing_id = ''", proofing.DeviceAuthorizationID).
		Update("proofing_id", proofing.ID).Error
}
