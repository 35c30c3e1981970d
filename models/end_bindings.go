package models

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"
)

// What may be ended after a visit, and who may end it (docs/decisions/0024-after-the-visit.md).

// RevokeBinding ends one binding, redeemed or not. A supervisor may at any time; an
// operator while their visit of the binding's account lasts and its document is checked.
// A refusal is recorded. Errors: ErrOwnAccount, ErrNoVisit, ErrNotProofed, ErrDetailsDiffer,
// ErrSecondApprovalRequired, ErrNotFound, ErrBindingRevoked, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) RevokeBinding(ctx context.Context, sessionID, bindingID string, reason term.Recall) error {
	if err := oneOf(reason, term.Recalls()); err != nil {
		return err
	}
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, err := tx.supervisorOrOperator(sessionID)
		if err != nil {
			return who, subject{}, err
		}
		var binding Binding
		if err := tx.Where("id = ?", bindingID).First(&binding).Error; err != nil {
			return who, subject{}, notFound(err)
		}
		about := binding.subject()
		if err := tx.notOwnAccount(who, binding.AccountID); err != nil {
			return who, about, err
		}
		if err := tx.mayEnd(who, binding.AccountID); err != nil {
			return who, about, err
		}
		if err := tx.forUpdate().Where("id = ?", bindingID).First(&binding).Error; err != nil {
			return who, about, notFound(err)
		}
		if err := tx.judgeEnd(&binding); err != nil {
			return who, about, err
		}
		if binding.RevokedAt != 0 {
			return who, about, ErrBindingRevoked
		}
		facts := who.facts()
		facts.Reason = string(reason)
		return who, about, tx.revoke(binding, facts)
	})
}

// RevokeAll ends every binding of an account that lives or may still be redeemed, in one
// transaction, with an event for each; it says how many there were. Who may, and errors:
// as RevokeBinding.
func (s *Store) RevokeAll(ctx context.Context, sessionID, accountID string, reason term.Recall) (ended int, err error) {
	if err := oneOf(reason, term.Recalls()); err != nil {
		return 0, err
	}
	err = s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		ended = 0
		who, err := tx.supervisorOrOperator(sessionID)
		about := subject{account: accountID}
		if err == nil {
			err = notFound(tx.Where("id = ?", accountID).First(&Account{}).Error)
		}
		if err == nil {
			err = tx.notOwnAccount(who, accountID)
		}
		if err == nil {
			err = tx.mayEnd(who, accountID)
		}
		if err != nil {
			return who, about, err
		}
		facts := who.facts()
		facts.Reason = string(reason)
		ended, err = tx.revokeAll(accountID, facts)
		return who, about, err
	})
	return ended, err
}

func (t *tx) revokeAll(accountID string, facts audit.Facts) (int, error) {
	living, err := t.livingOf(accountID)
	if err != nil {
		return 0, err
	}
	return len(living), t.revokeEach(living, facts)
}

// livingOf holds the bindings of an account that live or may still be redeemed.
func (t *tx) livingOf(accountID string) ([]Binding, error) {
	return t.livingWhere("b.account_id", accountID)
}

// livingWhere holds those of which a column, which has an index, is that value.
func (t *tx) livingWhere(column, value string) ([]Binding, error) {
	var bindings []Binding
	err := t.forUpdate().Where("revoked_at = 0 AND id IN (?)", t.Raw(`SELECT b.id FROM bindings AS b
		JOIN device_authorizations AS d ON d.id = b.device_authorization_id WHERE `+column+` = @value AND `+bindingLives,
		map[string]any{"value": value, "now": t.now})).Order("id").Find(&bindings).Error
	return bindings, err
}

// revokeEach ends bindings that are held, with an event for each.
func (t *tx) revokeEach(bindings []Binding, facts audit.Facts) error {
	for _, binding := range bindings {
		if err := t.revoke(binding, facts); err != nil {
			return err
		}
	}
	return nil
}
