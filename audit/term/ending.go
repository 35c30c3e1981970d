package term

// Ending is why a request or a binding ended without a reason that staff chose.
type Ending string

// Why it ended.
const (
	EndingRecalled        Ending = "recalled"       // the binding of an approval that was taken back
	EndingNotMe           Ending = "not me"         // with the link in a notice
	EndingClientDeleted   Ending = "client deleted" // by the client itself (RFC 7592 §2.3)
	EndingClientDisabled  Ending = "client disabled"
	EndingRevokedByClient Ending = "revoked by the client" // RFC 7009
	EndingReplayed        Ending = "redemption replayed"
	EndingErased          Ending = "account erased"
	EndingWrongKey        Ending = "wrong key" // a refresh token with another DPoP key than its own
)

// Endings lists the set.
func Endings() []Ending {
	return []Ending{
		EndingRecalled, EndingNotMe, EndingClientDeleted, EndingClientDisabled, EndingRevokedByClient,
		EndingReplayed, EndingWrongKey, EndingErased,
	}
}

// Label returns it in plain English.
func (e Ending) Label() string {
	switch e {
	case EndingNotMe:
		return "the person said that it was not them"
	}
	return string(e)
}

// Cancellations are those that end a request before it is redeemed.
func Cancellations() []Ending {
	return []Ending{EndingNotMe, EndingClientDeleted, EndingClientDisabled}
}
