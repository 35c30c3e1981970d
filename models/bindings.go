package models

import (
	"context"
	"errors"

	"countersign/audit"
)

// BindingView is a binding with what a page shows of it.
type BindingView struct {
	Binding
	Phase         Phase // of its request
	RedeemUntil   Instant
	ClientName    string
	PublisherName string // "" when no registered publisher has the software_id
	Verified      bool   // the publisher has signed for it
	InstanceName  string // what the device calls itself
	Counter       string // where it was approved
	ApprovedBy    string
	RefreshedAt   Instant // last use of a refresh token
}

// Live reports whether there is anything left to end.
func (b BindingView) Live() bool {
	return b.RevokedAt == 0 && b.Phase.Bound()
}

// LastUse is the newest use that we saw: of a refresh token, or the first one of any
// token. 0: none. A device that only calls an API is not seen again until it refreshes.
func (b BindingView) LastUse() Instant { return max(b.UsedAt, b.RefreshedAt) }

// AccountBindings is what an account has, as one session or a command may see it.
type AccountBindings struct {
	Bindings []BindingView // those that live first, newest first
	Live     int           // how many live, shown or not
	NotShown int
	Refusal  error // why this session may not end them now; nil: it may, and so may a command
}

// bindingsShown bounds the list of an account.
const bindingsShown = 100

// Bindings lists what an account has. Supervisors may see it at any time, an operator
// while their visit of the account lasts; it changes nothing. Errors: ErrNoVisit,
// ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) Bindings(ctx context.Context, sessionID, accountID string) (AccountBindings, error) {
	refusal, err := s.maySeeBindings(ctx, sessionID, accountID)
	if err != nil {
		return AccountBindings{}, err
	}
	found, err := s.countedBindings(ctx, "b.account_id = @id", accountID)
	found.Refusal = refusal
	return found, err
}

// countedBindings lists the bindings b that are meant, bindingsShown at most, and counts all of them.
func (s *Store) countedBindings(ctx context.Context, where, id string) (AccountBindings, error) {
	var counts struct{ Live, Total int }
	err := s.reading(ctx).Raw(`SELECT count(*) AS total, coalesce(sum(CASE WHEN `+bindingLives+` THEN 1 ELSE 0 END), 0) AS live
		FROM bindings AS b JOIN device_authorizations AS d ON d.id = b.device_authorization_id WHERE `+where,
		map[string]any{"id": id, "now": At(s.now())}).Scan(&counts).Error
	if err != nil {
		return AccountBindings{}, err
	}
	list, err := s.bindings(ctx, where, id)
	return AccountBindings{Bindings: list, Live: counts.Live, NotShown: counts.Total - len(list)}, err
}

// BindingOfAccount finds one of them, and why this session may not end it. Errors: as
// Bindings.
func (s *Store) BindingOfAccount(ctx context.Context, sessionID, bindingID string) (view BindingView, refusal, err error) {
	list, err := s.bindings(ctx, "b.id = @id", bindingID)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return BindingView{}, nil, err
	}
	refusal, err = s.maySeeBindings(ctx, sessionID, list[0].AccountID)
	if err != nil {
		return BindingView{}, nil, err
	}
	return list[0], refusal, nil
}

// MaySeeBindings reports whether Bindings would answer a session that was read just now, for a page that leads there.
func (s *Store) MaySeeBindings(ctx context.Context, who Session, accountID string) bool {
	if who.Has(Supervisor) || who.Counter == nil || !who.Has(Operator) {
		return who.Has(Supervisor)
	}
	visits, err := s.reader(ctx).visitsOf(actor{session: who.ID, counter: who.Counter.ID}, accountID)
	return err == nil && len(visits) > 0
}

// maySeeBindings: whoever may see may not yet end, before the document is checked.
func (s *Store) maySeeBindings(ctx context.Context, sessionID, accountID string) (refusal, err error) {
	reading := s.reader(ctx)
	who, err := reading.supervisorOrOperator(sessionID)
	if err == nil {
		err = notFound(reading.Where("id = ?", accountID).First(&Account{}).Error)
	}
	if err == nil {
		err = reading.mayEnd(who, accountID)
	}
	if errors.Is(err, ErrNotProofed) || errors.Is(err, ErrDetailsDiffer) || errors.Is(err, ErrSecondApprovalRequired) {
		return err, nil
	}
	return nil, err
}

const bindingLives = `b.revoked_at = 0 AND (d.state = 'redeemed' OR (d.state = 'approved' AND d.redeem_until > @now))
	AND NOT ` + bindingEndedByRule + ` AND NOT ` + bindingEndedByClock

