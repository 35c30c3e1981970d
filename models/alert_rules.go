package models

import (
	"time"

	"countersign/audit"
)

// alertRule raises an alert when an act of the staff is out of the ordinary. It runs in the transaction of the act, after its
// event: whoever appends to the trail holds it until their transaction ends, so that acts at the same moment are judged one
// after the other, and one alert is raised. Nothing is refused.
type alertRule struct {
	watches audit.Type
	alert   audit.Type
	once    time.Duration // at most one alert of one member of staff in so long

	// unusual judges the act. What it adds to the facts of the alert is stated in it.
	unusual func(t *tx, act audit.Event, alert *audit.Event) (bool, error)
}

// alertRules are all of them. Acts that are an alert by themselves need none: audit.AlertTypes.
func alertRules() []alertRule {
	return []alertRule{
		{audit.DeviceBindingApproved, audit.ApprovalRateUnusual, approvalMemory, (*tx).manyApprovals},
		{audit.DeviceBindingApproved, audit.ApprovalOutsideHours, 12 * time.Hour, (*tx).outsideHours},
	}
}

// applyRules judges an act by the rules that watch its type. A rule that has called in its time is not asked again.
func (t *tx) applyRules(act audit.Event) error {
	for _, rule := range alertRules() {
		if rule.watches != act.Type || act.Facts.Actor.Staff == "" {
			continue
		}
		alert := audit.Event{Type: rule.alert, Facts: audit.Facts{
			Actor: act.Facts.Actor, Session: act.Facts.Session, Counter: act.Facts.Counter,
		}}
		unusual, err := rule.unusual(t, act, &alert)
		if err == nil && unusual {
			unusual, err = t.notCalled(act.Facts.Actor.Staff, rule)
		}
		if err == nil && unusual {
			_, err = t.record(alert)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// notCalled reports whether the rule has not called for somebody in its time.
func (t *tx) notCalled(staff string, rule alertRule) (bool, error) {
	var alerts int64
	err := t.Model(&audit.Entry{}).Where("staff_id = ? AND staff_id <> '' AND type = ? AND occurred_at > ?",
		staff, rule.alert, t.now.Add(-rule.once)).Limit(1).Count(&alerts).Error
	return alerts == 0, err
}

// aroundHours is how long before and after the opening hours people are still served.
const aroundHours = 30 * time.Minute

// outsideHours judges by the hours of the counter at which the operator approved; words are no hours.
func (t *tx) outsideHours(act audit.Event, alert *audit.Event) (bool, error) {
	var counter Counter
	if err := t.Where("id = ?", act.Facts.Counter).First(&counter).Error; err != nil {
		return false, err
	}
	open, data := counter.OpeningHours()
	if !data {
		return false, nil
	}
	alert.Subject, alert.Transaction = act.Subject, act.Transaction
	alert.Facts.Client, alert.Facts.KeyThumbprint = act.Facts.Client, act.Facts.KeyThumbprint
	alert.Facts.DeviceAuthorization = act.Facts.DeviceAuthorization
	now := t.now.Time()
	return len(open.Between(now.Add(-aroundHours), now.Add(aroundHours), counter.Location())) == 0, nil
}
