package term

// Redemption is why a device code was redeemed a second time.
type Redemption string

// Why there was a second redemption.
const (
	RedemptionAnswerLost Redemption = "answer lost" // the phone never used its tokens
)

// Redemptions lists the set.
func Redemptions() []Redemption {
	return []Redemption{
		RedemptionAnswerLost,
	}
}

// Label returns it in plain English.
func (r Redemption) Label() string {
	switch r {
	case RedemptionAnswerLost:
		return "the first answer was lost"
	}
	return string(r)
}
