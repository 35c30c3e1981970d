package models

import (
	"context"
	"errors"

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
		plan, err := tx.planImport(list)
		if err != nil {
			return err
		}
		result = plan.ImportResult
		return tx.carryOut(plan, audit.Facts{Actor: &by})
	})
	return result, err
}

// carryOut does what was planned. Identifiers are taken away before any is given, as one
// line may have what another line's account had. Events are recorded at the end: whoever
// has recorded one holds up all others.
func (t *tx) carryOut(plan ImportPlan, by audit.Facts) error {
	var accounts []Account
	var identifiers []AccountIdentifier
	var events []audit.Event
	for _, line := range plan.Lines {
		switch line.Kind {
		case LineUnchanged:
			continue
		case LineAdded:
			accounts = append(accounts, line.after)
		case LineChanged:
			if err := t.changeAccount(line.after); err != nil {
				return err
			}
			for _, reason := range line.reasons() {
				facts := by
				facts.Reason = reason
				events = append(events, audit.Event{Type: audit.AccountChanged, Subject: line.after.ID, Facts: facts})
			}
		}
		identifiers = append(identifiers, line.rows...)
	}
	const together = 500
	if len(accounts) > 0 {
		if err := t.CreateInBatches(accounts, together).Error; err != nil {
			return err
		}
	}
	if len(identifiers) > 0 {
		err := t.CreateInBatches(identifiers, together).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) { // somebody has just given it to another account
			return ErrExists
		} else if err != nil {
			return err
		}
	}
	if err := t.tellFormerContacts(plan.Lines); err != nil {
		return err
	}
	count := plan.Added + plan.Changed
	by.Count = &count
	for _, event := range append(events, audit.Event{Type: audit.AccountsImported, Facts: by}) {
		if _, err := t.record(event); err != nil {
			return err
		}
	}
	return nil
}

// changeAccount updates an account and takes its identifiers away; that is an event of
// its own, since it decides who may come in.
func (t *tx) changeAccount(account Account) error {
	err := t.Model(&Account{}).Where("id = ?", account.ID).Updates(map[string]any{
		"status": account.Status, "full_name": account.FullName, "date_of_birth": account.DateOfBirth,
		"contact": account.Contact, "presence_required": account.PresenceRequired,
		"two_person_required": account.TwoPersonRequired, "updated_at": t.now,
	}).Error
	if err != nil {
		return err
	}
	return t.Where("account_id = ?", account.ID).Delete(&AccountIdentifier{}).Error
}
