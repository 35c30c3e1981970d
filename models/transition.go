package models

import (
	"slices"
	"strconv"
	"strings"
)

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

// update is the statement of a transition: the same text each time.
type update struct {
	arrow     transition
	statement string
	lapsed    bool // it accepts a claim that is over, and takes the moment for that, first of all conditions
}

// update is a conditional UPDATE that names the expected states. set names the columns that change beside the state, with their
// values, and demand is whatever else the caller demands: each value is a "?", and move takes them in this order.
func (a transition) update(set, demand string) update {
	u := update{arrow: a, lapsed: a.from[0] == Pending}
	states := "state IN (" + quoted(a.from) + ")"
	if u.lapsed { // a claim that is over has fallen back to pending
		states = "(" + states + " OR state IN (" + quoted(claimedStates()) + ") AND claim_until <= ?)"
	}
	if a.to != "" {
		set = "state = " + quoted([]State{a.to}) + ", " + set
	}
	u.statement = numbered("UPDATE device_authorizations SET " + set + " WHERE id = ? AND " + states + " AND " + demand)
	return u
}

// quoted lists states as words of a statement.
func quoted(states []State) string {
	words := make([]string, len(states))
	for i, state := range states {
		words[i] = "'" + string(state) + "'"
	}
	return strings.Join(words, ", ")
}

// numbered calls the values of a statement $1, $2 and so on.
func numbered(statement string) string {
	parts := strings.Split(statement, "?")
	for i := range parts[1:] {
		parts[i] += "$" + strconv.Itoa(i+1)
	}
	return strings.Join(parts, "")
}

// move makes one transition, with the values of what is set and of what is demanded. No row is a *StateConflictError.
func (t *tx) move(id string, by update, set []any, demanded ...any) error {
	values := append(slices.Clone(set), id)
	if by.lapsed {
		values = append(values, t.now)
	}
	changed, err := t.do(by.statement, append(values, demanded...)...)
	if err == nil && changed == 0 {
		err = t.conflict(id, by.arrow)
	}
	return err
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
