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
	err = t.ask("SELECT count(*) FROM audit_events AS e WHERE e.staff_id = $1 AND "+actOfStaff+" AND e.type = $2 AND e.occurred_at > $3",
		[]any{act.Facts.Actor.Staff, string(audit.DeviceBindingApproved), t.now.Add(-approvalMemory)}, &approvals)
	return moreThan(usual, approvals, alert, act.Facts.Actor.Staff), err
}
