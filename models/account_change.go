package models

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"
)

// SuspendAccount suspends an active account, with one of term.Suspensions. From then on
// nothing of it is approved or redeemed, its tokens are refused and introspection calls
// them inactive (docs/architecture.md §3). Errors: ErrChangedMeanwhile (it is not active),
// ErrUnknownReason, ErrOwnAccount, ErrNotFound, ErrSessionEnded, ErrNotAllowed.
func (s *Store) SuspendAccount(ctx context.Context, sessionID, accountID string, reason term.StatusReason) error {
	if err := oneOf(reason, term.Suspensions()); err != nil {
		return err
	}
	return s.setAccountStatus(ctx, sessionID, accountID, term.AccountActive, term.AccountSuspended, reason)
}

// ReinstateAccount makes a suspended account active again, with one of term.Reinstatements.
// Errors: as SuspendAccount.
func (s *Store) ReinstateAccount(ctx context.Context, sessionID, accountID string, reason term.StatusReason) error {
	if err := oneOf(reason, term.Reinstatements()); err != nil {
		return err
	}
	return s.setAccountStatus(ctx, sessionID, accountID, term.AccountSuspended, term.AccountActive, reason)
}

func (s *Store) setAccountStatus(
	ctx context.Context, sessionID, accountID string, from, to term.AccountStatus, reason term.StatusReason,
) error {
	return s.changeAccount(ctx, sessionID, accountID, func(tx *tx, account Account) ([]term.AccountChange, error) {
		if account.Status != string(from) {
			return nil, ErrChangedMeanwhile
		}
		return []term.AccountChange{term.StatusChange(to, reason)}, tx.updateAccount(accountID, map[string]any{"status": string(to)})
	})
}

// SetAccountRules reports whether only a presence proof matches the account's requests, and
// whether its approvals need a second person. What is so already is no change. Errors: as
// SuspendAccount, but for ErrChangedMeanwhile.
func (s *Store) SetAccountRules(ctx context.Context, sessionID, accountID string, presence, twoPerson bool) error {
	return s.changeAccount(ctx, sessionID, accountID, func(tx *tx, account Account) ([]term.AccountChange, error) {
		var reasons []term.AccountChange
		note := func(was, is bool, required, not term.AccountChange) {
			switch {
			case is && !was:
				reasons = append(reasons, required)
			case was && !is:
				reasons = append(reasons, not)
			}
		}
		note(account.PresenceRequired, presence, term.ChangedToPresence, term.ChangedToNoPresence)
		note(account.TwoPersonRequired, twoPerson, term.ChangedToSecondPerson, term.ChangedToNoSecondPerson)
		if len(reasons) == 0 {
			return nil, nil
		}
		return reasons, tx.updateAccount(accountID, map[string]any{"presence_required": presence, "two_person_required": twoPerson})
	})
}

func (t *tx) updateAccount(id string, set map[string]any) error {
	set["updated_at"] = t.now
	return t.Model(&Account{}).Where("id = ?", id).Updates(set).Error
}

// changeAccount lets an administrator change one account, not their own; what changed
// names each change for the trail. Such a refusal is recorded.
func (s *Store) changeAccount(
	ctx context.Context, sessionID, accountID string, change func(*tx, Account) ([]term.AccountChange, error),
) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		about := subject{account: accountID}
		who, err := tx.acting(sessionID, Administrator)
		if err != nil {
			return who, about, err
		}
		var account Account
		if err := tx.forUpdate().Where("id = ? AND erased_at = 0", accountID).First(&account).Error; err != nil {
			return who, about, notFound(err)
		}
		tx.readClock()
		if err := tx.notOwnAccount(who, accountID); err != nil {
			return who, about, err
		}
		changed, err := change(tx, account)
		if err != nil {
			return who, about, err
		}
		for _, reason := range changed {
			facts := who.facts()
			facts.Reason = string(reason)
			if _, err := tx.record(audit.Event{Type: audit.AccountChanged, Subject: accountID, Facts: facts}); err != nil {
				return who, about, err
			}
		}
		return who, about, nil
	})
}
