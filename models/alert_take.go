package models

import (
	"context"

	"countersign/audit"
)

// TakeAlert says that a supervisor sees to an alert. from is the identifier of whoever has it now, as the page showed it, ""
// for nobody: somebody who went home does not keep it. Errors: ErrTaken (somebody else has taken it meanwhile), ErrLookedAt
// (it is closed), ErrOwnAlert, ErrOwnAccount, ErrOwnAccountUnknown, ErrNotFound, ErrSessionEnded, ErrNotAllowed.
func (s *Store) TakeAlert(ctx context.Context, sessionID, alertID, from string) error {
	return s.onAlert(ctx, sessionID, alertID, func(tx *tx, who actor, alert audit.Entry) error {
		result := tx.Model(&OpenAlert{}).Where("seq = ? AND taken_by = ? AND taken_by <> ? AND "+isOpen, alert.Seq, from, who.staff).
			Updates(map[string]any{"taken_by": who.staff, "taken_at": tx.now})
		if result.Error != nil {
			return result.Error
		}
		if result.RowsAffected == 0 {
			return tx.notTaken(who, alert)
		}
		return tx.recordOnAlert(who, alert, audit.AlertTaken, nil)
	})
}

// notTaken says why nothing was taken: nil when it is theirs already.
func (t *tx) notTaken(who actor, alert audit.Entry) error {
	open, err := t.openAlert(alert)
	if err == nil && open.TakenBy != who.staff {
		err = ErrTaken
	}
	return err
}

// openAlert finds an alert in the queue and holds it. Error: ErrLookedAt.
func (t *tx) openAlert(alert audit.Entry) (OpenAlert, error) {
	var rows []OpenAlert
	err := t.forUpdate().Where("seq = ? AND "+isOpen, alert.Seq).Find(&rows).Error
	if err == nil && len(rows) == 0 {
		return OpenAlert{}, ErrLookedAt
	}
	if err != nil {
		return OpenAlert{}, err
	}
	return rows[0], nil
}
