package models

import (
	"time"

	"countersign/audit"
)

// approvalMemory is the hour in which approvals are counted.
const approvalMemory = time.Hour

// manyApprovals judges by how many requests the operator has approved within an hour, over all counters, sessions and
// processes, this one included: more than Policy.ApprovalAlert are unusual (docs/protocol.md §6 rogue-operator). There are busy
// days, and a number below nothing raises no alert.
func (t *tx) manyApprovals(act audit.Event, alert *audit.Event) (about string, err error) {
	usual := t.store.policy.ApprovalAlert
	if usual < 0 {
		return "", nil
	}
	var approvals int64
	err = t.Model(&audit.Entry{}).Where("staff_id = ? AND staff_id <> '' AND type = ? AND occurred_at > ?",
		act.Facts.Actor.Staff, audit.DeviceBindingApproved, t.now.Add(-approvalMemory)).Count(&approvals).Error
	return moreThan(usual, approvals, alert, act.Facts.Actor.Staff), err
}
