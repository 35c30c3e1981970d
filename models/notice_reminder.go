package models

import (
	"context"
	"time"
)

// remindBefore is how long before a deadline the contact is reminded of it. A window that
// is not longer than that has no reminder.
const remindBefore = 2 * 24 * time.Hour

// remindOfEnd is the same for the absolute end of a binding, which is in use until then: going on takes another visit.
const remindOfEnd = 14 * 24 * time.Hour

// remindedAtOnce bounds what one transaction of RemindOfDeadlines writes.
const remindedAtOnce = 500

// RemindOfDeadlines writes a notice for each request whose pending or redemption window
// ends within two days, and for each binding in use that reaches its absolute end within
// 14 days: once for each, however often and by how many processes it is called. The server
// calls it every few minutes.
func (s *Store) RemindOfDeadlines(ctx context.Context) error {
	if len(s.policy.NoticeChannels) == 0 {
		return nil
	}
	for _, window := range []struct {
		occasion Occasion
		length   time.Duration
		states   []State
		until    string
		ended    string // the condition that a rule was before the reminder
		turn     int
	}{
		{NoticePendingDeadline, s.policy.PendingWindow, transitionDecline.from, "pending_until", endedByRule, turnStrangers},
		{NoticeRedemptionDeadline, s.policy.RedemptionWindow, transitionRedeem.from, "redeem_until", bindingEndedByRule, turnSecurity},
	} {
		if window.length <= remindBefore {
			continue
		}
		condition := "account_id IS NOT NULL AND state IN ? AND " + window.until + " > ? AND " + window.until + ` <= ?
			AND NOT EXISTS (SELECT 1 FROM notices AS n WHERE n.device_authorization_id = d.id AND n.occasion = ?)
			AND NOT EXISTS (SELECT 1 FROM notices AS q WHERE q.queue = d.account_id AND q.channel IN ? AND q.queue <> ''
				AND q.outcome = '' AND q.attempts = 0 AND q.turn = ?)
			AND NOT ` + window.ended
		for more := true; more; {
			var err error
			if more, err = s.remind(ctx, window.occasion, condition, window.states, window.turn); err != nil {
				return err
			}
		}
	}
	for more := true; more; {
		var err error
		if more, err = s.remindOfEnds(ctx); err != nil {
			return err
		}
	}
	return nil
}

// remind writes the next notices of one window. An account that has a notice of its turn
// waiting is reminded after that. It looks before it writes: most of the time
// there is nothing. more says that there may be further ones.
func (s *Store) remind(ctx context.Context, occasion Occasion, condition string, states []State, turn int) (more bool, err error) {
	find := func(t *tx) (due []DeviceAuthorization, err error) {
		err = t.Table("device_authorizations AS d").
			Where(condition, states, t.now, t.now.Add(remindBefore), occasion, t.store.policy.NoticeChannels, turn).
			Order("id").Limit(remindedAtOnce).Find(&due).Error
		return due, err
	}
	due, err := find(s.reader(ctx))
	if err != nil || len(due) == 0 {
		return false, err
	}
	err = s.write(ctx, func(tx *tx) error {
		if due, err = find(tx); err != nil {
			return err
		}
		for _, d := range due {
			if err := tx.notify(occasion, d.AccountID, d.ID, d.Deadline()); err != nil {
				return err
			}
		}
		return nil
	})
	return len(due) == remindedAtOnce, err
}

// ending is a binding that reaches its absolute end.
type ending struct {
	TokenHash             string
	AccountID             string
	DeviceAuthorizationID string
	ExpiresAt             Instant
}

// endingSoon are refresh tokens of bindings that still stand. A binding that was made for no longer than the time of the
// reminder has none: its contact was told when it was made.
const endingSoon = `SELECT t.token_hash, t.expires_at, b.account_id, b.device_authorization_id FROM refresh_tokens AS t
	JOIN bindings AS b ON b.id = t.binding_id JOIN device_authorizations AS d ON d.id = b.device_authorization_id
	WHERE t.reminded_at = 0 AND t.expires_at > @now AND t.expires_at <= @soon AND t.idle_until > @now AND t.expires_at - t.created_at > @before
		AND b.revoked_at = 0 AND NOT ` + bindingEndedByRule + ` ORDER BY t.expires_at, t.token_hash LIMIT @limit`

func (t *tx) endingSoon(lock string) (list []ending, err error) {
	return list, t.Raw(endingSoon+lock, map[string]any{"now": t.now, "soon": t.now.Add(remindOfEnd),
		"before": remindOfEnd.Milliseconds(), "limit": remindedAtOnce}).Scan(&list).Error
}

// remindOfEnds writes the next notices of bindings that end, and remembers it at their tokens. Another process that does so at
// the same time takes others. more says that there may be further ones.
func (s *Store) remindOfEnds(ctx context.Context) (more bool, err error) {
	list, err := s.reader(ctx).endingSoon("")
	if err != nil || len(list) == 0 {
		return false, err
	}
	err = s.write(ctx, func(tx *tx) error {
		lock := ""
		if tx.Dialector.Name() == "postgres" {
			lock = " FOR NO KEY UPDATE OF t SKIP LOCKED"
		}
		if list, err = tx.endingSoon(lock); err != nil || len(list) == 0 {
			return err
		}
		var hashes []string
		for _, end := range list {
			hashes = append(hashes, end.TokenHash)
			if err := tx.notify(NoticeBindingDeadline, &end.AccountID, end.DeviceAuthorizationID, end.ExpiresAt); err != nil {
				return err
			}
		}
		return tx.Model(&RefreshToken{}).Where("token_hash IN ?", hashes).Update("reminded_at", tx.now).Error
	})
	return len(list) == remindedAtOnce, err
}
