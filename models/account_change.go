package models

import (
	"context"

	"countersign/audit"
)

// SuspendReasons are the codes with which an administrator suspends an account.
func SuspendReasons() []string {
	return []string{"asked by the person", "fraud suspected", "identifier lost", "under review"}
}

// ReinstateReasons are the codes with which an account is active again.
func ReinstateReasons() []string {
	return []string{"asked by the person", "cleared", "suspended by mistake"}
}

// SuspendAccount suspends an active account, with one of SuspendReasons. From then on
// nothing of it is approved or redeemed, its tokens are refused and introspection calls
// them inactive (docs/architecture.md §3). Errors: ErrChangedMeanwhile (it is not active),
// ErrOwnAccount, ErrNotFound, ErrSessionEnded, ErrNotAllowed.
func (s *Store) SuspendAccount(ctx context.Context, sessionID, accountID, reason string) error {
	return s.setAccountStatus(ctx, sessionID, accountID, AccountActive, AccountSuspended, reason)
}

// ReinstateAccount makes a suspended account active again, with one of ReinstateReasons.
// Errors: as SuspendAccount.
func (s *Store) ReinstateAccount(ctx context.Context, sessionID, accountID, reason string) error {
	return s.setAccountStatus(ctx, sessionID, accountID, AccountSuspended, AccountActive, reason)
}

func (s *Store) setAccountStatus(ctx context.Context, sessionID, accountID, from, to, reason string) error {
	return s.changeAccount(ctx, sessionID, accountID, func(tx *tx, account Account) ([]string, error) {
		if account.Status != from {
			return nil, ErrChangedMeanwhile
		}
		return []string{"status " + to + " - " + reason}, tx.updateAccount(accountID, map[string]any{"status": to})
	})
}

// SetAccountRules reports whether only a presence proof matches the account's requests, and
// whether its approvals need a second person. What is so already is no change. Errors: as
// SuspendAccount, but for ErrChangedMeanwhile.
func (s *Store) SetAccountRules(ctx context.Context, sessionID, accountID string, presence, twoPerson bool) error {
	return s.changeAccount(ctx, sessionID, accountID, func(tx *tx, account Account) ([]string, error) {
		var reasons []string
		note := func(was, is bool, name string) {
			switch {
			case is && !was:
				reasons = append(reasons, name+" required")
			case was && !is:
				reasons = append(reasons, name+" not required")
			}
		}
		note(account.PresenceRequired, presence, "presence")
		note(account.TwoPersonRequired, twoPerson, "second person")
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
func (s *Store) changeAccount(ctx context.Context, sessionID, accountID string, change func(*tx, Account) ([]string, error)) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		about := subject{account: accountID}
		who, err := tx.acting(sessionID, Administrator)
		if err != nil {
			return who, about, err
		}
		var account Account
		if err := tx.forUpdate().Where("id = ?", accountID).First(&account).Error; err != nil {
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
			facts.Reason = reason
			if _, err := tx.record(audit.Event{Type: audit.AccountChanged, Subject: accountID, Facts: facts}); err != nil {
				return who, about, err
			}
		}
		return who, about, nil
	})
}
