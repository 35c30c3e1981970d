package models

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"countersign/audit"

	"gorm.io/gorm"
)

// ImportedAccount is one line of an accounts file, checked.
type ImportedAccount struct {
	Line        int
	Identifiers []string
	FullName    string
	DateOfBirth string
	Contact     string
	Status      string
	// PresenceRequired is nil when the file has no such column: the account keeps what it
	// has.
	PresenceRequired *bool
	// TwoPersonRequired likewise.
	TwoPersonRequired *bool
}

// ImportResult counts what an import did.
type ImportResult struct{ Added, Changed, Unchanged int }

// ImportAccounts adds accounts and updates those that an identifier names, all or
// none. An identifier that a line leaves out is taken away from its account. by says
// who imports. Errors: an ImportError joined for every line that cannot be taken.
func (s *Store) ImportAccounts(ctx context.Context, list []ImportedAccount, by audit.Actor) (ImportResult, error) {
	var result ImportResult
	err := s.write(ctx, func(tx *tx) error {
		result = ImportResult{}
		var problems []error
		var events []audit.Event // recorded at the end: whoever has recorded one holds up all others
		for _, line := range list {
			changed, err := tx.importAccount(line, by, &result)
			events = append(events, changed...)
			var problem ImportError
			if errors.As(err, &problem) {
				problems = append(problems, problem)
			} else if err != nil {
				return err
			}
		}
		if len(problems) > 0 {
			return errors.Join(problems...)
		}
		count := result.Added + result.Changed
		events = append(events, audit.Event{Type: audit.AccountsImported, Facts: audit.Facts{Actor: &by, Count: &count}})
		for _, event := range events {
			if _, err := tx.record(event); err != nil {
				return err
			}
		}
		return nil
	})
	return result, err
}

// importAccount takes one line and returns the events to record for it.
func (t *tx) importAccount(line ImportedAccount, by audit.Actor, result *ImportResult) ([]audit.Event, error) {
	rows, err := t.identifierRows(line)
	if err != nil {
		return nil, err
	}
	account, known, err := t.accountOf(line, rows)
	if err != nil {
		return nil, err
	}
	before := account
	account.Status, account.FullName = line.Status, line.FullName
	account.DateOfBirth, account.Contact = line.DateOfBirth, line.Contact
	if line.PresenceRequired != nil {
		account.PresenceRequired = *line.PresenceRequired
	}
	if line.TwoPersonRequired != nil {
		account.TwoPersonRequired = *line.TwoPersonRequired
	}
	if !known {
		result.Added++
		return nil, t.addAccount(account, rows)
	}
	same, err := t.sameIdentifiers(account.ID, rows)
	if err != nil {
		return nil, err
	}
	if same && account == before {
		result.Unchanged++
		return nil, nil
	}
	result.Changed++
	reason := "record"
	if before.Status != account.Status {
		reason = "status " + account.Status
	}
	changed := audit.Event{Type: audit.AccountChanged, Subject: account.ID, Facts: audit.Facts{Actor: &by, Reason: reason}}
	return []audit.Event{changed}, t.changeAccount(account, rows)
}

// identifierRows are the identifiers of a line; two that are one after normalising
// are kept once.
func (t *tx) identifierRows(line ImportedAccount) ([]AccountIdentifier, error) {
	var rows []AccountIdentifier
	for _, identifier := range line.Identifiers {
		key := IdentifierKey(identifier)
		if key == "" {
			return nil, ImportError{line.Line, "identifiers", "an identifier is empty"}
		}
		if !slices.ContainsFunc(rows, func(r AccountIdentifier) bool { return r.Key == key }) {
			rows = append(rows, AccountIdentifier{Key: key, Identifier: identifier, Position: len(rows)})
		}
	}
	return rows, nil
}

// accountOf finds the one account that the line's identifiers name, or makes a new one.
func (t *tx) accountOf(line ImportedAccount, rows []AccountIdentifier) (Account, bool, error) {
	var keys []string
	for _, row := range rows {
		keys = append(keys, row.Key)
	}
	var taken []AccountIdentifier
	if err := t.Where("key IN ?", keys).Find(&taken).Error; err != nil {
		return Account{}, false, err
	}
	owners := map[string]string{} // accounts by identifier key
	for _, row := range taken {
		owners[row.Key] = row.AccountID
	}
	owner := ""
	named := "" // the identifier that names the owner
	for _, row := range rows {
		switch id := owners[row.Key]; {
		case id == "" || id == owner:
		case owner == "":
			owner, named = id, row.Identifier
		default:
			return Account{}, false, ImportError{line.Line, "identifiers", fmt.Sprintf("the identifiers belong to different accounts: %q to one, "+
				"%q to another; give each account a line of its own, or take the identifier away from its account first by importing that without it",
				named, row.Identifier)}
		}
	}
	if owner != "" {
		var account Account
		err := t.Where("id = ?", owner).First(&account).Error
		return account, true, err
	}
	id, err := newID(t.store.rand)
	return Account{ID: id, CreatedAt: t.now, UpdatedAt: t.now}, false, err
}

func (t *tx) addAccount(account Account, rows []AccountIdentifier) error {
	if err := t.Create(&account).Error; err != nil {
		return err
	}
	return t.putIdentifiers(account.ID, rows)
}

func (t *tx) sameIdentifiers(accountID string, rows []AccountIdentifier) (bool, error) {
	var have []AccountIdentifier
	err := t.Where("account_id = ?", accountID).Order("position").Find(&have).Error
	for i := range rows {
		rows[i].AccountID = accountID
	}
	return slices.Equal(have, rows), err
}

// changeAccount updates an account; that is an event of its own, since it decides who
// may come in.
func (t *tx) changeAccount(account Account, rows []AccountIdentifier) error {
	err := t.Model(&Account{}).Where("id = ?", account.ID).Updates(map[string]any{
		"status": account.Status, "full_name": account.FullName, "date_of_birth": account.DateOfBirth,
		"contact": account.Contact, "presence_required": account.PresenceRequired,
		"two_person_required": account.TwoPersonRequired, "updated_at": t.now,
	}).Error
	if err != nil {
		return err
	}
	if err := t.Where("account_id = ?", account.ID).Delete(&AccountIdentifier{}).Error; err != nil {
		return err
	}
	return t.putIdentifiers(account.ID, rows)
}

func (t *tx) putIdentifiers(accountID string, rows []AccountIdentifier) error {
	for _, row := range rows {
		row.AccountID = accountID
		if err := t.Create(&row).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrExists
		} else if err != nil {
			return err
		}
	}
	return nil
}
