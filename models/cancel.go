package models

import "countersign/audit"

// endRequests cancels every request of the client that could still be decided or
// redeemed, and revokes its bindings; facts says who did it and why. Requests first,
// then bindings, and the caller changes the client last: an approval that is under way
// holds its request, and is waited for. So is a new request (see requestsOf).
func (t *tx) endRequests(clientID string, facts audit.Facts) error {
	if err := t.requestsOf(clientID); err != nil {
		return err
	}
	var requests []DeviceAuthorization
	err := t.forUpdate().Where("client_id = ? AND (state IN ? AND pending_until > ? OR state = ? AND redeem_until > ?)",
		clientID, transitionDecline.from, t.now, Approved, t.now).Order("id").Find(&requests).Error
	if err != nil {
		return err
	}
	var bindings []Binding
	if err := t.forUpdate().Where("client_id = ? AND revoked_at = 0", clientID).Order("id").Find(&bindings).Error; err != nil {
		return err
	}
	t.readClock()
	for _, request := range requests {
		if err := t.cancel(request, facts); err != nil {
			return err
		}
	}
	for _, binding := range bindings {
		if err := t.revoke(binding, facts); err != nil {
			return err
		}
	}
	return nil
}

// cancel ends one request that this transaction holds: a client that asks about it is told
// access_denied.
func (t *tx) cancel(request DeviceAuthorization, facts audit.Facts) error {
	set := map[string]any{"state": transitionCancel.to, "decline_reason": facts.Reason}
	if request.State != Approved { // an approval stays on record
		set["decided_at"] = t.now
	}
	result := t.Model(&DeviceAuthorization{}).Where("id = ? AND state IN ?", request.ID, transitionCancel.from).Updates(set)
	if result.Error != nil || result.RowsAffected == 0 {
		return result.Error
	}
	facts.Client, facts.DeviceAuthorization, facts.KeyThumbprint = request.ClientID, request.ID, request.JWKThumbprint
	_, err := t.record(audit.Event{Type: audit.DeviceAuthorizationCancelled, Subject: deref(request.AccountID),
		Transaction: request.ID, Facts: facts})
	return err
}
