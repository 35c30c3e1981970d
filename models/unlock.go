package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm"
)

// ErrOwnWrongCodes says that a person who entered wrong codes for an account cannot unlock it.
var ErrOwnWrongCodes = errors.New("a person who entered wrong codes for the account cannot unlock it")

// UnlockMatching lets codes be entered for an account again: a supervisor has looked, and
// says why. Never for their own account, and never by somebody who entered one of the wrong
// codes, in whatever role and session. Errors: *UnknownReasonError, ErrOwnWrongCodes,
// ErrOwnAccount, ErrOwnAccountUnknown, ErrNotFound, ErrSessionEnded, ErrNotAllowed.
func (s *Store) UnlockMatching(ctx context.Context, sessionID, accountID string, reason term.Unlocking) error {
	if err := oneOf(reason, term.Unlockings()); err != nil {
		return err
	}
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, err := tx.acting(sessionID, Supervisor)
		if err == nil {
			err = tx.oneAtATime("codes for " + accountID)
		}
		if err == nil {
			err = tx.surelyNotOwnAccount(who, accountID)
		}
		if err == nil {
			err = tx.enteredNone(who, accountID)
		}
		if err == nil {
			err = tx.unlock(who, accountID, reason)
		}
		return who, subject{account: accountID}, err
	})
}

// enteredNone refuses somebody who entered wrong codes that locked the account, or any
// since. Error: ErrOwnWrongCodes.
func (t *tx) enteredNone(who actor, accountID string) error {
	var account Account
	if err := t.Where("id = ?", accountID).First(&account).Error; err != nil {
		return notFound(err)
	}
	var theirs int64
	err := t.wrongCodesOf(account).Where("staff_id = ?", who.staff).Count(&theirs).Error
	if err == nil && theirs > 0 {
		err = ErrOwnWrongCodes
	}
	return err
}

// wrongCodesOf are those that locked an account, and those since.
func (t *tx) wrongCodesOf(account Account) *gorm.DB {
	since := account.MatchUnlockedAt
	if account.MatchLockedAt != 0 {
		since = max(since, account.MatchLockedAt.Add(-wrongCodeMemory))
	}
	return t.Model(&MatchFailure{}).Where("account_id = ? AND failed_at > ?", account.ID, since)
}

func (t *tx) unlock(who actor, accountID string, reason term.Unlocking) error {
	err := t.Model(&Account{}).Where("id = ?", accountID).
		Updates(map[string]any{"match_locked_at": 0, "match_unlocked_at": t.now}).Error
	if err != nil {
		return err
	}
	facts := who.facts()
	facts.Reason = string(reason)
	_, err = t.record(audit.Event{Type: audit.MatchUnlocked, Subject: accountID, Facts: facts})
	return err
}

// WrongCode is one that was entered for an account, with the names that a page shows.
type WrongCode struct {
	StaffID, Staff, Counter string
	FailedAt                Instant
	WhileLocked             bool
}

// wrongCodesShown bounds the list of who tried; newest first.
const wrongCodesShown = 20

// WrongCodesOf lists who entered the wrong codes that locked an account, or any since.
func (s *Store) WrongCodesOf(ctx context.Context, account Account) ([]WrongCode, error) {
	var list []WrongCode
	err := s.reader(ctx).wrongCodesOf(account).
		Select("match_failures.staff_id, staff.name AS staff, counters.name AS counter, failed_at, while_locked").
		Joins("JOIN staff ON staff.id = match_failures.staff_id").Joins("JOIN counters ON counters.id = match_failures.counter_id").
		Order("failed_at DESC, match_failures.id").Limit(wrongCodesShown).Scan(&list).Error
	return list, err
}

// LockedAccounts lists the accounts whose matching is locked, for the supervisors.
func (s *Store) LockedAccounts(ctx context.Context) ([]FoundAccount, error) {
	var rows []AccountIdentifier
	err := s.reading(ctx).Raw(`SELECT i.* FROM accounts a JOIN account_identifiers i ON i.account_id = a.id AND i.position = 0
		WHERE a.match_locked_at > 0 ORDER BY a.match_locked_at DESC LIMIT 50`).Scan(&rows).Error
	var list []FoundAccount
	for _, row := range rows {
		found, err := s.reader(ctx).foundAccount(row)
		if err != nil {
			return nil, err
		}
		list = append(list, found)
	}
	return list, err
}
