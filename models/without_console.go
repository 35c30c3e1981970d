package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/audit/term"
)

// What an administrator with a shell on the server does by a command while nobody can use the console. Who may do what in the
// console is not asked here; the events say that it was the command.

// ErrNotLocked says that codes can be entered for an account.
var ErrNotLocked = errors.New("codes can be entered for the account")

// byCommand is what every event of a command carries.
func byCommand() audit.Facts {
	return audit.Facts{Actor: &audit.Actor{System: string(term.SystemCommand)}}
}

// UnlockByCommand lets codes be entered for an account again, as UnlockMatching does. Errors: ErrUnknownReason, ErrNotFound,
// ErrNotLocked.
func (s *Store) UnlockByCommand(ctx context.Context, accountID string, reason term.Unlocking) error {
	if err := oneOf(reason, term.Unlockings()); err != nil {
		return err
	}
	return s.write(ctx, func(tx *tx) error {
		if err := tx.oneAtATime("codes for " + accountID); err != nil {
			return err
		}
		tx.readClock()
		account, err := rowOf[Account](tx, "WHERE id = $1", accountID)
		if err != nil {
			return notFound(err)
		}
		if account.MatchLockedAt == 0 {
			return ErrNotLocked
		}
		return tx.unlock(byCommand(), accountID, reason)
	})
}

// endedTogether is how many sessions a command ends in one transaction.
const endedTogether = 100

// EndSessionsByCommand ends the sessions of somebody of the staff, or of all where staffID is "", and says how many. Those that
// nobody uses any more end too: how long a session may rest is a setting of the server, which the command does not know.
func (s *Store) EndSessionsByCommand(ctx context.Context, staffID string) (ended int, err error) {
	for from := Instant(0); ; {
		var found []StaffSession
		err := s.write(ctx, func(tx *tx) (err error) {
			found, err = tx.endSessionsFrom(from, staffID)
			return err
		})
		if err != nil {
			return ended, err
		}
		ended += len(found)
		if len(found) < endedTogether {
			return ended, nil
		}
		from = found[len(found)-1].ExpiresAt
		if staffID != "" {
			from = found[len(found)-1].CreatedAt
		}
	}
}

// endSessionsFrom ends the next ones from a moment on: somebody's in the order in which they began, all in that in which they would
// end by themselves.
func (t *tx) endSessionsFrom(from Instant, staffID string) ([]StaffSession, error) {
	query := t.forUpdate().Where("ended_at IS NULL AND expires_at >= ?", max(from, t.now+1)).Order("expires_at")
	if staffID != "" {
		query = t.forUpdate().Where("ended_at IS NULL AND staff_id = ? AND created_at >= ? AND expires_at > ?", staffID, from, t.now).
			Order("created_at")
	}
	var found []StaffSession
	if err := query.Limit(endedTogether).Find(&found).Error; err != nil {
		return nil, err
	}
	t.readClock()
	for _, row := range found {
		if err := t.endSession(row, *byCommand().Actor, term.SessionEndedByAdmin); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// OpenSessions counts the sessions of staff that have not ended, those that nobody uses any more among them.
func (s *Store) OpenSessions(ctx context.Context) (open int, err error) {
	reading := s.reader(ctx)
	err = reading.ask("SELECT count(*) FROM staff_sessions WHERE ended_at IS NULL AND expires_at > $1", []any{reading.now}, &open)
	return open, err
}

// OpenRecordByCommand says in the trail that a command is about to show what an account has. Error: ErrNotFound.
func (s *Store) OpenRecordByCommand(ctx context.Context, accountID string, how term.QueryKind) error {
	return s.write(ctx, func(tx *tx) error {
		if _, err := rowOf[Account](tx, "WHERE id = $1", accountID); err != nil {
			return notFound(err)
		}
		facts := byCommand()
		facts.QueryKind = string(how)
		_, err := tx.record(audit.Event{Type: audit.AccountOpened, Subject: accountID, Facts: facts})
		return err
	})
}

// BindingsNamed are one binding, or those of an account or of a client instance: one of the three is given.
type BindingsNamed struct{ Binding, Account, Client string }

// column is the one that has the value in the bindings b; each has an index.
func (n BindingsNamed) column() (name, value string) {
	switch {
	case n.Account != "":
		return "b.account_id", n.Account
	case n.Client != "":
		return "b.client_id", n.Client
	}
	return "b.id", n.Binding
}

// BindingsForCommand lists them, those that live first, at most 100, and counts all. Error: ErrNotFound, where what is named is not
// there.
func (s *Store) BindingsForCommand(ctx context.Context, named BindingsNamed) (AccountBindings, error) {
	if err := s.reader(ctx).areThere(named); err != nil {
		return AccountBindings{}, err
	}
	column, value := named.column()
	return s.countedBindings(ctx, column+" = @id", value)
}

// areThere reports that the account, the client or the binding is there. Error: ErrNotFound.
func (t *tx) areThere(named BindingsNamed) (err error) {
	switch {
	case named.Account != "":
		_, err = rowOf[Account](t, "WHERE id = $1", named.Account)
	case named.Client != "":
		_, err = rowOf[Client](t, "WHERE id = $1", named.Client)
	default:
		_, err = rowOf[Binding](t, "WHERE id = $1", named.Binding)
	}
	return notFound(err)
}

// RevokeByCommand ends those of them that live or may still be redeemed, in one transaction, with an event for each; it says how
// many there were. Errors: ErrUnknownReason, ErrNotFound.
func (s *Store) RevokeByCommand(ctx context.Context, named BindingsNamed, reason term.Recall) (ended int, err error) {
	if err := oneOf(reason, term.Recalls()); err != nil {
		return 0, err
	}
	err = s.write(ctx, func(tx *tx) error {
		if err := tx.areThere(named); err != nil {
			return err
		}
		held, err := tx.livingWhere(named.column())
		if err != nil {
			return err
		}
		tx.readClock()
		facts := byCommand()
		facts.Reason, ended = string(reason), len(held)
		return tx.revokeEach(held, facts)
	})
	return ended, err
}

// TestNoticeByCommand says in the trail that a test message is about to be sent, by a way; accountID is the account whose contact it
// is for, "" for none. Error: ErrNotFound.
func (s *Store) TestNoticeByCommand(ctx context.Context, accountID string, way term.NoticeTest) error {
	return s.write(ctx, func(tx *tx) error {
		if accountID != "" {
			if _, err := rowOf[Account](tx, "WHERE id = $1", accountID); err != nil {
				return notFound(err)
			}
		}
		facts := byCommand()
		facts.Reason = string(way)
		_, err := tx.record(audit.Event{Type: audit.NoticeTested, Subject: accountID, Facts: facts})
		return err
	})
}
