package models

import (
	"context"
	"unicode/utf8"

	"countersign/audit"
)

// searchLimit is how many accounts a prefix shows.
const searchLimit = 20

// FoundAccount is one account that a search found.
type FoundAccount struct {
	Account
	Identifier string // the first of its identifiers
	Waiting    int    // requests that can be decided now
}

// SearchResult is what a search found. More says that the prefix names further
// accounts: type more.
type SearchResult struct {
	Accounts []FoundAccount
	Exact    bool
	More     bool
}

// Search finds accounts by identifier: exactly, or by a prefix of at least three
// characters. What was typed is not recorded, since it may be anything that a scanner
// sent. Errors: ErrSearchTooShort, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) Search(ctx context.Context, sessionID, typed string) (SearchResult, error) {
	key := IdentifierKey(typed)
	var result SearchResult
	err := s.write(ctx, func(tx *tx) error {
		desk, err := tx.desk(sessionID)
		if err != nil {
			return err
		}
		ids, exact, err := tx.accountsByKey(key)
		if err != nil {
			return err
		}
		result = SearchResult{Exact: exact, More: len(ids) > searchLimit}
		ids = ids[:min(len(ids), searchLimit)]
		for _, id := range ids {
			found, err := tx.foundAccount(id)
			if err != nil {
				return err
			}
			result.Accounts = append(result.Accounts, found)
		}
		return tx.recordSearch(desk, ids, exact)
	})
	return result, err
}

// accountsByKey finds the account of the exact key, or up to one more than
// searchLimit accounts whose keys begin with it.
func (t *tx) accountsByKey(key string) (ids []string, exact bool, err error) {
	err = t.Model(&AccountIdentifier{}).Where("key = ?", key).Pluck("account_id", &ids).Error
	if err != nil || len(ids) == 1 {
		return ids, true, err
	}
	if utf8.RuneCountInString(key) < 3 {
		return nil, false, ErrSearchTooShort
	}
	err = t.Raw(`SELECT account_id FROM account_identifiers WHERE key >= ? AND key < ?
		GROUP BY account_id ORDER BY min(key) LIMIT ?`, key, prefixEnd(key), searchLimit+1).Scan(&ids).Error
	return ids, false, err
}

func (t *tx) foundAccount(id string) (FoundAccount, error) {
	var found FoundAccount
	if err := t.Where("id = ?", id).First(&found.Account).Error; err != nil {
		return found, err
	}
	var first AccountIdentifier
	if err := t.Where("account_id = ?", id).Order("position").Limit(1).Find(&first).Error; err != nil {
		return found, err
	}
	found.Identifier = first.Identifier
	var waiting int64
	err := t.Model(&DeviceAuthorization{}).
		Where("account_id = ? AND state IN ? AND pending_until > ?", id, []State{Pending, Matched, Proofed}, t.now).
		Count(&waiting).Error
	found.Waiting = int(waiting)
	return found, err
}

func (t *tx) recordSearch(desk desk, ids []string, exact bool) error {
	facts, subject, count := desk.facts(), "", len(ids)
	facts.QueryKind, facts.Count = "prefix", &count
	if exact {
		facts.QueryKind = "exact"
	}
	if count == 1 {
		subject = ids[0]
	}
	_, err := t.record(audit.Event{Type: audit.AccountSearched, Subject: subject, Facts: facts})
	return err
}
