package models

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/keys"
)

// SignIn is a sign-in on its way to the OpenID Provider and back. Nothing of it is in the
// database: it is sealed in a cookie of the browser that began it. The zero value is no
// sign-in.
type SignIn struct {
	State     string  `json:"s"`
	Nonce     string  `json:"n"`
	Verifier  string  `json:"v"`           // of PKCE (RFC 7636 §4.1)
	ReturnTo  string  `json:"r"`           // a path of ours
	SessionID string  `json:"i,omitempty"` // the session to be stepped up; "" for a new one
	ExpiresAt Instant `json:"e"`
}

// SignInLength is how long somebody may spend at the provider.
const SignInLength = 15 * time.Minute

// signInKind is the kind of a sign-in's UsedProof.
const signInKind = "sign-in"

// signInLabel is what a sealed sign-in is bound to.
const signInLabel = "countersign sign-in"

// BeginSignIn makes state, nonce and PKCE verifier, and writes nothing: beginning costs the
// database nothing, however often it is done. returnTo is a path of ours; sessionID is the session
// to be stepped up, "" for a new one. sealed is for a cookie of the browser that begins:
// every process of this server can open it, and nobody else.
func (s *Store) BeginSignIn(returnTo, sessionID string) (signIn SignIn, sealed string, err error) {
	var secrets [3]string
	for i := range secrets {
		if secrets[i], err = newSecret(s.rand); err != nil {
			return SignIn{}, "", err
		}
	}
	signIn = SignIn{State: secrets[0], Nonce: secrets[1], Verifier: secrets[2], ReturnTo: returnTo, SessionID: sessionID,
		ExpiresAt: At(s.now()).Add(SignInLength)}
	plain, err := json.Marshal(signIn)
	if err != nil {
		return SignIn{}, "", err
	}
	key, err := s.keys.SignInKey()
	if err != nil {
		return SignIn{}, "", err
	}
	sealed, err = keys.Seal(s.rand, key, plain, signInLabel)
	return signIn, sealed, err
}

// OpenSignIn opens what BeginSignIn sealed, within SignInLength. False: it is over, or
// nothing that this server made.
func (s *Store) OpenSignIn(sealed string) (SignIn, bool) {
	key, err := s.keys.SignInKey()
	if err != nil {
		return SignIn{}, false
	}
	plain, err := keys.Open(key, sealed, signInLabel)
	if err != nil {
		return SignIn{}, false
	}
	var signIn SignIn
	if json.Unmarshal(plain, &signIn) != nil || At(s.now()) >= signIn.ExpiresAt {
		return SignIn{}, false
	}
	return signIn, true
}

// ResumeSignIn opens the sealed sign-in that the browser came back with, with the
// provider's state, and writes nothing. Whether it signed somebody in before is judged
// again by StartSession and StepUp, which use it up. Error: ErrSignInExpired.
func (s *Store) ResumeSignIn(ctx context.Context, sealed, state string) (SignIn, error) {
	signIn, ok := s.OpenSignIn(sealed)
	if !ok || subtle.ConstantTimeCompare([]byte(signIn.State), []byte(state)) != 1 {
		return SignIn{}, ErrSignInExpired
	}
	var used int64
	if err := s.reading(ctx).Table("used_proofs").Where("key = ?", signIn.proof().key()).Count(&used).Error; err != nil {
		return SignIn{}, err
	}
	if used > 0 {
		return SignIn{}, ErrSignInExpired
	}
	return signIn, nil
}

func (i SignIn) proof() UsedProof {
	return UsedProof{Kind: signInKind, ID: i.State, Until: i.ExpiresAt.Time()}
}

// useSignIn remembers that a sign-in has done its work: the cookie could be sent again
// until its end. Error: ErrSignInExpired.
func (t *tx) useSignIn(signIn SignIn) error {
	if signIn.State == "" || t.now >= signIn.ExpiresAt {
		return ErrSignInExpired
	}
	err := t.useProofs([]UsedProof{signIn.proof()})
	if errors.Is(err, ErrReplayed) {
		return ErrSignInExpired
	}
	return err
}

// idTokenLabel is what a sealed ID token is bound to.
const idTokenLabel = "countersign id token"

// SealIDToken seals the ID token of a sign-in for a cookie of its browser: whoever reads the
// cookie learns nothing of the claims.
func (s *Store) SealIDToken(raw string) (string, error) {
	key, err := s.keys.SignInKey()
	if err != nil {
		return "", err
	}
	return keys.Seal(s.rand, key, []byte(raw), idTokenLabel)
}

// OpenIDToken opens what SealIDToken sealed. False: nothing that this server made.
func (s *Store) OpenIDToken(sealed string) (string, bool) {
	key, err := s.keys.SignInKey()
	if err != nil {
		return "", false
	}
	raw, err := keys.Open(key, sealed, idTokenLabel)
	return string(raw), err == nil
}

// RefuseSignIn records that somebody came back from the provider and was not let in.
// The subject is not recorded: somebody who is not of the staff is no business of the
// trail. Beyond the rate it is counted, which may write nothing yet: see gathered.
func (s *Store) RefuseSignIn(ctx context.Context, reason term.SignInRefusal, by Stranger) error {
	if by.Counted {
		return s.gather(ctx)
	}
	return s.write(ctx, func(tx *tx) error {
		_, err := tx.record(audit.Event{Type: audit.StaffSignInRefused, Facts: audit.Facts{
			Actor: &audit.Actor{System: string(term.SystemSignIn)}, Reason: string(reason), Address: by.Address,
		}})
		return err
	})
}
