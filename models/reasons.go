package models

// Suspicious is the reason of a decline that says: somebody is after this account.
const Suspicious = "suspicious"

// NotMe is the reason of what ends because the person said that it was not them.
const NotMe = "not me"

// Recalled is the reason of a decline that was an approval before.
const Recalled = "recalled"

// Why a request or a binding ended with its client.
const (
	ClientDeleted     = "client deleted"
	ClientWasDisabled = "client disabled"
)
