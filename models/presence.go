package models

import (
	"errors"
	"strings"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/oauth"
)

// What the match of a request rested on; also the words of events, receipts and pages.
const (
	PresenceProved   = string(term.PresenceProved)   // a presence proof: the client's key signed, within the minute
	PresenceCodeOnly = string(term.PresenceCodeOnly) // a code that was typed
)

// PresenceShown is what the match rested on, in words: a match from before there were
// proofs was by the code.
func (d DeviceAuthorization) PresenceShown() string {
	if d.Presence == "" {
		return PresenceCodeOnly
	}
	return d.Presence
}

// KeyState is what is known of a client's key at the moment: where it comes from a
// jwks_uri, it may have been replaced or withdrawn there since it was fetched.
type KeyState int

// The states of a key.
const (
	KeyKnown     KeyState = iota // the registered key, or the one that was looked up in time
	KeyUnchecked                 // the jwks_uri gave no answer, and another key than the kept one signed
	KeyWithdrawn                 // the jwks_uri has no key for this client any more
)

// present judges what was shown for a request: the proof to use up, nil for a typed code
// that suffices. wrong and err are as in match.
func (t *tx) present(d *DeviceAuthorization, account Account, who actor, by showing) (proved *UsedProof, wrong, err error) {
	if by.proof == nil {
		client, software, err := t.appOf(*d)
		if err != nil || !t.store.policy.presenceRequired(d.Scope, account, client, software) {
			return nil, nil, err
		}
		wrong, err = t.presenceRefused(*d, account, who, ErrPresenceRequired)
		return nil, wrong, err
	}
	presence, refused, err := t.verifyPresence(*d, *by.proof, by.key)
	switch {
	case err != nil:
		return nil, nil, err
	case errors.Is(refused, oauth.ErrPresenceForged) && by.key == KeyUnchecked:
		wrong, err = t.presenceRefused(*d, account, who, &PresenceRefusedError{ErrPresenceUnchecked})
		*d = DeviceAuthorization{}
		return nil, wrong, err
	case errors.Is(refused, oauth.ErrPresenceForged):
		*d = DeviceAuthorization{} // the signer learns nothing of it
		wrong, err = t.wrongCode(account, who)
		return nil, wrong, err
	case refused != nil:
		wrong, err = t.presenceRefused(*d, account, who, &PresenceRefusedError{refused})
		return nil, wrong, err
	}
	return &UsedProof{presenceKind, presence.ClientID, presence.ID, presence.ForgetAt}, nil, nil
}

// verifyPresence holds the proof against the key of the request's client and the clock of
// this transaction.
func (t *tx) verifyPresence(
	d DeviceAuthorization, proof oauth.PresenceProof, key KeyState,
) (presence oauth.Presence, refused, fault error) {
	client, err := t.activeClient(d.ClientID)
	if err != nil {
		return presence, nil, err
	}
	keys, err := client.Keys()
	if err != nil {
		return presence, nil, err
	}
	if key == KeyWithdrawn {
		keys.Keys = nil
	}
	presence, refused = oauth.VerifyPresenceProof(proof, keys, oauth.PresenceRules{
		Issuer: t.store.issuer, Now: t.now.Time(), Skew: t.store.policy.PresenceSkew,
	})
	return presence, refused, nil
}

// presenceRefused records a refusal that is no guess: the count of tries stays.
func (t *tx) presenceRefused(d DeviceAuthorization, account Account, who actor, refusal error) (refused, fault error) {
	left, err := t.triesLeft(account)
	if err != nil {
		return nil, err
	}
	facts := who.facts()
	facts.Client, facts.KeyThumbprint, facts.DeviceAuthorization = d.ClientID, d.JWKThumbprint, d.ID
	facts.TriesLeft, facts.Reason = &left, string(presenceReason(refusal))
	if err := t.making(d, &facts); err != nil {
		return nil, err
	}
	_, err = t.record(audit.Event{Type: audit.CodeMatchFailed, Subject: account.ID, Transaction: d.ID, Facts: facts})
	return refusal, err
}

// presenceReason is the word that the trail keeps.
func presenceReason(refusal error) term.MatchFailure {
	switch {
	case errors.Is(refusal, ErrPresenceRequired):
		return term.MatchPresenceRequired
	case errors.Is(refusal, ErrPresenceReplayed):
		return term.MatchPresenceReplayed
	case errors.Is(refusal, ErrPresenceUnchecked):
		return term.MatchPresenceUnchecked
	case errors.Is(refusal, oauth.ErrPresenceExpired):
		return term.MatchPresenceExpired
	case errors.Is(refusal, oauth.ErrPresenceNotYet):
		return term.MatchPresenceNotYet
	case errors.Is(refusal, oauth.ErrPresenceOtherServer):
		return term.MatchPresenceOtherServer
	}
	return term.MatchPresenceIncomplete
}

// appOf finds the client of a request, and its app.
func (t *tx) appOf(d DeviceAuthorization) (client Client, software Software, err error) {
	if client, err = rowOf[Client](t, "WHERE id = $1", d.ClientID); err != nil {
		return client, software, notFound(err)
	}
	software, err = t.softwareOf(client.ID)
	return client, software, err
}

// presenceRequired reports whether a request is matched and approved by a presence proof
// only: for its account, its app, the publisher's statement about it, or a scope.
func (p Policy) presenceRequired(scope string, account Account, client Client, software Software) bool {
	return account.PresenceRequired || client.PresenceRequired || software.PresenceRequired || p.presenceForScope(scope)
}

func (p Policy) presenceForScope(scope string) bool {
	for _, name := range strings.Fields(scope) {
		if p.PresenceScopes.Contains(name) {
			return true
		}
	}
	return false
}

// presenceSuffices refuses to approve what was matched by the code alone, where the proof
// is required by now. Error: ErrPresenceRequired.
func (p Policy) presenceSuffices(d DeviceAuthorization, account Account, client Client, software Software) error {
	if d.Presence != PresenceProved && p.presenceRequired(d.Scope, account, client, software) {
		return ErrPresenceRequired
	}
	return nil
}

// showing is what the phone showed at the counter: a code, or the proof that names it.
type showing struct {
	code     oauth.UserCode
	clientID string // of the proof: claimed, not yet proved
	proof    *oauth.PresenceProof
	key      KeyState // of the client that the proof names
	entered  Entered
}