func (s *Store) bindings(ctx context.Context, where, id string) ([]BindingView, error) {
	var rows []struct {
		BindingView
		State                State
		IdleUntil, ExpiresAt Instant
		RuleMadeAt           Instant
		RuleReason           string
	}
	now := At(s.now())
	err := s.reading(ctx).Raw(`SELECT b.*, d.state, d.redeem_until, d.instance_name, clients.client_name,
			coalesce(publishers.name, '') AS publisher_name, (clients.verified_publisher_id IS NOT NULL) AS verified,
			coalesce(counters.name, '') AS counter, coalesce(staff.name, '') AS approved_by,
			coalesce(rule.made_at, 0) AS rule_made_at, coalesce(rule.reason, '') AS rule_reason,
			coalesce(life.idle_until, 0) AS idle_until, coalesce(life.expires_at, 0) AS expires_at,
			coalesce(life.last_used_at, 0) AS refreshed_at
		FROM bindings AS b
		JOIN device_authorizations AS d ON d.id = b.device_authorization_id
		JOIN clients ON clients.id = b.client_id
		LEFT JOIN refresh_tokens AS life ON life.binding_id = b.id
		LEFT JOIN ending_rules AS rule ON rule.id = (SELECT r.id FROM ending_rules AS r
			WHERE r.account_id = '' AND r.client_id = d.client_id AND r.network = '' AND r.seq > d.rules_after ORDER BY r.seq LIMIT 1)
		LEFT JOIN software ON software.id = clients.software_id
		LEFT JOIN publishers ON publishers.id = software.publisher_id
		LEFT JOIN counters ON counters.id = d.decided_counter_id
		LEFT JOIN staff ON staff.id = d.decided_staff_id
		WHERE `+where+` ORDER BY CASE WHEN `+bindingLives+` THEN 0 ELSE 1 END, b.created_at DESC, b.id LIMIT @limit`,
		map[string]any{"id": id, "now": now, "limit": bindingsShown}).Scan(&rows).Error
	list := make([]BindingView, 0, len(rows))
	for _, row := range rows {
		row.Phase = DeviceAuthorization{State: row.State, RedeemUntil: row.RedeemUntil}.PhaseAt(now)
		row.endBy(tokenLife{row.IdleUntil, row.ExpiresAt}, row.RuleMadeAt, row.RuleReason, now)
		list = append(list, row.BindingView)
	}
	return list, err
}

// Binding finds one binding, live or ended. Error: ErrNotFound.
func (s *Store) Binding(ctx context.Context, id string) (Binding, error) {
	var row Binding
	reading := s.reader(ctx)
	err := reading.Where("id = ?", id).First(&row).Error
	if err != nil {
		return row, notFound(err)
	}
	return row, reading.judgeEnd(&row)
}

// BindingOf finds the binding that a request's approval made. Error: ErrNotFound.
func (s *Store) BindingOf(ctx context.Context, deviceAuthorizationID string) (Binding, error) {
	reading := s.reader(ctx)
	row, err := rowOf[Binding](reading, "WHERE device_authorization_id = $1", deviceAuthorizationID)
	if err != nil {
		return row, notFound(err)
	}
	return row, reading.judgeEnd(&row)
}

// LiveBinding finds a binding that tokens may hang on. Errors: ErrNotFound,
// ErrBindingRevoked, ErrAccountNotActive.
func (s *Store) LiveBinding(ctx context.Context, id string) (Binding, error) {
	reading := s.reader(ctx)
	return reading.liveBinding("id = $1", id)
}

// revoke ends a binding, once; the event goes with it. One that has ended already,
// by a rule or by the clock too, is left as it is.
func (t *tx) revoke(binding Binding, facts audit.Facts) error {
	if err := t.judgeEnd(&binding); err != nil || binding.RevokedAt != 0 {
		return err
	}
	result := t.Model(&Binding{}).Where("id = ? AND revoked_at = 0", binding.ID).
		Updates(map[string]any{"revoked_at": t.now, "revoke_reason": facts.Reason})
	if result.Error != nil || result.RowsAffected == 0 {
		return result.Error
	}
	if err := t.notifyOf(NoticeRevoked, binding.AccountID, binding.DeviceAuthorizationID); err != nil {
		return err
	}
	facts.Binding, facts.Client, facts.DeviceAuthorization = binding.ID, binding.ClientID, binding.DeviceAuthorizationID
	_, err := t.record(audit.Event{Type: audit.DeviceBindingRevoked, Subject: binding.AccountID,
		Transaction: binding.DeviceAuthorizationID, Facts: facts})
	return err
}

// markUsed notes the first use of a binding's tokens: the answer has arrived.
func (t *tx) markUsed(bindingID string) error {
	_, err := t.do("UPDATE bindings SET used_at = $1 WHERE id = $2 AND used_at = 0", t.now, bindingID)
	return err
}
