package models

import (
	"fmt"
	"slices"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm"
)

// made looks for the row of each event that made one, or that says what its row is from then on.
func (c *recordsChecker) made() error {
	for _, of := range []struct {
		kind audit.Type
		look func(db *gorm.DB, events []toldEvent) error
	}{
		{audit.DeviceAuthorizationRequested, c.requestsMade},
		{audit.DeviceBindingApproved, c.requestsMade},
		{audit.DeviceBindingApproved, c.accountsThere},
		{audit.ClientRegistered, c.clientsMade},
		{audit.DeviceBindingApproved, c.clientsMade},
		{audit.ClientDisabled, c.clientsMade},
		{audit.StaffSignedIn, c.sessionsMade},
		{audit.StaffSignedOut, c.sessionsMade},
		{audit.RegistrationTokenCreated, c.registrationTokens},
		{audit.RegistrationTokenRevoked, c.registrationTokens},
		{audit.AlertClosed, c.alertsClosed},
		{audit.AlertAcknowledged, c.alertsClosed},
		{audit.AlertNoted, c.notesMade},
		{audit.SigningKeyCreated, c.keysMade},
		{audit.WaitingRequestsEnded, c.rulesMade},
		{audit.AccountErased, c.rulesMade},
		{audit.SuspicionReported, c.rulesMade},
		{audit.ClientDeleted, c.rulesMade},
		{audit.ClientDisabled, c.rulesMade},
	} {
		if err := c.eachOf(of.kind, of.look); err != nil {
			return fmt.Errorf("%s: %w", of.kind, err)
		}
	}
	return c.supersededTold()
}

// idsThere tells which of these rows there are.
func idsThere(db *gorm.DB, table string, ids []string) (map[string]bool, error) {
	var found []string
	err := db.Table(table).Where("id IN ?", ids).Pluck("id", &found).Error
	there := map[string]bool{}
	for _, id := range found {
		there[id] = true
	}
	return there, err
}

// requestsMade wants each request, or an event that says that such were swept. What was approved is never swept.
func (c *recordsChecker) requestsMade(db *gorm.DB, events []toldEvent) error {
	ids := make([]string, len(events))
	for i, event := range events {
		ids[i] = event.DeviceAuthorizationID
	}
	there, err := idsThere(db, "device_authorizations", ids)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(ids, func(id string) bool { return there[id] })
	if len(missing) == 0 {
		return nil
	}
	stories, err := requestStories(db, missing)
	if err != nil {
		return err
	}
	for _, event := range events {
		id := event.DeviceAuthorizationID
		if there[id] {
			continue
		}
		swept, err := c.requestSwept(db, stories[id])
		if err != nil {
			return err
		}
		if !swept {
			c.gone("device_authorizations", id, event.Seq)
		}
	}
	return nil
}

// accountsThere wants the account of each approval.
func (c *recordsChecker) accountsThere(db *gorm.DB, events []toldEvent) error {
	ids := make([]string, len(events))
	for i, event := range events {
		ids[i] = event.Subject
	}
	there, err := idsThere(db, "accounts", ids)
	for _, event := range events {
		if err == nil && !there[event.Subject] {
			c.gone("accounts", event.Subject, event.Seq)
		}
	}
	return err
}

// clientsMade wants each client, or an event that says that such were swept. One that was approved once, or that is disabled, is
// never swept.
func (c *recordsChecker) clientsMade(db *gorm.DB, events []toldEvent) error {
	ids := make([]string, len(events))
	for i, event := range events {
		ids[i] = event.ClientID
	}
	there, err := idsThere(db, "clients", ids)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(ids, func(id string) bool { return there[id] })
	if len(missing) == 0 {
		return nil
	}
	by, err := clientEvents(db, missing)
	if err != nil {
		return err
	}
	for _, event := range events {
		id, swept := event.ClientID, false
		if there[id] {
			continue
		}
		if event.kind() != audit.DeviceBindingApproved && !tellClient(by[id]).disabled() {
			if swept, err = c.wasSwept(db, term.SweptClients, event.at()); err != nil {
				return err
			}
		}
		if !swept {
			c.gone("clients", id, event.Seq)
		}
	}
	return nil
}

// sessionsMade wants each session of staff, which stays, and its end where an event says so.
func (c *recordsChecker) sessionsMade(db *gorm.DB, events []toldEvent) error {
	ids := make([]string, len(events))
	for i, event := range events {
		ids[i] = event.Session
	}
	var rows []StaffSession
	if err := db.Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return err
	}
	by := map[string]StaffSession{}
	for _, row := range rows {
		by[row.ID] = row
	}
	for _, event := range events {
		row, there := by[event.Session]
		said := saidColumns{}
		switch {
		case !there:
			c.gone("staff_sessions", event.Session, event.Seq)
			continue
		case event.kind() == audit.StaffSignedIn:
			said.say(event.Seq, "staff_id", event.StaffID, "created_at", event.at())
		default:
			said.say(event.Seq, "ended_at", event.at())
		}
		ended := Instant(0)
		if row.EndedAt != nil {
			ended = *row.EndedAt
		}
		c.hold("staff_sessions", row.ID, map[string]any{"staff_id": row.StaffID, "created_at": row.CreatedAt, "ended_at": ended}, said)
	}
	return nil
}

