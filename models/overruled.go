package models

import (
	"slices"
	"strings"
	"time"
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

// differedMemory is how long a scan that differed counts for the other requests of its account: whoever shows another card
// does not begin anew by another request, of this phone or of a next one.
const differedMemory = 24 * time.Hour

// differed is what any check or scan of the request found to differ, or passed over, and any scan for its account of the
// last differedMemory, as long as the account's record is what it was held to. The rows of one request are few, and so are
// the scans of a day: it takes a person to make each.
func (t *tx) differed(d DeviceAuthorization) ([]string, error) {
	var p Proofing // a scan passes nothing over
	name, born := false, false
	err := t.each(askDiffered, []any{d.ID, t.now.Add(-differedMemory), deref(d.AccountID)},
		[]any{&p.NameResult, &p.BirthDateResult, &p.Overruled}, func() {
			name = name || !p.agreed(p.NameResult, OverruledName)
			born = born || !p.agreed(p.BirthDateResult, OverruledBirthDate)
		})
	if err != nil {
		return nil, err
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

// askDiffered finds what checks and scans said of a request, and scans for others of its account lately.
const askDiffered = `SELECT name_result, birth_date_result, overruled FROM proofings WHERE device_authorization_id = $1
	UNION ALL SELECT name_result, birth_date_result, '' FROM document_scans WHERE device_authorization_id = $1
	UNION ALL SELECT s.name_result, s.birth_date_result, ''
		FROM document_scans AS s CROSS JOIN device_authorizations AS d CROSS JOIN accounts AS a
		WHERE s.created_at > $2 AND (s.name_result = '` + Differs + `' OR s.birth_date_result = '` + Differs + `')
			AND d.id = s.device_authorization_id AND d.account_id = $3 AND d.id <> $1
			AND a.id = d.account_id AND s.created_at > a.updated_at`

// differsSince reports whether a scan after the check differed in what the check did not: a card that is scanned last counts
// as one that is scanned first.
func (t *tx) differsSince(d DeviceAuthorization, proofing Proofing) (bool, error) {
	if proofing.ID == "" {
		return false, nil
	}
	list, err := t.overruled(d, DocumentCheck{NameResult: proofing.NameResult, BirthDateResult: proofing.BirthDateResult})
	return len(list) > 0, err
}

// scansChecked says of the scans before a check which check came next.
func (t *tx) scansChecked(proofing Proofing) error {
	_, err := t.do("UPDATE document_scans SET proofing_id = $1 WHERE device_authorization_id = $2 AND proofing_id = ''",
		proofing.ID, proofing.DeviceAuthorizationID)
	return err
}

// agreed says that a check found no difference and passed none over.
func (p Proofing) agreed(result, overruled string) bool {
	return result != Differs && !slices.Contains(strings.Fields(p.Overruled), overruled)
}
