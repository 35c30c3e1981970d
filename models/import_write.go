package models

import (
	"errors"

	"countersign/audit"

	"gorm.io/gorm"
)

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
		"status": account.Status, "full_name": account.FullName, "latin_name": account.LatinName,
		"staff_subject": account.StaffSubject, "date_of_birth": account.DateOfBirth,
		"contact": account.Contact, "presence_required": account.PresenceRequired,
		"two_person_required": account.TwoPersonRequired, "updated_at": t.now,
	}).Error
	if err != nil {
		return err
	}
	return t.Where("account_id = ?", account.ID).Delete(&AccountIdentifier{}).Error
}
