package models

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/spelling"
)

// searchLimit is how many accounts a prefix shows.
const searchLimit = 20

// shortestPrefix is how many characters a search by the first ones needs.
const shortestPrefix = 3

// SearchResult is what a search found. More says that the prefix names further
// accounts: type more.
type SearchResult struct {
	Accounts []FoundAccount
	Exact    bool
	More     bool
}

// Search finds accounts by identifier: exactly, or by a prefix of at least three
// characters. What was typed is not recorded, since it may be anything that a scanner
// sent. A whole identifier opens its record to the session. Errors: *TooManyError, ErrSearchTooShort,
// ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) Search(ctx context.Context, sessionID, typed string) (SearchResult, error) {
	return s.search(ctx, typed, func(tx *tx) (actor, error) { return tx.atCounter(sessionID) })
}

// FindAccount is the account of exactly this identifier, for a supervisor: a person who looks
// into an account without its holder before them has to know whose it is. Each try is an
// event. Errors: ErrNotFound, ErrSessionEnded, ErrNotAllowed.
func (s *Store) FindAccount(ctx context.Context, sessionID, identifier string) (Account, error) {
	result, err := s.search(ctx, identifier, inRole(sessionID, Supervisor))
	switch {
	case errors.Is(err, ErrSearchTooShort), err == nil && (!result.Exact || len(result.Accounts) == 0):
		return Account{}, ErrNotFound
	case err != nil:
		return Account{}, err
	}
	return result.Accounts[0].Account, nil
}

// inRole proves somebody by a role that needs no open counter.
func inRole(sessionID string, role Role) func(*tx) (actor, error) {
	return func(tx *tx) (actor, error) { return tx.acting(sessionID, role) }
}

// search finds accounts for somebody whom who proves. Where exactly one has the whole identifier its record is opened.
// Error: *TooManyError, once the search is on record.
func (s *Store) search(ctx context.Context, typed string, who func(*tx) (actor, error)) (SearchResult, error) {
	var result SearchResult
	var refused error
	err := s.writeTogether(ctx, func(tx *tx) error {
		who, err := who(tx)
		if err != nil {
			return err
		}
		identifiers, exact, err := tx.identifiersOf(typed)
		if err == nil {
			err = tx.openingsOf(who)
		}
		if err != nil {
			return err
		}
		refused = nil
		result, err = tx.found(who, identifiers, exact)
		var tooMany *TooManyError
		if errors.As(err, &tooMany) {
			refused, err = err, nil
		}
		if err == nil {
			err = tx.recordSearch(who, result)
		}
		if err != nil || !exact || len(result.Accounts) != 1 {
			return err
		}
		account := result.Accounts[0].ID
		refused = tx.openRecord(who, account, term.QueryExact)
		if errors.As(refused, &tooMany) {
			return tx.recordRefusal(who, subject{account: account}, term.RefusalTooManyOpened)
		}
		return refused
	})
	if err == nil {
		err = refused
	}
	return result, err
}

// found are the accounts of what was found, as many as may be listed. Error: *TooManyError.
func (t *tx) found(who actor, identifiers []AccountIdentifier, exact bool) (SearchResult, error) {
	result := SearchResult{Exact: exact}
	list := identifiers[:min(len(identifiers), searchLimit)]
	if !exact {
		var err error
		if list, err = t.listAccounts(who, list); err != nil {
			return result, err
		}
	}
	result.More = len(identifiers) > len(list)
	for _, identifier := range list {
		found, err := t.foundAccount(identifier)
		if err != nil {
			return result, err
		}
		result.Accounts = append(result.Accounts, found)
	}
	return result, nil
}

// identifiersOf finds the identifier of exactly this key, or the first one that begins with what was typed of each of
// up to one more than searchLimit accounts. Error: ErrSearchTooShort.
func (t *tx) identifiersOf(typed string) (rows []AccountIdentifier, exact bool, err error) {
	key := spelling.Key(typed)
	rows, err = allOf[AccountIdentifier](t, "WHERE key = $1", key)
	if err != nil || len(rows) == 1 {
		return rows, true, err
	}
	if t.store.policy.NoPrefixSearch {
		return nil, true, nil
	}
	if utf8.RuneCountInString(key) < shortestPrefix {
		return nil, false, ErrSearchTooShort
	}
	for _, prefix := range spelling.Prefixes(typed) {
		found, err := t.identifiersBeginning(prefix)
		if err != nil {
			return nil, false, err
		}
		rows = append(rows, found...)
	}
	return oneOfEachAccount(rows), false, nil
}

// identifiersBeginning is one walk along the index, a few rows at a time, until there are enough accounts: everybody's
// telephone number may begin with the same digits. It returns the first identifier of each account, in the order of their keys.
func (t *tx) identifiersBeginning(prefix string) ([]AccountIdentifier, error) {
	if utf8.RuneCountInString(prefix) < shortestPrefix {
		return nil, nil
	}
	const atOnce = 4 * (searchLimit + 1)
	var found []AccountIdentifier
	for within, from := "key >= ? AND key < ?", prefix; len(found) <= searchLimit; within = "key > ? AND key < ?" {
		var rows []AccountIdentifier
		err := t.Where(within, from, prefixEnd(prefix)).Order("key").Limit(atOnce).Find(&rows).Error
		if err != nil {
			return nil, err
		}
		found = oneOfEachAccount(append(found, rows...))
		if len(rows) < atOnce {
			break
		}
		from = rows[len(rows)-1].Key
	}
	return found[:min(len(found), searchLimit+1)], nil
}

// oneOfEachAccount leaves the first identifier of each account, in the order of their keys.
func oneOfEachAccount(rows []AccountIdentifier) []AccountIdentifier {
	slices.SortFunc(rows, func(a, b AccountIdentifier) int { return strings.Compare(a.Key, b.Key) })
	seen := map[string]bool{}
	return slices.DeleteFunc(rows, func(row AccountIdentifier) bool {
		again := seen[row.AccountID]
		seen[row.AccountID] = true
		return again
	})
}

func (t *tx) recordSearch(who actor, result SearchResult) error {
	facts, subject, count := who.facts(), "", len(result.Accounts)
	facts.QueryKind, facts.Count = string(term.QueryPrefix), &count
	if result.Exact {
		facts.QueryKind = string(term.QueryExact)
	}
	if count == 1 {
		subject = result.Accounts[0].ID
	}
	_, err := t.record(audit.Event{Type: audit.AccountSearched, Subject: subject, Facts: facts})
	return err
}

// SearchAccounts finds accounts as Search does, for an administrator. It is an event as
// well: a person who looks accounts up is on record.
// Errors: *TooManyError, ErrSearchTooShort, ErrSessionEnded, ErrNotAllowed.
func (s *Store) SearchAccounts(ctx context.Context, sessionID, typed string) (SearchResult, error) {
	return s.search(ctx, typed, inRole(sessionID, Administrator))
}

// prefixEnd is the first key after every key that begins with the prefix, so that a
// prefix search is one walk along the index.
func prefixEnd(prefix string) string { return prefix + "\U0010FFFF" }
