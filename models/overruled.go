package models

import (
	"slices"
	"strings"
)

// overruled is what an earlier check or scan of the request found to differ and this check
// does not: of OverruledName and OverruledBirthDate.
func (t *tx) overruled(d DeviceAuthorization, check DocumentCheck) ([]string, error) {
	differed, err := t.differed(d)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, field := range []struct{ name, result string }{{OverruledName, check.NameResult}, {OverruledBirthDate, check.BirthDateResult}} {
		if field.result != Differs && (slices.Contains(differed, field.name) || slices.Contains(check.Overruled, field.name)) {
			list = append(list, field.name)
		}
	}
	return list, nil
}

// differed is what any check or scan of the request found to differ, or passed over. The rows
// of one request are few: it takes a person to make each.
func (t *tx) differed(d DeviceAuthorization) ([]string, error) {
	var proofings []Proofing
	if err := t.Where("device_authorization_id = ?", d.ID).Find(&proofings).Error; err != nil {
		return nil, err
	}
	var scans []DocumentScan
	if err := t.Where("device_authorization_id = ?", d.ID).Find(&scans).Error; err != nil {
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
	var list []string
	if name {
		list = append(list, OverruledName)
	}
	if born {
		list = append(list, OverruledBirthDate)
	}
	return list, nil
}

// scansChecked says of the scans before a check which check came next.
func (t *tx) scansChecked(proofing Proofing) error {
	return t.Model(&DocumentScan{}).Where("device_authorization_id = ? AND proofing_id = ''", proofing.DeviceAuthorizationID).
		Update("proofing_id", proofing.ID).Error
}

// agreed says that a check found no difference and passed none over.
func (p Proofing) agreed(result, overruled string) bool {
	return result != Differs && !slices.Contains(strings.Fields(p.Overruled), overruled)
}
