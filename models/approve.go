package models

import (
	"context"

	"countersign/audit"
)

// Approval is what an approval made.
type Approval struct {
	Binding     Binding
	RedeemUntil Instant
	Entry       audit.Entry // its place in the trail
}

// Approve binds the client to the account of its request: decision, binding and event
// in one transaction. Only the session that matched and proofed may approve, while
// its claim lasts; nobody on their own account. It consumes the user code and opens
// the redemption window. A document that differs from the record can be recorded, and
// declined on, but not approved on; so can a match by the code alone where the device's
// own proof is required by now, and any request of an account whose matching is locked,
// until a supervisor has looked. shown is what the page showed: if one of it is another now,
// nothing is approved. Errors: *ChangedError, ErrRecordChanged, ErrMatchingLocked, ErrPresenceRequired, ErrOwnAccount,
// ErrOwnAccountUnknown, ErrNotTheClaim,
// ErrAccountNotActive, ErrClientNotActive, ErrDetailsDiffer, ErrSecondApprovalRequired, ErrScopeWithdrawn, ErrStepUp, *StateConflictError,
// ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) Approve(ctx context.Context, sessionID, id string, shown Shown) (Approval, error) {
	var approval Approval
	err := s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, d, err := tx.decidable(sessionID, id, transitionApprove)
		if err == nil {
			approval, err = tx.approve(who, d, shown)
		}
		return who, d.subject(), err
	})
	return approval, err
}

// approvable is what an approval rests on, once nothing stands against it.
type approvable struct {
	client Client
	scope  string // what the app may have now
	second string // the second person; "" where none was needed
}

// approvable judges a request that is this session's to decide, and holds its account and
// its client to what was judged. Errors: as Approve.
func (t *tx) approvable(who actor, d DeviceAuthorization, shown Shown) (approvable, error) {
	if err := t.ownAccountKnown(who); err != nil {
		return approvable{}, err
	}
	client, err := t.activeClient(d.ClientID)
	if err != nil {
		return approvable{}, err
	}
	account, err := t.activeAccount(*d.AccountID)
	if err != nil {
		return approvable{}, err
	}
	if account.MatchLockedAt != 0 {
		return approvable{}, ErrMatchingLocked
	}
	software, err := t.softwareOf(d.ClientID)
	if err != nil {
		return approvable{}, err
	}
	scope, err := software.leaves(d.Scope)
	if err != nil {
		return approvable{}, err
	}
	on, err := t.groundsOf(d, account)
	if err == nil {
		err = on.proofing.agreeing()
	}
	if err != nil {
		return approvable{}, err
	}
	if err := t.store.policy.presenceSuffices(d, account, client, software); err != nil {
		return approvable{}, err
	}
	now, err := t.asShown(d, on, shown)
	if err != nil {
		return approvable{}, err
	}
	if err := on.ofThisRecord(); err != nil {
		return approvable{}, err
	}
	second, err := t.withSecondApproval(d, now)
	if err == nil {
		err = t.steppedUp(who.session)
	}
	if err == nil {
		err = wasShown(shown)
	}
	return approvable{client, scope, second}, err
}

var updateApproved = transitionApprove.update("decided_at = ?, decided_staff_id = ?, decided_counter_id = ?, redeem_until = ?",
	"claim_session_id = ? AND claim_until > ? AND pending_until > ? AND proofing_id IS NOT NULL")

func (t *tx) approve(who actor, d DeviceAuthorization, shown Shown) (Approval, error) {
	may, err := t.approvable(who, d, shown)
	if err != nil {
		return Approval{}, err
	}
	redeemUntil := t.now.Add(t.store.policy.RedemptionWindow)
	err = t.move(d.ID, updateApproved, []any{t.now, who.staff, who.counter, redeemUntil}, who.session, t.now, t.now)
	if err != nil {
		return Approval{}, err
	}
	binding, err := t.bind(d, may.scope)
	if err != nil {
		return Approval{}, err
	}
	facts := who.facts()
	facts.Client, facts.KeyThumbprint, facts.DeviceAuthorization = d.ClientID, may.client.JWKThumbprint, d.ID
	facts.SecondStaff = may.second
	facts.Binding, facts.Proofing, facts.Presence = binding.ID, deref(d.ProofingID), d.PresenceShown()
	facts.Scope, facts.Resource, facts.RedeemUntil = binding.Scope, d.Resources, redeemUntil.secondsPointer()
	if err := t.making(d, &facts); err != nil {
		return Approval{}, err
	}
	entry, err := t.record(audit.Event{Type: audit.DeviceBindingApproved, Subject: binding.AccountID, Transaction: d.ID, Facts: facts})
	if err == nil {
		err = t.notify(NoticeApproved, d.AccountID, d.ID, redeemUntil)
	}
	return Approval{binding, redeemUntil, entry}, err
}

// bind makes the binding: to the account that was proofed, never to anybody of the
// staff, and for no more of the scope that was asked for than the app may have now.
func (t *tx) bind(d DeviceAuthorization, scope string) (Binding, error) {
	id, err := newIDAt(t.store.rand, t.now)
	if err != nil {
		return Binding{}, err
	}
	binding := Binding{
		ID: id, AccountID: *d.AccountID, ClientID: d.ClientID, DeviceAuthorizationID: d.ID,
		Label: d.InstanceName, Scope: scope, Resources: d.Resources, CreatedAt: t.now,
	}
	return binding, t.insert(&binding)
}
