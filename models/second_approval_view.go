package models

import "context"

// SecondApprovalView is a question for a second person, with the names that a page shows.
type SecondApprovalView struct {
	SecondApproval
	AskedBy    string // who asks
	Counter    string // where
	TimeZone   string // of that counter
	AnsweredBy string // who answered; "" while nobody has
	AskedFrom  string // the address at which the asking session signed in
	App        string
	Account    string // the account's name; "" for who may not see it unasked
	LookedBy   string // who opened the record last; "" while nobody has
	LookedAt   Instant
	Stands     bool // the visit still is what was asked about
	ClaimUntil Instant
}

// secondApprovalsShown bounds the list of who waits for a second person; oldest first.
const secondApprovalsShown = 100

// WaitingSecondApprovals lists what waits for a second person and still stands. Supervisors see
// whose accounts they are, and so do operators at the counter where it was asked, who
// have the customer in sight; others see where to go, and no names.
func (s *Store) WaitingSecondApprovals(ctx context.Context, who Session) ([]SecondApprovalView, error) {
	list, err := s.secondApprovals(ctx, `second_approvals.status = 'waiting' AND d.state = 'proofed'
			AND d.claim_until > ? AND d.pending_until > ? AND d.proofing_id = second_approvals.proofing_id AND NOT `+endedByRule,
		At(s.now()), At(s.now()))
	for i, row := range list {
		here := who.Counter != nil && who.Counter.ID == row.AskedCounterID
		if !here && !who.Has(Supervisor) {
			list[i].Account = ""
		}
	}
	return list, err
}

// SecondApproval finds one question. Error: ErrNotFound.
func (s *Store) SecondApproval(ctx context.Context, id string) (SecondApprovalView, error) {
	return one(s.secondApprovals(ctx, "second_approvals.id = ?", id))
}

// SecondApprovalOf finds the newest question about a visit's proofing. Error: ErrNotFound when
// nobody asked.
func (s *Store) SecondApprovalOf(ctx context.Context, d DeviceAuthorization) (SecondApprovalView, error) {
	list, err := s.secondApprovals(ctx, "second_approvals.proofing_id = ?", deref(d.ProofingID))
	if err == nil && len(list) == 0 {
		return SecondApprovalView{}, ErrNotFound
	}
	if err != nil {
		return SecondApprovalView{}, err
	}
	return list[len(list)-1], nil
}

// ReturnedSecondApprovals lists who gave a request back so far, over all its checks; oldest first.
func (s *Store) ReturnedSecondApprovals(ctx context.Context, d DeviceAuthorization) ([]SecondApprovalView, error) {
	return s.secondApprovals(ctx, "second_approvals.device_authorization_id = ? AND second_approvals.status = ?", d.ID, SecondApprovalReturned)
}

// one is the only row of a list. Error: ErrNotFound when it is empty.
func one[T any](list []T, err error) (T, error) {
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return list[0], nil
}

func (s *Store) secondApprovals(ctx context.Context, where string, args ...any) ([]SecondApprovalView, error) {
	var list []SecondApprovalView
	err := s.reading(ctx).Table("second_approvals").
		Select(`second_approvals.*, asker.name AS asked_by, counters.name AS counter, counters.time_zone AS time_zone,
			coalesce(answerer.name, '') AS answered_by,
			accounts.full_name AS account, clients.client_name AS app, d.claim_until AS claim_until, sessions.address AS asked_from,
			coalesce((SELECT staff.name FROM second_looks JOIN staff ON staff.id = second_looks.staff_id
				WHERE second_approval_id = second_approvals.id ORDER BY looked_at DESC, session_id LIMIT 1), '') AS looked_by,
			coalesce((SELECT max(looked_at) FROM second_looks WHERE second_approval_id = second_approvals.id), 0) AS looked_at`).
		Joins("JOIN device_authorizations AS d ON d.id = second_approvals.device_authorization_id").
		Joins("JOIN accounts ON accounts.id = d.account_id").
		Joins("JOIN clients ON clients.id = d.client_id").
		Joins("JOIN staff_sessions AS sessions ON sessions.id = second_approvals.asked_session_id").
		Joins("JOIN staff AS asker ON asker.id = second_approvals.asked_staff_id").
		Joins("JOIN counters ON counters.id = second_approvals.asked_counter_id").
		Joins("LEFT JOIN staff AS answerer ON answerer.id = second_approvals.answered_staff_id").
		Where(where, args...).
		Order("second_approvals.asked_at, CASE second_approvals.status WHEN 'waiting' THEN 1 ELSE 0 END, second_approvals.id").
		Limit(secondApprovalsShown).Scan(&list).Error
	if err != nil {
		return nil, err
	}
	return list, s.judgeSecondApprovals(ctx, list)
}

// judgeSecondApprovals says of each whether it still stands.
func (s *Store) judgeSecondApprovals(ctx context.Context, list []SecondApprovalView) error {
	var ids []string
	for _, row := range list {
		ids = append(ids, row.DeviceAuthorizationID)
	}
	var requests []DeviceAuthorization
	if err := s.reading(ctx).Where("id IN ?", ids).Find(&requests).Error; err != nil {
		return err
	}
	if err := s.reader(ctx).obeyRules(pointers(requests)...); err != nil {
		return err
	}
	for _, d := range requests {
		for i := range list {
			if list[i].DeviceAuthorizationID == d.ID {
				list[i].Stands = list[i].stands(d, At(s.now()))
			}
		}
	}
	return nil
}
