package models

import (
	"context"
	"errors"
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
		for _, line := range list {
			err := tx.importAccount(line, by, &result)
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
		_, err := tx.record(audit.Event{Type: audit.AccountsImported, Facts: audit.Facts{Actor: &by, Count: &count}})
		return err
	})
	return result, err
}

func (t *tx) importAccount(line ImportedAccount, by audit.Actor, result *ImportResult) error {
	rows, err := t.identifierRows(line)
	if err != nil {
		return err
	}
	account, known, err := t.accountOf(line, rows)
	if err != nil {
		return err
	}
	before := account
	account.Status, account.FullName = line.Status, line.FullName
	account.DateOfBirth, account.Contact = line.DateOfBirth, line.Contact
	if !known {
		result.Added++
		return t.addAccount(account, rows)
	}
	same, err := t.sameIdentifiers(account.ID, rows)
	if err != nil {
		return err
	}
	if same && account == before {
		result.Unchanged++
		return nil
	}
	result.Changed++
	return t.changeAccount(before, account, rows, by)
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
	var owners []string
	if err := t.Model(&AccountIdentifier{}).Distinct().Where("key IN ?", keys).Pluck("account_id", &owners).Error; err != nil {
		return Account{}, false, err
	}
	if len(owners) > 1 {
		return Account{}, false, ImportError{line.Line, "identifiers", "the identifiers belong to different accounts"}
	}
	if len(owners) == 1 {
		var account Account
		err := t.Where("id = ?", owners[0]).First(&account).Error
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

// changeAccount updates an account. A change of status or identifiers is an event of
// its own, since it decides who may come in.
func (t *tx) changeAccount(before, account Account, rows []AccountIdentifier, by audit.Actor) error {
	err := t.Model(&Account{}).Where("id = ?", account.ID).Updates(map[string]any{
		"status": account.Status, "full_name": account.FullName, "date_of_birth": account.DateOfBirth,
		"contact": account.Contact, "updated_at": t.now,
	}).Error
	if err != nil {
		return err
	}
	if err := t.Where("account_id = ?", account.ID).Delete(&AccountIdentifier{}).Error; err != nil {
		return err
	}
	if err := t.putIdentifiers(account.ID, rows); err != nil {
		return err
	}
	reason := "record"
	if before.Status != account.Status {
		reason = "status " + account.Status
	}
	_, err = t.record(audit.Event{Type: audit.AccountChanged, Subject: account.ID, Facts: audit.Facts{Actor: &by, Reason: reason}})
	return err
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
