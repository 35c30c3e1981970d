package term

// Phase is a state of a request, or what the clock has made of it.
type Phase string

// The phases, in the order of a visit.
const (
	PhasePending  Phase = "pending"
	PhaseMatched  Phase = "matched"
	PhaseProofed  Phase = "proofed"
	PhaseApproved Phase = "approved"
	PhaseRedeemed Phase = "redeemed"
	PhaseDeclined Phase = "declined"
	PhaseExpired  Phase = "expired" // derived from the clock
	PhaseLapsed   Phase = "lapsed"  // derived from the clock
)

// Phases lists the set.
func Phases() []Phase {
	return []Phase{
		PhasePending, PhaseMatched, PhaseProofed, PhaseApproved, PhaseRedeemed, PhaseDeclined, PhaseExpired,
		PhaseLapsed,
	}
}

// Label returns it in plain English.
func (p Phase) Label() string {
	return string(p)
}

// SpentPhases are those of a request whose code is of no use any more.
func SpentPhases() []Phase {
	return []Phase{PhaseApproved, PhaseRedeemed, PhaseDeclined, PhaseExpired, PhaseLapsed}
}
