package term

// Occasion is what a notice tells the contact of an account.
type Occasion string

// The occasions, in the order of a visit.
const (
	OccasionRequested          Occasion = "requested"
	OccasionPendingDeadline    Occasion = "pending-deadline" // the pending window ends soon
	OccasionApproved           Occasion = "approved"
	OccasionRedemptionDeadline Occasion = "redemption-deadline" // the redemption window ends soon
	OccasionRedeemed           Occasion = "redeemed"
	OccasionDeclined           Occasion = "declined" // by an operator, or with the link in a notice
	OccasionRevoked            Occasion = "revoked"  // recalled, revoked, or suspended with the link in a notice
	OccasionContactChanged     Occasion = "contact-changed"
	OccasionBindingDeadline    Occasion = "binding-deadline" // a binding reaches its absolute end soon
)

// Occasions lists the set.
func Occasions() []Occasion {
	return []Occasion{
		OccasionRequested, OccasionPendingDeadline, OccasionApproved, OccasionRedemptionDeadline, OccasionRedeemed,
		OccasionDeclined, OccasionRevoked, OccasionContactChanged, OccasionBindingDeadline,
	}
}

// Label returns it in plain English.
func (o Occasion) Label() string {
	switch o {
	case OccasionPendingDeadline:
		return "deadline for the counter"
	case OccasionRedemptionDeadline:
		return "deadline for connecting"
	case OccasionBindingDeadline:
		return "end of a connection"
	case OccasionContactChanged:
		return "contact changed"
	}
	return string(o)
}
