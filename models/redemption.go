package models

import "countersign/audit"

// Redemption is a checked token request of an authenticated client for an approved
// device code (RFC 8628 §3.4).
type Redemption struct {
	ClientID   string
	DeviceCode string
	Thumbprint string // DPoP key of the request; tokens get bound to it
	Audience   string // the resource that the access token is to be for; "": the first one granted
	Address    string
	Proofs     []UsedProof
}

func (t *tx) recordRedemption(binding Binding, r Redemption, reason string) error {
	_, err := t.record(audit.Event{Type: audit.DeviceBindingRedeemed, Subject: binding.AccountID,
		Transaction: binding.DeviceAuthorizationID, Facts: audit.Facts{
			Actor: &audit.Actor{Client: r.ClientID}, Client: r.ClientID, KeyThumbprint: r.Thumbprint,
			DeviceAuthorization: binding.DeviceAuthorizationID, Binding: binding.ID, Scope: binding.Scope,
			Reason: reason, Address: r.Address,
		}})
	return err
}
