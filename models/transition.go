package models

// transition is one arrow of the state table.
type transition struct {
	name string
	from []State
	to   State
}

// The state table. Every change of State in this package goes through one of these
// rows, by move, or by cancel for requests that it has locked already. A matched or
// proofed request whose claim is over counts as pending: move accepts it for the rows that
// start from pending.
var (
	transitionMatch   = transition{"match", []State{Pending}, Matched}
	transitionRematch = transition{"match", []State{Matched, Proofed}, Matched}
	transitionProof   = transition{"proof", []State{Matched, Proofed}, Proofed}
	transitionRelease = transition{"release", []State{Matched, Proofed}, Pending}
	transitionExtend  = transition{"extend", []State{Matched, Proofed}, ""} // stays where it is
	transitionApprove = transition{"approve", []State{Proofed}, Approved}
	transitionDecline = transition{"decline", []State{Pending, Matched, Proofed}, Declined}
	transitionRedeem  = transition{"redeem", []State{Approved}, Redeemed}
	transitionRecall  = transition{"recall", []State{Approved}, Declined}
	transitionCancel  = transition{"cancel", []State{Pending, Matched, Proofed, Approved}, Declined}
)

// move makes one transition: a conditional UPDATE that names the expected states
// and whatever else the caller demands. No row is a *StateConflictError.
func (t *tx) move(id string, arrow transition, set map[string]any, demand string, args ...any) error {
	query := t.Model(&DeviceAuthorization{}).Where("id = ?", id).Where(demand, args...)
	if arrow.from[0] == Pending {
		// A claim that is over has fallen back to pending.
		query = query.Where("(state IN ? OR (state IN ? AND claim_until <= ?))",
			arrow.from, claimedStates(), t.now)
	} else {
		query = query.Where("state IN ?", arrow.from)
	}
	set["state"] = arrow.to
	result := query.Updates(set)
	if result.Error != nil {
		return result.Error
	}
	if result.RowsAffected == 0 {
		return t.conflict(id, arrow)
	}
	return nil
}

// conflict explains why a transition found no row.
func (t *tx) conflict(id string, arrow transition) error {
	d, err := t.deviceAuthorization(id)
	if err != nil {
		return err
	}
	conflict := &StateConflictError{DeviceAuthorizationID: id, Transition: arrow.name, Phase: d.PhaseAt(t.now)}
	switch phase := conflict.Phase; {
	case phase == Expired:
		conflict.At = d.PendingUntil.Time()
	case phase == Lapsed:
		conflict.At = d.RedeemUntil.Time()
	case phase.Bound(), phase.Is(Declined):
		conflict.At, conflict.ByStaffID, conflict.Reason = d.DecidedAt.Time(), deref(d.DecidedStaffID), d.DeclineReason
	}
	return conflict
}
