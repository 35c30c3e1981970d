package oauth

// ParamDeclineReason is a member of our own in an access_denied answer: why the counter
// declined, for a client that has words for it. It has a prefix (RFC 6749 §8.2), and a
// client that does not know it ignores it (RFC 8628 stays as it is).
const ParamDeclineReason = "countersign_decline_reason"

// The reasons of a decline that a device is told: what the operator says to the
// customer's face anyway, and what helps an honest person to bring the right things next
// time. No other reason ever leaves the server (docs/decisions/0015-phone-page.md).
const (
	DocumentExpired     = "document_expired"
	DocumentNotAccepted = "document_not_accepted"
	CounterTrouble      = "counter_trouble"
)

// told are the same in words for a developer.
var told = map[string]string{
	DocumentExpired:     "the ID document has expired",
	DocumentNotAccepted: "the ID document was not accepted",
	CounterTrouble:      "something at the counter did not work",
}

// IsToldReason says whether a device may be told this reason.
func IsToldReason(reason string) bool { return told[reason] != "" }

// Declined is the answer to a poll of a declined request (RFC 8628 §3.5). With any reason
// that is not told, suspicion above all, it is Denied's, byte for byte.
func Declined(reason string) *Error {
	denied := Denied.Error()
	if !IsToldReason(reason) {
		return denied
	}
	answer := Errorf(denied.Code, "%s: %s", denied.Description, told[reason])
	answer.DeclineReason = reason
	return answer
}
