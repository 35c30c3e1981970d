package models

import (
	"context"
	"slices"
)

// Where a document differs from the record, somebody else judges whether it is the same
// person's: a second person, or later a supervisor. So what the document says in those places
// is kept for a while (Keeping.Records), beside the trail and in no part of it
// (docs/decisions/0037-one-screen-to-decide.md).

// DocumentDifference is what a scan or a check found a document to say, in other words than the record.
type DocumentDifference struct {
	ID                    string
	DeviceAuthorizationID string
	AccountID             string
	ProofingID            string  // of the check; "" for a scan
	ReadAs                string  // ReadTyped, ReadMRZ or ReadPDF417
	Name                  string  // as the document gives it; "" where it does not differ
	BirthDate             string  // YYYY-MM-DD, less where less is known; "" where it does not differ
	CreatedAt             Instant `gorm:"autoCreateTime:false"`
}

// LongestDocumentName bounds the name that is kept, in characters.
const LongestDocumentName = 120

// keepDifference keeps what differs, if anything does and it is known.
func (t *tx) keepDifference(d DeviceAuthorization, row DocumentDifference, nameResult, birthResult string) error {
	if nameResult != Differs {
		row.Name = ""
	}
	if birthResult != Differs {
		row.BirthDate = ""
	}
	if row.Name == "" && row.BirthDate == "" || d.AccountID == nil {
		return nil
	}
	id, err := newID(t.store.rand)
	if err != nil {
		return err
	}
	row.ID, row.DeviceAuthorizationID, row.AccountID, row.CreatedAt = id, d.ID, *d.AccountID, t.now
	if name := []rune(row.Name); len(name) > LongestDocumentName {
		row.Name = string(name[:LongestDocumentName])
	}
	return t.Create(&row).Error
}

// DocumentDifferences lists what documents of a request said in other words than the record, and
// what scans for its account did that count for it (differedMemory), each once, the newest first: for the session that
// holds its visit, for one that has opened it as the second person, and for supervisors. Others are told nothing.
func (s *Store) DocumentDifferences(ctx context.Context, who Session, d DeviceAuthorization) ([]DocumentDifference, error) {
	may, err := s.mayJudge(ctx, who, d)
	if err != nil || !may {
		return nil, err
	}
	var list []DocumentDifference
	until := At(s.now())
	if d.DecidedAt != 0 {
		until = d.DecidedAt
	}
	rows, err := allOf[DocumentDifference](s.reader(ctx), `WHERE device_authorization_id = $1
		OR account_id = $2 AND proofing_id = '' AND created_at BETWEEN $3 AND $4 ORDER BY created_at DESC, read_as DESC, id`,
		d.ID, deref(d.AccountID), d.MatchedAt.Add(-differedMemory), until)
	for _, row := range rows {
		same := func(other DocumentDifference) bool { return other.Name == row.Name && other.BirthDate == row.BirthDate }
		if !slices.ContainsFunc(list, same) {
			list = append(list, row)
		}
	}
	return list, err
}

// mayJudge reports whether somebody is asked to judge the documents of a request.
func (s *Store) mayJudge(ctx context.Context, who Session, d DeviceAuthorization) (bool, error) {
	if who.Has(Supervisor) || d.PhaseAt(At(s.now())).Claimed() && deref(d.ClaimSessionID) == who.ID {
		return true, nil
	}
	var looks int64
	err := s.reading(ctx).Model(&SecondApprovalLook{}).Where(`session_id = ? AND second_approval_id IN
		(SELECT id FROM second_approvals WHERE device_authorization_id = ? AND status = ?)`,
		who.ID, d.ID, SecondApprovalWaiting).Count(&looks).Error
	return looks > 0 && d.PhaseAt(At(s.now())).Is(Proofed), err
}
