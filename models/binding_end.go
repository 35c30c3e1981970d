package models

// A binding ends by an act, which its row has; by the end of its client, which is a rule; or by the clock, which nobody writes
// down: its refresh token rested for too long, or reached its absolute end. judgeEnd is the one judge of all three.

// Reasons of an end by the clock. They stand in no row and no event.
const (
	EndedUnused = "not used"  // for as long as its refresh token may rest
	EndedByTime = "time over" // the absolute end of its refresh token
)

// bindingEndedByClock is the condition that the clock ended the binding b before the moment @now: one look into an index, for
// a binding has one refresh token.
const bindingEndedByClock = `EXISTS (SELECT 1 FROM refresh_tokens AS t WHERE t.binding_id = b.id
	AND (t.idle_until <= @now OR t.expires_at <= @now))`

// tokenLife is when the refresh token of a binding ends; zero when it has none yet.
type tokenLife struct {
	IdleUntil Instant
	ExpiresAt Instant
}

// endedAt is when the clock ended it and why, 0 as long as it lives.
func (l tokenLife) endedAt(now Instant) (at Instant, reason string) {
	at, reason = l.ExpiresAt, EndedByTime
	if l.IdleUntil < l.ExpiresAt {
		at, reason = l.IdleUntil, EndedUnused
	}
	if at == 0 || now < at {
		return 0, ""
	}
	return at, reason
}

// ByClock reports whether nobody ended the binding: its time did.
func (b Binding) ByClock() bool {
	return b.RevokeReason == EndedUnused || b.RevokeReason == EndedByTime
}

// judgeEnd lets a binding be what a rule or the clock has made of it, ended; the database keeps the state from before. The
// earlier of the two counts. Every binding that was read to be judged or shown goes through here, or its query says
// bindingEndedByRule and bindingEndedByClock. It is one statement.
func (t *tx) judgeEnd(binding *Binding) error {
	if binding.ID == "" || binding.RevokedAt != 0 {
		return nil
	}
	var life tokenLife
	var rule, first EndingRule // the zero one: there is none
	err := t.each(askEnd, []any{binding.ID, binding.DeviceAuthorizationID},
		[]any{&rule.Seq, &rule.MadeAt, &rule.Reason, &life.IdleUntil, &life.ExpiresAt}, func() {
			if first.Seq == 0 || rule.Seq < first.Seq {
				first = rule
			}
		})
	binding.endBy(life, first.MadeAt, first.Reason, t.now)
	return err
}

// askEnd finds what may have ended a binding of a request: its token's life, and each rule of its client, of which there are few.
const askEnd = "SELECT " + endColumns + " WHERE d.id = $2"

const endColumns = `coalesce(r.seq, 0), coalesce(r.made_at, 0), coalesce(r.reason, ''),
		coalesce(t.idle_until, 0), coalesce(t.expires_at, 0)
	FROM device_authorizations AS d
	LEFT JOIN ending_rules AS r ON r.account_id = '' AND r.client_id = d.client_id AND r.network = '' AND r.seq > d.rules_after
	LEFT JOIN refresh_tokens AS t ON t.binding_id = $1`

// endBy ends a binding that nobody has ended by the rule or by the clock, whichever came first.
func (b *Binding) endBy(life tokenLife, ruleMadeAt Instant, ruleReason string, now Instant) {
	if b.RevokedAt != 0 {
		return
	}
	b.RevokedAt, b.RevokeReason = life.endedAt(now)
	if ruleMadeAt != 0 && (b.RevokedAt == 0 || ruleMadeAt < b.RevokedAt) {
		b.RevokedAt, b.RevokeReason = ruleMadeAt, ruleReason
	}
}

// standing reports whether the binding of a request has not ended.
func (t *tx) standing(deviceAuthorizationID string) (bool, error) {
	var binding Binding
	err := t.Where("device_authorization_id = ?", deviceAuthorizationID).Limit(1).Find(&binding).Error
	if err == nil {
		err = t.judgeEnd(&binding)
	}
	return binding.ID != "" && binding.RevokedAt == 0, err
}
