package models

import (
	"context"

	"countersign/audit"
)

// FallingTogether tells beforehand what EndWaiting would end.
func (s *Store) FallingTogether(ctx context.Context, accountID string) (Falling, error) {
	return s.reader(ctx).falling(askFallingTogether, given{"account": accountID, "id": ""})
}

var askFallingTogether = askingFalling(newestOf("account_id = @account"), "d.id <> ''")

// EndWaiting ends all that waits for an account, shown in its list or not, by one rule: the phones' next polls are answered
// access_denied. What sessions handle stays, and so does what is asked for later. Who may, and errors: as RevokeBinding.
func (s *Store) EndWaiting(ctx context.Context, sessionID, accountID string) (Falling, error) {
	falling, err := s.FallingTogether(ctx, accountID)
	if err != nil {
		return falling, err
	}
	return falling, s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, err := tx.supervisorOrOperator(sessionID)
		about := subject{account: accountID}
		if err == nil {
			err = notFound(tx.Where("id = ?", accountID).First(&Account{}).Error)
		}
		if err == nil {
			err = tx.notOwnAccount(who, accountID)
		}
		if err == nil {
			err = tx.codesOf(accountID)
		}
		if err == nil {
			err = tx.mayEnd(who, accountID)
		}
		if err != nil {
			return who, about, err
		}
		return who, about, tx.endWaiting(who, accountID, falling)
	})
}

func (t *tx) endWaiting(who actor, accountID string, falling Falling) error {
	held, err := t.handledOf(accountID, "")
	if err != nil {
		return err
	}
	var spared []DeviceAuthorization
	for _, d := range held {
		if d.PhaseAt(t.now).Claimed() {
			spared = append(spared, d)
		}
	}
	facts := who.facts()
	facts.Count = falling.fact()
	entry, err := t.record(audit.Event{Type: audit.WaitingRequestsEnded, Subject: accountID, Facts: facts})
	if err != nil {
		return err
	}
	return t.makeRules(entry.Seq, spared, EndingRule{AccountID: accountID, Reason: EndedTogether})
}
