package models

import (
	"errors"

	"countersign/audit"

	"gorm.io/gorm"
)

// importBatch is what one transaction of an import writes. Events are recorded at its end: whoever has recorded one holds up
// all others.
type importBatch struct {
	tx     *tx
	by     audit.Facts
	events []audit.Event
}

// apply does what was planned for some lines. Identifiers are taken away before any is given, as one line may have what
// another line's account had.
func (b *importBatch) apply(lines []PlannedLine) error {
	var accounts []Account
	var identifiers []AccountIdentifier
	for _, line := range lines {
		switch line.Kind {
		case LineAdded:
			accounts = append(accounts, line.after)
		case LineChanged:
			if err := b.tx.changeAccount(line.after); err != nil {
				return err
			}
			b.note(line)
		default:
			continue
		}
		identifiers = append(identifiers, line.rows...)
	}
	if len(accounts) > 0 {
		if err := b.tx.Create(&accounts).Error; err != nil {
			return err
		}
	}
	if err := b.tx.addIdentifiers(identifiers); err != nil {
		return err
	}
	return b.tx.tellFormerContacts(lines)
}

func (b *importBatch) note(line PlannedLine) {
	for _, reason := range line.reasons() {
		facts := b.by
		facts.Reason = reason
		b.events = append(b.events, audit.Event{
			Type: audit.AccountChanged, Subject: line.after.ID, Facts: facts, Details: line.details(reason),
		})
	}
}

func (b *importBatch) record() error {
	for _, event := range b.events {
		if _, err := b.tx.record(event); err != nil {
			return err
		}
	}
	return nil
}

// addIdentifiers gives accounts their identifiers. Error: ErrExists (somebody has just given one to another account).
func (t *tx) addIdentifiers(rows []AccountIdentifier) error {
	if len(rows) == 0 {
		return nil
	}
	const together = 500
	err := t.CreateInBatches(rows, together).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrExists
	}
	return err
}

// changeAccount updates an account and takes its identifiers away; that is an event of
// its own, since it decides who may come in.
func (t *tx) changeAccount(account Account) error {
	err := t.Model(&Account{}).Where("id = ?", account.ID).Updates(map[string]any{
		"status": account.Status, "full_name": account.FullName, "latin_name": account.LatinName,
		"language": account.Language, "staff_subject": account.StaffSubject, "date_of_birth": account.DateOfBirth,
		"contact": account.Contact, "presence_required": account.PresenceRequired,
		"two_person_required": account.TwoPersonRequired, "updated_at": t.now,
	}).Error
	if err != nil {
		return err
	}
	return t.Where("account_id = ?", account.ID).Delete(&AccountIdentifier{}).Error
}
