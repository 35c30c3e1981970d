package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/spelling"

	"gorm.io/gorm"
)

// ErrImportUnderWay says that an accounts file is being imported, whose lines may bring back what is to be erased.
var ErrImportUnderWay = errors.New("an accounts file is being imported")

// Erasable is an account that can be erased, with what that would end.
type Erasable struct {
	Account
	Identifiers int
	Bindings    int // that live, or can still be redeemed
}

// FindErasable finds an account by its identifier in the trail, or by an identifier that people know, also one that was erased.
// Error: ErrNotFound.
func (s *Store) FindErasable(ctx context.Context, name string) (Erasable, error) {
	var found Erasable
	db := s.reading(ctx)
	err := db.Where("id = ?", name).First(&found.Account).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		owner := db.Model(&AccountIdentifier{}).Select("account_id").Where("key = ?", spelling.Key(name))
		err = db.Where("id = (?)", owner).First(&found.Account).Error
	}
	if err != nil {
		return found, notFound(err)
	}
	var identifiers, bindings int64
	if err := db.Model(&AccountIdentifier{}).Where("account_id = ?", found.ID).Count(&identifiers).Error; err != nil {
		return found, err
	}
	err = db.Model(&Binding{}).Where("account_id = ? AND revoked_at = 0", found.ID).Count(&bindings).Error
	found.Identifiers, found.Bindings = int(identifiers), int(bindings)
	return found, err
}

// EraseAccount ends what an account has, and removes what says whose it was: its record and identifiers at once, and then, a few
// rows in a transaction, all else (erase_rows.go). Its row, and the identifiers of what hung on it, stay for the trail, which
// keeps verifying: the event account-erased accounts for each row that is gone. Interrupted, it goes on when it is called again;
// of an account that was erased it removes what is still there. Errors: *UnknownReasonError, ErrNotFound, ErrImportUnderWay.
func (s *Store) EraseAccount(ctx context.Context, id string, reason term.Erasure) error {
	if err := oneOf(reason, term.Erasures()); err != nil {
		return err
	}
	var seq int64
	for seq == 0 { // again where a file or an administrator has opened the account in between
		if err := s.write(ctx, func(tx *tx) error { return tx.closeForGood(id) }); err != nil {
			return err
		}
		err := s.write(ctx, func(tx *tx) (err error) {
			seq, err = tx.eraseRecord(id, reason)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := s.fillDerived(ctx); err != nil { // which clients have events of an erased account is asked there
		return err
	}
	if err := s.eraseRows(ctx, id, seq); err != nil {
		return err
	}
	return s.forgetPages(ctx)
}

// closeForGood closes an account, so that nothing more is approved, which would hold its row while its requests are held.
// Errors: ErrNotFound, ErrImportUnderWay.
func (t *tx) closeForGood(id string) error {
	var running int64
	err := t.Model(&AccountImport{}).Where("only_one = 1 AND state IN ('staging', 'applying')").Count(&running).Error
	if err == nil && running > 0 {
		err = ErrImportUnderWay
	}
	if err != nil {
		return err
	}
	var account Account
	if err := t.forUpdate().Where("id = ?", id).First(&account).Error; err != nil {
		return notFound(err)
	}
	t.readClock()
	if account.Status == AccountClosed {
		return nil
	}
	if err := t.updateAccount(id, map[string]any{"status": AccountClosed}); err != nil {
		return err
	}
	facts := audit.Facts{Actor: &audit.Actor{System: string(term.SystemCommand)}, Reason: string(term.StatusChange(term.AccountClosed, ""))}
	_, err = t.record(audit.Event{Type: audit.AccountChanged, Subject: id, Facts: facts})
	return err
}

// eraseRecord ends bindings, with an event for each, and by a rule all that waits; it empties the record, and returns the number
// of the event that says so. Of an account that was erased it returns that of its event; of one that is not closed 0, and does
// nothing. What is held comes before the first event: nothing is waited for afterwards (lock.go).
func (t *tx) eraseRecord(id string, reason term.Erasure) (seq int64, err error) {
	if err := t.codesOf(id); err != nil {
		return 0, err
	}
	living, err := t.livingOf(id)
	if err != nil {
		return 0, err
	}
	var account Account
	if err := t.forUpdate().Where("id = ?", id).First(&account).Error; err != nil {
		return 0, err
	}
	t.readClock()
	if account.Status != AccountClosed {
		return 0, nil
	}
	facts := audit.Facts{Actor: &audit.Actor{System: string(term.SystemCommand)}, Reason: string(term.EndingErased)}
	if err := t.revokeEach(living, facts); err != nil {
		return 0, err
	}
	if account.ErasedAt != 0 {
		return t.erasedBy(id)
	}
	err = t.updateAccount(id, map[string]any{
		"full_name": "", "latin_name": "", "date_of_birth": "", "contact": "", "language": "", "staff_subject": "",
		"match_locked_at": 0, "erased_at": t.now,
	})
	if err != nil {
		return 0, err
	}
	if err := t.Where("account_id = ?", id).Delete(&AccountIdentifier{}).Error; err != nil {
		return 0, err
	}
	ended := len(living)
	facts.Reason, facts.Count = string(reason), &ended
	entry, err := t.record(audit.Event{Type: audit.AccountErased, Subject: id, Facts: facts})
	if err != nil {
		return 0, err
	}
	return entry.Seq, t.makeRules(entry.Seq, nil, EndingRule{AccountID: id, Reason: EndedTogether})
}

// erasedBy is the number of the event that says that an account was erased.
func (t *tx) erasedBy(id string) (int64, error) {
	entries, err := audit.List(t.DB, audit.Filter{AccountID: id, Type: audit.AccountErased, Limit: 1})
	if err == nil && len(entries) == 0 {
		err = errors.New("no event says that the account was erased")
	}
	if err != nil {
		return 0, err
	}
	return entries[0].Seq, nil
}
