package models

import (
	"context"
	"time"

	"countersign/audit"
	"countersign/audit/term"
)

// An operator ends what an account has in a visit of it, and a customer who lost the device can have no visit. So the operator
// asks, and a supervisor answers (docs/decisions/0024-after-the-visit.md). What is asked is an alert: it has no row of its own.

// DisconnectionRequests is what a TooManyError counts when an operator asked too often.
const DisconnectionRequests = "disconnection requests"

// How often one operator may ask: fewer times than alerts are shown, so that nobody fills the list alone.
const (
	disconnectionLimit  = 5
	disconnectionMemory = time.Hour
)

// AskDisconnection asks the supervisors to disconnect a device of an account whose record is open to an operator's session.
// bindingID says which; "" leaves it to them, unless only one is connected. asked is false when the same was asked before and
// nobody has answered yet: it is one alert. A refusal is recorded. Errors: *UnknownReasonError, ErrOwnAccount, ErrNoVisit
// (the record is not open), ErrBindingRevoked (there is nothing to end), *TooManyError, ErrSessionEnded, ErrNotAllowed,
// ErrNoCounter.
func (s *Store) AskDisconnection(ctx context.Context, sessionID, accountID, bindingID string, reason term.Recall) (asked bool, err error) {
	if err := oneOf(reason, term.Recalls()); err != nil {
		return false, err
	}
	err = s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		asked = false
		who, err := tx.atCounter(sessionID)
		about := subject{account: accountID}
		if err == nil {
			err = tx.oneAtATime(DisconnectionRequests)
		}
		if err == nil {
			err = tx.mayAskDisconnection(who, accountID)
		}
		if err != nil {
			return who, about, err
		}
		binding, err := tx.toDisconnect(accountID, bindingID)
		if err != nil {
			return who, about, err
		}
		before, err := tx.disconnectionAsked(accountID, binding.ID)
		if err != nil || before {
			return who, about, err
		}
		if err := tx.fewDisconnections(who); err != nil {
			return who, about, err
		}
		asked = true
		return who, about, tx.askDisconnection(who, binding, reason)
	})
	return asked && err == nil, err
}

// mayAskDisconnection refuses who has not opened the record, and the account's own holder. Errors: ErrNoVisit, ErrOwnAccount,
// ErrNotFound.
func (t *tx) mayAskDisconnection(who actor, accountID string) error {
	if err := t.Where("id = ?", accountID).First(&Account{}).Error; err != nil {
		return notFound(err)
	}
	if err := t.notOwnAccount(who, accountID); err != nil {
		return err
	}
	open, err := t.mayRead(who.session, accountID)
	if err == nil && !open {
		err = ErrNoVisit
	}
	return err
}

// toDisconnect finds what is to be ended. A binding without an identifier stands for several, of which a supervisor chooses.
// Error: ErrBindingRevoked.
func (t *tx) toDisconnect(accountID, bindingID string) (Binding, error) {
	live, err := askToDisconnect.all(t, given{"account": accountID, "binding": bindingID, "now": t.now})
	switch {
	case err != nil:
		return Binding{}, err
	case len(live) == 0:
		return Binding{}, ErrBindingRevoked
	case len(live) > 1:
		return Binding{AccountID: accountID}, nil
	}
	return live[0], nil
}

var askToDisconnect = asking[Binding]("SELECT " + columnsOf[Binding]("b") + ` FROM bindings AS b
	JOIN device_authorizations AS d ON d.id = b.device_authorization_id
	WHERE b.account_id = @account AND (@binding = '' OR b.id = @binding) AND ` + bindingLives + " LIMIT 2")

// isDisconnection is the condition of the index audit_events_disconnection, which has these by account as they happen.
const isDisconnection = "type = 'disconnection-requested'"

// disconnectionAsked reports whether the same was asked, and nobody has answered. Who names no device asks the same as anybody
// who asked for the account.
func (t *tx) disconnectionAsked(accountID, bindingID string) (bool, error) {
	var open []audit.Entry
	err := t.Where(isDisconnection+" AND account_id = ? AND "+alertIsOpen, accountID).
		Order("seq DESC").Limit(alertsShown).Find(&open).Error
	if err != nil || len(open) == alertsShown || bindingID == "" {
		return len(open) > 0, err
	}
	for _, entry := range open {
		event, err := entry.Decode()
		if err != nil || event.Facts.Binding == bindingID {
			return err == nil, err
		}
	}
	return false, nil
}

// fewDisconnections holds one operator to disconnectionLimit within an hour. Error: *TooManyError.
func (t *tx) fewDisconnections(who actor) error {
	var lately []audit.Entry
	err := t.Table("audit_events AS e").Where("e.staff_id = ? AND "+actOfStaff+" AND e.type = ? AND e.occurred_at > ?", who.staff,
		audit.DisconnectionRequested, t.now.Add(-disconnectionMemory)).Order("occurred_at DESC").Limit(disconnectionLimit).Find(&lately).Error
	if err != nil || len(lately) < disconnectionLimit {
		return err
	}
	oldest := Instant(lately[len(lately)-1].OccurredAt)
	return &TooManyError{What: DisconnectionRequests, RetryAfter: oldest.Add(disconnectionMemory).Time().Sub(t.now.Time())}
}

func (t *tx) askDisconnection(who actor, binding Binding, reason term.Recall) error {
	facts := who.facts()
	facts.Reason, facts.Binding, facts.Client = string(reason), binding.ID, binding.ClientID
	facts.DeviceAuthorization = binding.DeviceAuthorizationID
	_, err := t.record(audit.Event{Type: audit.DisconnectionRequested, Subject: binding.AccountID,
		Transaction: binding.DeviceAuthorizationID, Facts: facts})
	return err
}

// Disconnect answers what an operator asked: the device of the alert is disconnected, with the reason that they gave, and the
// alert is closed as dealt with, in one transaction. What has ended since stays ended. Of two supervisors the first counts. Errors:
// ErrNotFound (no such alert, or one that names no device), ErrLookedAt, ErrOwnAlert, ErrOwnAccount, ErrOwnAccountUnknown,
// ErrSessionEnded, ErrNotAllowed.
func (s *Store) Disconnect(ctx context.Context, sessionID, alertID string) error {
	return s.onAlert(ctx, sessionID, alertID, (*tx).disconnect)
}

func (t *tx) disconnect(who actor, alert audit.Entry) error {
	event, err := alert.Decode()
	if err != nil {
		return err
	}
	if event.Type != audit.DisconnectionRequested || event.Facts.Binding == "" {
		return ErrNotFound
	}
	var binding Binding
	if err := t.forUpdate().Where("id = ?", event.Facts.Binding).First(&binding).Error; err != nil {
		return notFound(err)
	}
	if err := t.lookAt(who, alert, term.ClosingDealtWith); err != nil {
		return err
	}
	facts := who.facts()
	facts.Reason = event.Facts.Reason
	if err := t.revoke(binding, facts); err != nil {
		return err
	}
	return t.recordClosing(who, alert, term.ClosingDealtWith)
}
