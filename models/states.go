package models

import "countersign/audit/term"

// State is what the database keeps of where a device authorization is.
type State string

// The stored states (docs/architecture.md §3).
const (
	Pending  State = State(term.PhasePending)
	Matched  State = State(term.PhaseMatched)
	Proofed  State = State(term.PhaseProofed)
	Approved State = State(term.PhaseApproved)
	Redeemed State = State(term.PhaseRedeemed)
	Declined State = State(term.PhaseDeclined)
)

// States lists every stored state in the order of a visit.
func States() []State { return []State{Pending, Matched, Proofed, Approved, Redeemed, Declined} }

// Phase is where a device authorization is when the clock is taken into account: a
// State, or "expired" (pending window over) or "lapsed" (redemption window over).
type Phase string

// The phases that are derived and never stored.
const (
	Expired Phase = Phase(term.PhaseExpired)
	Lapsed  Phase = Phase(term.PhaseLapsed)
)

// Is reports whether the phase is this stored state.
func (p Phase) Is(state State) bool { return p == Phase(state) }

// Open reports whether the request can still be decided: it is pending, matched or proofed.
func (p Phase) Open() bool { return p.Is(Pending) || p.Claimed() }

// Claimed reports whether an operator's session handles the request: it is matched or proofed.
func (p Phase) Claimed() bool { return p.Is(Matched) || p.Is(Proofed) }

// Bound reports whether the request has a binding that may live: it is approved or redeemed.
func (p Phase) Bound() bool { return p.Is(Approved) || p.Is(Redeemed) }

// openStates lists the states of a request that can still be decided, within its pending window.
func openStates() []State { return []State{Pending, Matched, Proofed} }

// claimedStates lists the states of a request that a session handles, until its claim is over.
func claimedStates() []State { return []State{Matched, Proofed} }

// PhaseAt derives the phase: expiry is judged first, then a claim that is over falls
// back to pending.
func (d DeviceAuthorization) PhaseAt(now Instant) Phase {
	switch d.State {
	case Redeemed, Declined:
		return Phase(d.State)
	case Approved:
		if now >= d.RedeemUntil {
			return Lapsed
		}
		return Phase(Approved)
	}
	if now >= d.PendingUntil {
		return Expired
	}
	if d.State != Pending && now >= d.ClaimUntil {
		return Phase(Pending)
	}
	return Phase(d.State)
}

// Deadline is the one deadline that phone, console and expires_in show: the end of
// the window that the request is in. Zero when there is nothing left to wait for.
func (d DeviceAuthorization) Deadline() Instant {
	switch d.State {
	case Approved:
		return d.RedeemUntil
	case Redeemed, Declined:
		return 0
	}
	return d.PendingUntil
}
