package models

import (
	"slices"
	"strings"
)

// overruled is what an earlier check or scan of the request found to differ and this check
// does not: of OverruledName and OverruledBirthDate.
func (t *tx) overruled(who actor, d DeviceAuthorization, check DocumentCheck) ([]string, error) {
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
	if n := len(scans); n > 0 && scans[n-1].isOf(who, check) {
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

// isOf says that the check confirms this scan, and is the first to: by the session that
// scanned.
func (s DocumentScan) isOf(who actor, check DocumentCheck) bool {
	return s.ProofingID == "" && s.SessionID == who.session && s.ReadAs == check.Read
}

// scansChecked says of the scans before a check that they were: they are new no more.
func (t *tx) scansChecked(proofing Proofing) error {
	return t.Model(&DocumentScan{}).Where("device_authorization_id = ? AND proofing_id = ''", proofing.DeviceAuthorizationID).
		Update("proofing_id", proofing.ID).Error
}

// agreed says that a check found no difference and passed none over.
func (p Proofing) agreed(result, overruled string) bool {
	return result != Differs && !slices.Contains(strings.Fields(p.Overruled), overruled)
}
