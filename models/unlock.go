package models

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

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
			err = tx.unlock(who.facts(), accountID, reason)
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
	return t.Model(&MatchFailure{}).Where("account_id = ? AND failed_at > ?", account.ID, wrongCodesSince(account))
}

// wrongCodesSince is when the first could be that locked an account.
func wrongCodesSince(account Account) Instant {
	if account.MatchLockedAt == 0 {
		return account.MatchUnlockedAt
	}
	return max(account.MatchUnlockedAt, account.MatchLockedAt.Add(-wrongCodeMemory))
}

func (t *tx) unlock(facts audit.Facts, accountID string, reason term.Unlocking) error {
	err := t.Model(&Account{}).Where("id = ?", accountID).
		Updates(map[string]any{"match_locked_at": 0, "match_unlocked_at": t.now}).Error
	if err != nil {
		return err
	}
	facts.Reason = string(reason)
	_, err = t.record(audit.Event{Type: audit.MatchUnlocked, Subject: accountID, Facts: facts})
	return err
}

// WrongCode is one that was entered for an account, with the names that a page shows.
type WrongCode struct {
	AccountID               string
	StaffID, Staff, Counter string
	FailedAt                Instant
	WhileLocked             bool
}

// wrongCodesShown bounds the list of who tried, of each account; newest first.
const wrongCodesShown = 20

// WrongCodesOf lists by account, in one statement, who entered the wrong codes that locked it, or any since.
func (s *Store) WrongCodesOf(ctx context.Context, accounts ...Account) (map[string][]WrongCode, error) {
	var each []string
	var values []any
	for _, account := range accounts {
		each = append(each, `SELECT * FROM (SELECT * FROM match_failures WHERE account_id = ? AND failed_at > ?
			ORDER BY failed_at DESC, id LIMIT ?) AS newest`)
		values = append(values, account.ID, wrongCodesSince(account), wrongCodesShown)
	}
	if len(each) == 0 {
		return nil, nil
	}
	var list []WrongCode
	err := s.reading(ctx).Raw(`SELECT f.account_id, f.staff_id, staff.name AS staff, counters.name AS counter, f.failed_at, f.while_locked
		FROM (`+strings.Join(each, " UNION ALL ")+`) AS f
		JOIN staff ON staff.id = f.staff_id JOIN counters ON counters.id = f.counter_id`,
		values...).Scan(&list).Error
	slices.SortStableFunc(list, func(a, b WrongCode) int { return cmp.Compare(b.FailedAt, a.FailedAt) })
	found := map[string][]WrongCode{}
	for _, code := range list {
		found[code.AccountID] = append(found[code.AccountID], code)
	}
	return found, err
}

// LockedListed is how many accounts LockedAccounts lists at most.
const LockedListed = 50

// LockedAccounts lists the accounts whose matching is locked, for the supervisors: those that were locked last, LockedListed at most.
func (s *Store) LockedAccounts(ctx context.Context) ([]Account, error) {
	var list []Account
	err := s.reading(ctx).Raw(`SELECT a.* FROM accounts a JOIN account_identifiers i ON i.account_id = a.id AND i.position = 0
		WHERE a.match_locked_at > 0 ORDER BY a.match_locked_at DESC LIMIT ` + strconv.Itoa(LockedListed)).Scan(&list).Error
	return list, err
}