// registrationTokens wants each initial access token, and its end where an event says so.
func (c *recordsChecker) registrationTokens(db *gorm.DB, events []toldEvent) error {
	ids := make([]string, len(events))
	for i, event := range events {
		ids[i] = event.RegistrationToken
	}
	var rows []RegistrationToken
	if err := db.Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return err
	}
	by := map[string]RegistrationToken{}
	for _, row := range rows {
		by[row.ID] = row
	}
	for _, event := range events {
		row, there := by[event.RegistrationToken]
		said := saidColumns{}
		switch {
		case !there:
			c.gone("registration_tokens", event.RegistrationToken, event.Seq)
			continue
		case event.kind() == audit.RegistrationTokenCreated:
			said.say(event.Seq, "created_at", event.at(), "staff_id", event.StaffID)
		default:
			said.say(event.Seq, "revoked_at", event.at(), "used_at", Instant(0))
		}
		c.hold("registration_tokens", row.ID, map[string]any{
			"created_at": row.CreatedAt, "staff_id": deref(row.StaffID), "revoked_at": row.RevokedAt, "used_at": row.UsedAt,
		}, said)
	}
	return nil
}

// alertsClosed wants who closed each alert, and when.
func (c *recordsChecker) alertsClosed(db *gorm.DB, events []toldEvent) error {
	ids := make([]string, len(events))
	for i, event := range events {
		ids[i] = event.Event
	}
	var rows []AlertAcknowledgement
	if err := db.Where("event_id IN ?", ids).Find(&rows).Error; err != nil {
		return err
	}
	by := map[string]AlertAcknowledgement{}
	for _, row := range rows {
		by[row.EventID] = row
	}
	for _, event := range events {
		row, there := by[event.Event]
		if !there {
			c.gone("alert_acknowledgements", event.Event, event.Seq)
			continue
		}
		said := saidColumns{}
		said.say(event.Seq, "staff_id", event.StaffID, "session_id", event.Session, "created_at", event.at())
		if event.kind() == audit.AlertClosed {
			said.say(event.Seq, "closing", event.Reason)
		}
		c.hold("alert_acknowledgements", row.EventID, map[string]any{
			"staff_id": row.StaffID, "session_id": row.SessionID, "created_at": row.CreatedAt, "closing": row.Closing,
		}, said)
	}
	return nil
}

// rulesMade wants the rule of each event that makes one. A client's goes with the client, when that is swept.
func (c *recordsChecker) rulesMade(db *gorm.DB, events []toldEvent) error {
	seqs, owners := make([]int64, len(events)), make([]string, 0, 2*len(events))
	for i, event := range events {
		seqs[i] = event.Seq
		owners = append(owners, event.Subject, event.Client)
	}
	var found []int64
	err := db.Raw(`SELECT seq FROM ending_rules WHERE account_id IN ? AND account_id <> '' AND seq IN ?
		UNION ALL SELECT seq FROM ending_rules WHERE account_id = '' AND client_id IN ? AND seq IN ?`,
		owners, seqs, owners, seqs).Scan(&found).Error
	if err != nil {
		return err
	}
	clients, err := idsThere(db, "clients", owners)
	if err != nil {
		return err
	}
	for _, event := range events {
		if !slices.Contains(found, event.Seq) && c.makesRules(event) && (event.Subject != "" || clients[event.Client]) {
			c.gone("ending_rules", event.Subject+event.Client, event.Seq)
		}
	}
	return nil
}

// makesRules reports whether an event made a rule. Before docs/decisions/0030 there were none: what ended was ended one by one. Then
// the event of a client's end had no count, and the log no key for checkpoints yet.
func (c *recordsChecker) makesRules(e toldEvent) bool {
	switch e.kind() {
	case audit.WaitingRequestsEnded, audit.AccountErased:
		return true
	case audit.SuspicionReported:
		return c.checkpointsSince != 0 && e.Seq > c.checkpointsSince
	}
	return e.Count != nil
}

// keysMade notes since when the log has a key for checkpoints.
func (c *recordsChecker) keysMade(_ *gorm.DB, events []toldEvent) error {
	for _, event := range events {
		if c.checkpointsSince == 0 && event.Reason == string(term.KeyCheckpoint) {
			c.checkpointsSince = event.Seq
		}
	}
	return nil
}
