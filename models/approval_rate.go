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
	err = t.ask("SELECT count(*) FROM audit_events WHERE staff_id = $1 AND staff_id <> '' AND type = $2 AND occurred_at > $3",
		[]any{act.Facts.Actor.Staff, string(audit.DeviceBindingApproved), t.now.Add(-approvalMemory)}, &approvals)
	return moreThan(usual, approvals, alert, act.Facts.Actor.Staff), err
}
