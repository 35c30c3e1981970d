package models

import (
	"context"
	"slices"
	"strconv"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/spelling"
)

// SavedAccount is one account that an administrator adds or corrects by hand. Its columns are those of an accounts file,
// and were checked as its lines are; the state of an account is changed otherwise.
type SavedAccount struct {
	ID    string // "": a new one
	Shown string // AccountShown of what the form was filled with; "" for a new one
	ImportedAccount
}

// AccountShown stands for an account's record as a form showed it.
func AccountShown(view AccountView) string {
	had := make([]AccountIdentifier, len(view.Identifiers))
	for i, identifier := range view.Identifiers {
		had[i].Identifier = identifier
	}
	return PlannedLine{had: had, Changes: changesOf(Account{}, view.Account, nil, had)}.fingerprint()
}

// SaveAccount adds an account, or corrects one that is there, and returns its id. What is the same is no change, and no event.
// Errors: ErrChangedMeanwhile, ErrOwnAccount, ErrNotFound, an ImportError about identifiers, ErrSessionEnded, ErrNotAllowed.
func (s *Store) SaveAccount(ctx context.Context, sessionID string, save SavedAccount) (id string, err error) {
	err = s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, err := tx.acting(sessionID, Administrator)
		if err != nil {
			return who, subject{}, err
		}
		planned, err := tx.planSaved(save)
		if err != nil {
			return who, subject{account: save.ID}, err
		}
		about := subject{account: planned.after.ID}
		if err := tx.notOwnRecord(who.staff, planned); err != nil {
			about.account = save.ID
			return who, about, err
		}
		id = planned.after.ID
		if planned.Kind == LineUnchanged {
			return who, about, nil
		}
		batch := importBatch{tx: tx, by: who.facts()}
		if err := batch.apply([]PlannedLine{planned}); err != nil {
			return who, about, err
		}
		if planned.Kind == LineAdded {
			facts := who.facts()
			facts.Reason = string(term.ChangedToBeThere)
			batch.events = append(batch.events, audit.Event{Type: audit.AccountChanged, Subject: id, Facts: facts})
		}
		return who, about, batch.record()
	})
	return id, err
}

// planSaved says what saving would do, to the account that is held from here on.
func (t *tx) planSaved(save SavedAccount) (PlannedLine, error) {
	rows, err := identifierRows(save.ImportedAccount)
	if err != nil {
		return PlannedLine{}, err
	}
	var before AccountView
	if save.ID != "" {
		if before, err = t.heldAccount(save.ID); err != nil {
			return PlannedLine{}, err
		}
		if AccountShown(before) != save.Shown {
			return PlannedLine{}, ErrChangedMeanwhile
		}
		save.Status = before.Status
	}
	if err := t.freeFor(save.ID, rows); err != nil {
		return PlannedLine{}, err
	}
	return t.savedLine(save, before, rows)
}

// savedLine is the plan's line for it.
func (t *tx) savedLine(save SavedAccount, before AccountView, rows []AccountIdentifier) (PlannedLine, error) {
	planned := PlannedLine{Kind: LineAdded, before: before.Account, after: save.over(before.Account), rows: rows}
	if save.ID == "" {
		id, err := newID(t.store.rand)
		if err != nil {
			return PlannedLine{}, err
		}
		planned.after.ID, planned.after.CreatedAt, planned.after.UpdatedAt = id, t.now, t.now
	} else {
		if err := t.Where("account_id = ?", save.ID).Order("position").Find(&planned.had).Error; err != nil {
			return PlannedLine{}, err
		}
		planned.Kind, planned.Changes = LineChanged, changesOf(before.Account, planned.after, planned.had, rows)
		if len(planned.Changes) == 0 {
			planned.Kind = LineUnchanged
		}
	}
	for i := range rows {
		rows[i].AccountID = planned.after.ID
	}
	return planned, nil
}

// heldAccount reads an account with its identifiers, and keeps it as it is.
func (t *tx) heldAccount(id string) (AccountView, error) {
	var view AccountView
	if err := t.forUpdate().Where("id = ? AND erased_at = 0", id).First(&view.Account).Error; err != nil {
		return view, notFound(err)
	}
	t.readClock()
	return view, t.Model(&AccountIdentifier{}).Where("account_id = ?", id).Order("position").Pluck("identifier", &view.Identifiers).Error
}

// freeFor refuses identifiers that are another account's.
func (t *tx) freeFor(accountID string, rows []AccountIdentifier) error {
	for _, row := range rows {
		var taken int64
		if err := t.Model(&AccountIdentifier{}).Where("key = ? AND account_id <> ?", row.Key, accountID).Count(&taken).Error; err != nil {
			return err
		}
		if taken > 0 {
			return ImportError{Column: FieldIdentifiers, Problem: ImportTaken, Args: []string{strconv.Quote(row.Identifier)}}
		}
	}
	return nil
}

// notOwnRecord refuses what is, was or would be the administrator's own account.
func (t *tx) notOwnRecord(staffID string, planned PlannedLine) error {
	var staff Staff
	if err := t.Where("id = ?", staffID).First(&staff).Error; err != nil {
		return err
	}
	known, err := t.staffKeys(staffID)
	if err != nil {
		return err
	}
	contact := planned.after.Contact
	own := contact != "" && slices.Contains(known, spelling.Key(contact))
	for _, row := range planned.had {
		own = own || slices.Contains(known, row.Key)
	}
	if own || staff.owns(planned, known) {
		return ErrOwnAccount
	}
	return nil
}
