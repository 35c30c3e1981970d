package models

import (
	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm"
)

// requestStory is what the events of one request say of its row, and of what hangs on it.
type requestStory struct {
	request   saidColumns
	state     State
	decided   Instant                // when it was approved; 0 for not
	bindings  map[string]saidColumns // by identifier
	proofings map[string]saidColumns
	tokens    map[string]saidColumns // the refresh token of a binding
	pending   Instant                // the end of its pending window, to the second
}

// tellRequest reads the story from the events of a request, oldest first.
func tellRequest(events []toldEvent) *requestStory {
	s := &requestStory{request: saidColumns{}, state: Pending, bindings: map[string]saidColumns{}, proofings: map[string]saidColumns{},
		tokens: map[string]saidColumns{}}
	s.request.say(0, "state", string(Pending), "decided_at", Instant(0), "redeemed_at", Instant(0), "decline_reason", "",
		"decided_staff_id", "", "decided_counter_id", "", "redeem_until", int64(0))
	s.unclaimed(0)
	for _, event := range events {
		s.tell(event)
	}
	return s
}

// become notes a state.
func (s *requestStory) become(state State, seq int64) {
	s.state = state
	s.request.say(seq, "state", string(state))
}

func (s *requestStory) unclaimed(seq int64) {
	s.request.say(seq, "claim_session_id", "", "claim_staff_id", "", "claim_counter_id", "", "matched_at", Instant(0),
		"presence", "", "proofing_id", "")
}

// tell adds an event.
func (s *requestStory) tell(e toldEvent) {
	switch e.kind() {
	case audit.DeviceAuthorizationRequested:
		s.request.say(e.Seq, "client_id", e.Client, "account_id", e.Subject, "scope", e.Scope, "resources", e.Resource,
			"jwk_thumbprint", e.KeyThumbprint, "created_at", e.at(), "pending_until", *e.PendingUntil)
		s.pending = Instant(*e.PendingUntil * 1000)
	case audit.DeviceAuthorizationSuperseded:
		s.pending = e.at()
		s.request.say(e.Seq, "pending_until", e.at().Seconds())
	case audit.CodeMatched:
		s.unclaimed(e.Seq)
		s.become(Matched, e.Seq)
		s.request.say(e.Seq, "claim_session_id", e.Session, "claim_staff_id", e.StaffID, "claim_counter_id", e.Counter,
			"matched_at", e.at(), "presence", e.Presence)
	case audit.ClaimReleased:
		s.unclaimed(e.Seq)
		s.become(Pending, e.Seq)
	case audit.IdentityProofed:
		s.proofed(e)
	case audit.RefreshTokenRebound:
		saidOf(s.tokens, e.Binding).say(e.Seq, "jwk_thumbprint", e.KeyThumbprint)
	case audit.DeviceAuthorizationDeclined:
		s.declined(e)
	case audit.DeviceAuthorizationCancelled:
		if s.state != Approved {
			s.request.say(e.Seq, "decided_at", e.at())
		}
		s.become(Declined, e.Seq)
		s.request.say(e.Seq, "decline_reason", e.Reason)
	default:
		s.tellBinding(e)
	}
	if e.RequestedAt != nil { // its making was counted
		s.request.say(e.Seq, "client_id", e.Client)
		e.Address = e.RequestedFrom
	}
	if e.Address != "" && (e.kind() == audit.DeviceAuthorizationRequested || e.RequestedAt != nil) {
		s.request.say(e.Seq, "address", e.Address)
	}
}

func (s *requestStory) proofed(e toldEvent) {
	s.become(Proofed, e.Seq)
	s.request.say(e.Seq, "proofing_id", e.Proofing)
	said := saidColumns{}
	said.say(e.Seq, "device_authorization_id", e.DeviceAuthorizationID, "session_id", e.Session, "staff_id", e.StaffID,
		"counter_id", e.Counter, "created_at", e.at(), "overruled", e.Reason != "")
	if e.DocumentRead != "" {
		said.say(e.Seq, "document_read", e.DocumentRead)
	}
	s.proofings[e.Proofing] = said
}

// declined: what a claim that was over left behind counts for nothing, and the event does not say it.
func (s *requestStory) declined(e toldEvent) {
	s.become(Declined, e.Seq)
	s.request.say(e.Seq, "decided_at", e.at(), "decided_staff_id", e.StaffID, "decided_counter_id", e.Counter, "decline_reason", e.Reason)
	if e.Proofing == "" {
		s.request.forget("proofing_id")
	}
	if e.Presence == "" {
		s.request.forget("presence", "matched_at")
	}
}

