package models

import (
	"math"
	"time"

	"countersign/audit"
)

// OperatorDay is how many an operator approved at a counter on a day there. It is counted in the transaction of the approval.
type OperatorDay struct {
	StaffID   string  `gorm:"primaryKey"`
	DayBegan  Instant `gorm:"primaryKey"` // midnight at the counter
	CounterID string  `gorm:"primaryKey"`
	Approvals int64
}

// What is usual is told from usualDays before today; of fewer than usualLeast days nothing is usual yet, so that nobody who is
// new is called unusual by their own first days. Fewer approvals than fewApprovals are no matter.
const (
	usualDays    = 28
	usualLeast   = 5
	fewApprovals = 10
	daysKept     = 35 * 24 * time.Hour
)

// aboveUsual judges by what the operator has approved today, at all counters: more than Policy.Unusual.TimesUsual times what is
// usual of themselves and more than that of whoever works at this counter, as far as either is known. It counts the approval
// first, also where the rule is off.
func (t *tx) aboveUsual(act audit.Event, alert *audit.Event) (about string, err error) {
	times := t.store.policy.Unusual.TimesUsual
	today, err := t.countApproval(act.Facts)
	if err != nil || times < 0 {
		return "", err
	}
	var count int64
	err = t.ask("SELECT CAST(coalesce(sum(approvals), 0) AS BIGINT) FROM operator_days WHERE staff_id = $1 AND day_began >= $2",
		[]any{act.Facts.Actor.Staff, today}, &count)
	if err != nil || count <= fewApprovals {
		return "", err
	}
	usual, known, err := t.usualApprovals(act.Facts, today)
	if err != nil || !known {
		return "", err
	}
	rounded := int(math.Ceil(usual))
	alert.Facts.Usual = &rounded
	return moreThan(int(float64(times)*usual), count, alert, act.Facts.Actor.Staff), nil
}

// countApproval counts an approval on its day, and returns when that began at the counter.
func (t *tx) countApproval(facts audit.Facts) (Instant, error) {
	counter, err := t.counter(facts.Counter)
	if err != nil {
		return 0, err
	}
	year, month, day := t.now.Time().In(counter.Location()).Date()
	began := At(time.Date(year, month, day, 0, 0, 0, 0, counter.Location()))
	_, err = t.do(`INSERT INTO operator_days (staff_id, day_began, counter_id, approvals) VALUES ($1, $2, $3, 1)
		ON CONFLICT (staff_id, day_began, counter_id) DO UPDATE SET approvals = operator_days.approvals + 1`,
		facts.Actor.Staff, began, counter.ID)
	return began, err
}

// usualApprovals is the higher of two means a day before today: the operator's own, and that of one operator at the counter.
// false: too few days are known of either.
func (t *tx) usualApprovals(facts audit.Facts, today Instant) (usual float64, known bool, err error) {
	from := today.Add(-usualDays * 24 * time.Hour)
	for _, query := range []struct{ days, of string }{
		{`SELECT sum(approvals) AS approvals FROM operator_days WHERE staff_id = $1 AND day_began >= $2 AND day_began < $3
			GROUP BY day_began`, facts.Actor.Staff},
		{`SELECT approvals FROM operator_days WHERE counter_id = $1 AND day_began >= $2 AND day_began < $3`, facts.Counter},
	} {
		var days, approvals int64
		err := t.ask("SELECT count(*), CAST(coalesce(sum(approvals), 0) AS BIGINT) FROM ("+query.days+") AS days",
			[]any{query.of, from, today}, &days, &approvals)
		if err != nil {
			return 0, false, err
		}
		if days >= usualLeast {
			usual, known = max(usual, float64(approvals)/float64(days)), true
		}
	}
	return usual, known, nil
}
