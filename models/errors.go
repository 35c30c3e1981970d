package models

import (
	"errors"
	"fmt"
	"time"
)

// Refusals that carry nothing but their name. A few more stand beside the one verb that
// returns them. Everything else that a verb returns is one of the error types below, an
// *oauth.Error, or a fault of the database or of the keys.
var (
	ErrNotFound           = errors.New("not found")
	ErrKeyRegistered      = errors.New("this key is registered already")
	ErrStaleKey           = errors.New("the key at jwks_uri was replaced a moment ago")
	ErrPresenceUnchecked  = errors.New("the presence proof's key could not be checked now")
	ErrSoftwareChanged    = errors.New("a client stays of the software that it was registered as")
	ErrSoftwareNotListed  = errors.New("this software_id is not registered here")
	ErrInitialToken       = errors.New("no initial access token that can be used")
	ErrStatementRequired  = errors.New("a software statement is required")
	ErrSoftwareUnapproved = errors.New("the publisher of the statement has not registered this software_id here")
	ErrReplayed           = errors.New("this assertion was used before")
	ErrReplayedProof      = errors.New("this DPoP proof was used before")
	ErrPresenceReplayed   = errors.New("this presence proof was used before")
	ErrUnknownDeviceCode  = errors.New("no such device code for this client")
	ErrWrongKey           = errors.New("the device code is bound to another key")
	ErrTooSoon            = errors.New("redeemed a moment ago")
	ErrUnknownToken       = errors.New("no such token for this client")
	ErrForeignToken       = errors.New("the token is another client's")
	ErrAccountNotActive   = errors.New("the account is not active")
	ErrClientNotActive    = errors.New("the client is disabled")
	ErrBindingRevoked     = errors.New("the binding is revoked")
	ErrMatchingLocked     = errors.New("matching is locked for the account")
	ErrScopeWithdrawn     = errors.New("the app may have nothing of the scope any more")
	ErrPresenceRequired   = errors.New("only the device's own presence proof will do")
	ErrOwnAlert           = errors.New("nobody looks at an alert that they caused")
	ErrLookedAt           = errors.New("somebody has looked at this alert already")
	ErrTaken              = errors.New("somebody else has taken this alert meanwhile")
	ErrNotesFull          = errors.New("this alert has as many notes as it takes")
	ErrOwnAccount         = errors.New("nobody decides on their own account")
	ErrOwnAccountUnknown  = errors.New("the provider does not say which account is their own")
	ErrNotTheClaim        = errors.New("only the session that matched and proofed may do this")
	ErrSessionEnded       = errors.New("the session has ended")
	ErrNotAllowed         = errors.New("this role may not do this")
	ErrNoCounter          = errors.New("no counter is open in this session")
	ErrCounterNetwork     = errors.New("this counter may not be used from this address")
	ErrOtherCounters      = errors.New("this member of staff may open other counters only")
	ErrOwnLimit           = errors.New("nobody changes which counters they may open themselves")
	ErrChangedMeanwhile   = errors.New("somebody else has changed this meanwhile")
	ErrSearchTooShort     = errors.New("type at least three characters")
	ErrSignInExpired      = errors.New("this sign-in was already used or took too long")
	ErrOtherIssuer        = errors.New("this is another issuer's database")
	ErrExists             = errors.New("exists already")
)

// StateConflictError says that a device authorization is not in a state that the
// transition starts from: somebody else was first, or a window or claim is over.
type StateConflictError struct {
	DeviceAuthorizationID string
	Transition            string
	Phase                 Phase     // where it is now
	At                    time.Time // when it got there; zero when unknown
	ByStaffID             string    // who brought it there; "" when nobody of the staff did
	Reason                string    // of a decline: a term.Decline, or a term.Ending
}

func (e *StateConflictError) Error() string {
	return fmt.Sprintf("%s: device authorization %s is %s", e.Transition, e.DeviceAuthorizationID, e.Phase)
}

// WrongCodeError says that no live request of this account has the code.
type WrongCodeError struct{ TriesLeft int }

func (e *WrongCodeError) Error() string {
	return fmt.Sprintf("not a code of this account, %d tries left", e.TriesLeft)
}

// PresenceRefusedError says that a presence proof, signed by the key of the request's
// client, is not accepted. It cost no try.
type PresenceRefusedError struct {
	Cause error // oauth.ErrPresence…, ErrPresenceReplayed or ErrPresenceUnchecked
}

func (e *PresenceRefusedError) Error() string { return e.Cause.Error() }

// Unwrap gives the cause.
func (e *PresenceRefusedError) Unwrap() error { return e.Cause }

// MatchLockedError says that too many wrong codes were entered for the account; a
// supervisor has to look (Store.UnlockMatching).
type MatchLockedError struct{ AccountID string }

func (e *MatchLockedError) Error() string {
	return "too many wrong codes for account " + e.AccountID
}

// ClaimedError says that another session is handling the request.
type ClaimedError struct {
	StaffID   string
	CounterID string
	Until     time.Time
}

func (e *ClaimedError) Error() string { return "another session is handling this request" }

// Why nothing is ended, or nothing taken back, in this session now.
var (
	ErrNoVisit     = errors.New("no visit of this account in this session")
	ErrNotProofed  = errors.New("the ID document of this visit is not checked")
	ErrNotToRecall = errors.New("only a supervisor may recall this approval now")
)

// TooManyError says that somebody has to wait: a limit is reached.
type TooManyError struct {
	What       string // in plain words: "wrong codes", "searches"
	RetryAfter time.Duration
}

func (e *TooManyError) Error() string {
	return fmt.Sprintf("too many %s, wait %s", e.What, e.RetryAfter)
}

// WrongCodes is what a TooManyError counts when it is about an operator's wrong codes.
const WrongCodes = "wrong codes"
