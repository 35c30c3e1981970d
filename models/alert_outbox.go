package models

import (
	"context"
	"time"

	"countersign/audit"
)

// Alerts go to supervisors who look at no page by mail and webhook (docs/decisions/0054-called.md). What waits of one kind for
// one channel is one row, and one message: an alert that is written to it costs the same however many came before.

const (
	alertPause    = 10 * time.Minute   // between two messages of one kind
	alertTooOld   = 7 * 24 * time.Hour // waited so long while no process had the channel: nobody is told
	alertBackMost = time.Hour
)

// AlertDigest is what waits of one kind of alert for one channel. It names nobody.
type AlertDigest struct {
	Kind     audit.Type `gorm:"primaryKey"`
	Channel  Channel    `gorm:"primaryKey"`
	Waiting  int64      // alerts
	FirstSeq int64      // the first one's number in the trail
	LastSeq  int64
	FirstAt  Instant

	CounterID string // where all of them happened; "" for several places, or none
	Attempts  int    // this one included
	Unsure    int    // those by which it may have come, though nobody said so
	Answer    string // of the last one: FailedAttempt.Answer
	NextTryAt Instant

	Counter Counter `gorm:"-"` // zero where CounterID is ""
}

// TableName keeps gorm from deriving another.
func (AlertDigest) TableName() string { return "alert_outbox" }

// sendAlert adds an alert to what waits for each channel: a command does not know which channels the servers have.
func (t *tx) sendAlert(entry audit.Entry) error {
	for _, channel := range Channels() {
		err := t.Exec(`INSERT INTO alert_outbox (kind, channel, waiting, first_seq, last_seq, first_at, counter_id, next_try_at)
			VALUES (?, ?, 1, ?, ?, ?, ?, ?) ON CONFLICT (kind, channel) DO UPDATE SET
				waiting = alert_outbox.waiting + 1, last_seq = excluded.last_seq,
				first_seq = CASE WHEN alert_outbox.waiting = 0 THEN excluded.first_seq ELSE alert_outbox.first_seq END,
				first_at = CASE WHEN alert_outbox.waiting = 0 THEN excluded.first_at ELSE alert_outbox.first_at END,
				counter_id = CASE WHEN alert_outbox.waiting = 0 OR alert_outbox.counter_id = excluded.counter_id
					THEN excluded.counter_id ELSE '' END`,
			entry.Type, channel, entry.Seq, entry.Seq, t.now, entry.CounterID, t.now).Error
		if err != nil {
			return err
		}
	}
	t.urgent = true
	return nil
}

// NextAlertDigest takes what waits of the kind that has been due for longest, for the caller to send by the channel.
// Until ToldAlerts, UntoldAlerts, ReturnAlerts or the end of the claim (ClaimOf), nobody else gets it. false: nothing is due.
func (s *Store) NextAlertDigest(ctx context.Context, channel Channel) (digest AlertDigest, due bool, err error) {
	if digest, due, err = s.reader(ctx).dueDigest(channel); err != nil || !due {
		return digest, false, err
	}
	due = false
	err = s.write(ctx, func(tx *tx) error {
		var found bool
		digest, found, err = tx.dueDigest(channel)
		if err != nil || !found {
			return err
		}
		if digest.FirstAt <= tx.now.Add(-alertTooOld) && digest.Attempts == 0 {
			_, err = tx.setDigest(digest, map[string]any{"waiting": 0})
			return err
		}
		due, err = tx.setDigest(digest, map[string]any{"attempts": digest.Attempts + 1, "next_try_at": tx.now.Add(ClaimOf(channel))})
		digest.Attempts++
		return err
	})
	if due && digest.CounterID != "" {
		digest.Counter, err = s.Counter(ctx, digest.CounterID)
	}
	return digest, due && err == nil, err
}

func (t *tx) dueDigest(channel Channel) (AlertDigest, bool, error) {
	var rows []AlertDigest
	err := t.Where("waiting > 0 AND channel = ? AND next_try_at <= ?", channel, t.now).Order("next_try_at, kind").Limit(1).
		Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return AlertDigest{}, false, err
	}
	return rows[0], true, nil
}

// ToldAlerts says that a digest was sent. What came meanwhile is told in ten minutes, and so is what comes next.
func (s *Store) ToldAlerts(ctx context.Context, digest AlertDigest) error {
	return s.write(ctx, func(tx *tx) error {
		return tx.Exec(`UPDATE alert_outbox
			SET waiting = waiting - ?, first_seq = ?, first_at = ?, attempts = 0, unsure = 0, answer = '', next_try_at = ?
			WHERE kind = ? AND channel = ? AND attempts = ?`,
			digest.Waiting, digest.LastSeq+1, tx.now, tx.now.Add(alertPause), digest.Kind, digest.Channel, digest.Attempts).Error
	})
}

// UntoldAlerts puts the next attempt off, longer each time, up to an hour. It is never given up: what waits grows by no row. But a
// message that may have come so often as a notice may (mostUnsure) counts as told: true.
func (s *Store) UntoldAlerts(ctx context.Context, digest AlertDigest, failed FailedAttempt) (perhapsTold bool, err error) {
	if failed.Unsure && digest.Unsure+1 >= mostUnsure {
		return true, s.ToldAlerts(ctx, digest)
	}
	wait := min(noticeBackOff<<min(digest.Attempts-1, 16), alertBackMost)
	if failed.Unsure {
		wait = min(unsureBackOff<<(2*min(digest.Unsure, mostUnsure)), alertBackMost) // the next alert of the kind waits behind it
	}
	return false, s.write(ctx, func(tx *tx) error {
		set := map[string]any{"next_try_at": tx.now.Add(wait), "answer": cut(failed.Answer, answerKept)}
		if failed.Unsure {
			set["unsure"] = digest.Unsure + 1
		}
		_, err := tx.setDigest(digest, set)
		return err
	})
}

// ReturnAlerts gives back a digest that was not sent: it is due again at once, for another process.
func (s *Store) ReturnAlerts(ctx context.Context, digest AlertDigest) error {
	return s.write(ctx, func(tx *tx) error {
		_, err := tx.setDigest(digest, map[string]any{"next_try_at": tx.now})
		return err
	})
}

// UntoldDigests are those of which an attempt has failed since something was told.
func (s *Store) UntoldDigests(ctx context.Context) ([]AlertDigest, error) {
	return allOf[AlertDigest](s.reader(ctx), "WHERE waiting > 0 AND answer <> '' ORDER BY channel, kind")
}

// setDigest changes a row, unless somebody else has tried it since: false.
func (t *tx) setDigest(digest AlertDigest, set map[string]any) (bool, error) {
	result := t.Model(&AlertDigest{}).Where("kind = ? AND channel = ? AND attempts = ?", digest.Kind, digest.Channel, digest.Attempts).
		Updates(set)
	return result.RowsAffected > 0, result.Error
}