// tellBinding adds an event of what an approval made.
func (s *requestStory) tellBinding(e toldEvent) {
	binding := s.bindings[e.Binding]
	switch {
	case e.kind() == audit.DeviceBindingApproved:
		s.decided = e.at()
		s.become(Approved, e.Seq)
		s.request.say(e.Seq, "decided_at", e.at(), "decided_staff_id", e.StaffID, "decided_counter_id", e.Counter,
			"redeem_until", *e.RedeemUntil, "proofing_id", e.Proofing, "client_id", e.Client, "account_id", e.Subject)
		said := saidColumns{}
		said.say(e.Seq, "account_id", e.Subject, "client_id", e.Client, "device_authorization_id", e.DeviceAuthorizationID,
			"scope", e.Scope, "resources", e.Resource, "created_at", e.at(), "redeemed_at", Instant(0), "revoked_at", Instant(0),
			"revoke_reason", "")
		s.bindings[e.Binding] = said
	case binding == nil:
	case e.kind() == audit.DeviceBindingRedeemed:
		saidOf(s.tokens, e.Binding).say(e.Seq, "created_at", e.at(), "client_id", e.Client, "scope", e.Scope)
		if e.KeyThumbprint != "" {
			s.tokens[e.Binding].say(e.Seq, "jwk_thumbprint", e.KeyThumbprint)
		}
		if e.Reason != "" { // the first answer was lost
			return
		}
		s.become(Redeemed, e.Seq)
		s.request.say(e.Seq, "redeemed_at", e.at())
		binding.say(e.Seq, "redeemed_at", e.at())
	case e.kind() == audit.DeviceBindingRecalled:
		s.become(Declined, e.Seq)
		s.request.say(e.Seq, "decline_reason", string(term.EndingRecalled))
	case e.kind() == audit.DeviceBindingRevoked:
		binding.say(e.Seq, "revoked_at", e.at(), "revoke_reason", e.Reason)
	}
}

// columns are the row as the trail says it: times that an event has in seconds are cut off to them.
func (d DeviceAuthorization) columns() map[string]any {
	return map[string]any{
		"client_id": d.ClientID, "account_id": deref(d.AccountID), "scope": d.Scope, "resources": d.Resources, "address": d.Address,
		"jwk_thumbprint": d.JWKThumbprint, "created_at": d.CreatedAt, "pending_until": d.PendingUntil.Seconds(), "state": string(d.State),
		"claim_session_id": deref(d.ClaimSessionID), "claim_staff_id": deref(d.ClaimStaffID), "claim_counter_id": deref(d.ClaimCounterID),
		"matched_at": d.MatchedAt, "presence": d.Presence, "proofing_id": deref(d.ProofingID), "decided_at": d.DecidedAt,
		"decided_staff_id": deref(d.DecidedStaffID), "decided_counter_id": deref(d.DecidedCounterID), "decline_reason": d.DeclineReason,
		"redeem_until": d.RedeemUntil.Seconds(), "redeemed_at": d.RedeemedAt,
	}
}

func (b Binding) columns() map[string]any {
	return map[string]any{
		"account_id": b.AccountID, "client_id": b.ClientID, "device_authorization_id": b.DeviceAuthorizationID, "scope": b.Scope,
		"resources": b.Resources, "created_at": b.CreatedAt, "redeemed_at": b.RedeemedAt, "revoked_at": b.RevokedAt,
		"revoke_reason": b.RevokeReason,
	}
}

func (p Proofing) columns() map[string]any {
	return map[string]any{
		"device_authorization_id": p.DeviceAuthorizationID, "session_id": p.SessionID, "staff_id": p.StaffID, "counter_id": p.CounterID,
		"created_at": p.CreatedAt, "document_read": p.DocumentRead, "overruled": p.Overruled != "",
	}
}

// requests holds each request, with its bindings, their refresh tokens and its proofings.
func (c *recordsChecker) requests() error {
	for after := ""; ; {
		var rows []DeviceAuthorization
		err := c.atOnce(func(db *gorm.DB) error {
			if err := db.Where("id > ?", after).Order("id").Limit(recordsTogether).Find(&rows).Error; err != nil || len(rows) == 0 {
				return err
			}
			return c.requestRows(db, rows)
		})
		c.step(len(rows))
		if err != nil || len(rows) < recordsTogether {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}

func (c *recordsChecker) requestRows(db *gorm.DB, rows []DeviceAuthorization) error {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	stories, err := requestStories(db, ids)
	if err != nil {
		return err
	}
	hanging, err := readHanging(db, ids)
	if err != nil {
		return err
	}
	erased, err := erasedAccounts(db, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		story := stories[row.ID]
		if story == nil {
			story = tellRequest(nil)
		}
		said := story.request
		if row.Address == "" && erased[deref(row.AccountID)] {
			said.forget("address")
		}
		if row.PendingUntil < story.pending && row.PendingUntil.Seconds() != story.pending.Seconds() {
			said.forget("pending_until") // replaced by a newer one: that may have been counted
			c.superseded[hourOf(row.PendingUntil)]++
		}
		if said["created_at"].seq == 0 && row.CountedHour == 0 {
			c.unmade("device_authorizations", row.ID)
		}
		c.hold("device_authorizations", row.ID, row.columns(), said)
		c.hangsOn(row.ID, story, hanging)
	}
	return nil
}

// requestStories reads the stories of requests.
func requestStories(db *gorm.DB, ids []string) (map[string]*requestStory, error) {
	events, err := readEvents(db.Where("device_authorization_id IN ? AND device_authorization_id <> ''", ids))
	if err != nil {
		return nil, err
	}
	if err := addAddresses(db, events); err != nil {
		return nil, err
	}
	by := map[string][]toldEvent{}
	for _, event := range events {
		by[event.DeviceAuthorizationID] = append(by[event.DeviceAuthorizationID], event)
	}
	stories := map[string]*requestStory{}
	for id, told := range by {
		stories[id] = tellRequest(told)
	}
	return stories, nil
}
