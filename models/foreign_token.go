package models

import (
	"countersign/audit"
)

// foreignToken raises an alert: a client has a token of somebody else's live binding. The
// binding goes on, since the token is worth nothing without the owner's keys, and a
// stranger must not be able to disconnect a phone. A client raises one alert for a
// binding, however often it comes.
func (t *tx) foreignToken(clientID, bindingID string) error {
	binding, err := t.liveBinding("id = $1", bindingID)
	if isDead(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var holder Client
	if err := t.Where("id = ?", clientID).First(&holder).Error; err != nil {
		return notFound(err)
	}
	var before int64
	err = t.Model(&audit.Entry{}).Where("device_authorization_id = ? AND device_authorization_id <> '' AND type = ? AND client_id = ?",
		binding.DeviceAuthorizationID, string(audit.ForeignTokenPresented), clientID).Count(&before).Error
	if err != nil || before > 0 {
		return err
	}
	_, err = t.record(audit.Event{Type: audit.ForeignTokenPresented, Subject: binding.AccountID, Transaction: binding.DeviceAuthorizationID,
		Facts: audit.Facts{Actor: &audit.Actor{Client: clientID}, Client: clientID, KeyThumbprint: holder.JWKThumbprint,
			DeviceAuthorization: binding.DeviceAuthorizationID, Binding: binding.ID}})
	return err
}
