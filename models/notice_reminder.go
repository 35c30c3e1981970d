package models

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// remindBefore is how long before a deadline the contact is reminded of it. A window that
// is not longer than that has no reminder.
const remindBefore = 2 * 24 * time.Hour

// remindOfEnd is the same for the absolute end of a binding, which is in use until then: going on takes another visit.
const remindOfEnd = 14 * 24 * time.Hour

// remindedAtOnce bounds what one transaction of RemindOfDeadlines writes.
const remindedAtOnce = 200

// RemindOfDeadlines writes a notice for each request whose pending or redemption window
// ends within two days, and for each binding in use that reaches its absolute end within
// 14 days: once for each, however often and by how many processes it is called. The server
// calls it every few minutes.
func (s *Store) RemindOfDeadlines(ctx context.Context) error {
	if len(s.policy.NoticeChannels) == 0 {
		return nil
	}
	for _, window := range []deadline{
		{NoticePendingDeadline, s.policy.PendingWindow, "d.redeem_until = 0 AND d.state IN ('pending', 'matched', 'proofed')", "d.pending_until",
			endedByRule, turnStrangers},
		{NoticeRedemptionDeadline, s.policy.RedemptionWindow, "d.state = 'approved'", "d.redeem_until", bindingEndedByRule, turnSecurity},
	} {
		if window.length <= remindBefore {
			continue
		}
		for since := Instant(0); since >= 0; {
			var err error
			if since, err = s.remind(ctx, window, since); err != nil {
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

// deadline is the end of a window, of which the contact is reminded.
type deadline struct {
	occasion Occasion
	length   time.Duration
	waits    string // the condition of the index of until: in words, as an index is not found by parameters
	until    string // its column
	ended    string // the condition that a rule was before the reminder
	turn     int
}

// due are the requests, from since on, whose window ends soon and of which nobody has been reminded. An account that has a
// notice of its turn waiting is reminded after that.
func (w deadline) due(t *tx, since Instant) *gorm.DB {
	return t.Table("device_authorizations AS d").
		Where("d.account_id IS NOT NULL AND "+w.waits+" AND "+w.until+" > ? AND "+w.until+` <= ? AND NOT `+w.ended+`
			AND NOT EXISTS (SELECT 1 FROM notices AS n WHERE n.device_authorization_id = d.id AND n.occasion = ?)
			AND NOT EXISTS (SELECT 1 FROM notices AS q WHERE q.queue = d.account_id AND q.channel IN ? AND q.queue <> ''
				AND q.outcome = '' AND q.attempts = 0 AND q.turn = ?)`,
			max(t.now, since-1), t.now.Add(remindBefore), w.occasion, t.store.policy.NoticeChannels, w.turn)
}

// remind writes the next notices of one window, and returns from where to look for further ones, -1 when there are none. It
// looks before it writes, since most of the time there is nothing; and it writes of what it has found, since a walk over all
// whom nobody needs to remind would hold everybody else up.
func (s *Store) remind(ctx context.Context, window deadline, since Instant) (next Instant, err error) {
	var found []DeviceAuthorization
	err = window.due(s.reader(ctx), since).Order(window.until).Limit(remindedAtOnce).Find(&found).Error
	if err != nil || len(found) == 0 {
		return -1, err
	}
	ids := make([]string, 0, len(found))
	for _, d := range found {
		ids, next = append(ids, d.ID), d.Deadline()
	}
	err = s.write(ctx, func(tx *tx) error {
		var due []DeviceAuthorization
		if err := window.due(tx, 0).Where("d.id IN ?", ids).Find(&due).Error; err != nil {
			return err
		}
		for _, d := range due {
			if err := tx.notify(window.occasion, d.AccountID, d.ID, d.Deadline()); err != nil {
				return err
			}
		}
		return nil
	})
	if len(found) < remindedAtOnce {
		next = -1
	}
	return next, err
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
