package models

import (
	"time"

	"countersign/audit"

	"gorm.io/gorm"
)

// approvalMemory is the hour in which approvals are counted.
const approvalMemory = time.Hour

// noticeRate raises an alert when an operator has approved more than Policy.ApprovalAlert
// requests within an hour, over all counters, sessions and processes, this one included:
// once in an hour of theirs (docs/protocol.md §6 rogue-operator). Nothing is refused: there are busy days.
//
// It comes after the approval's own event. Whoever appends to the trail holds it until
// their transaction ends, so that approvals at the same moment are counted one after the
// other.
func (t *tx) noticeRate(who actor) error {
	usual := t.store.policy.ApprovalAlert
	if usual < 0 {
		return nil
	}
	since := t.now.Add(-approvalMemory)
	lately := func(kind audit.Type) *gorm.DB {
		return t.Model(&audit.Entry{}).Where("staff_id = ? AND staff_id <> '' AND type = ? AND occurred_at > ?", who.staff, kind, since)
	}
	var approvals, alerts int64
	if err := lately(audit.DeviceBindingApproved).Count(&approvals).Error; err != nil || int(approvals) <= usual {
		return err
	}
	if err := lately(audit.ApprovalRateUnusual).Count(&alerts).Error; err != nil || alerts > 0 {
		return err
	}
	facts, count := who.facts(), int(approvals)
	facts.Count = &count
	_, err := t.record(audit.Event{Type: audit.ApprovalRateUnusual, Facts: facts})
	return err
}
