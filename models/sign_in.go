package models

import (
	"context"
	"crypto/subtle"
	"time"

	"countersign/audit"
	"countersign/audit/term"
)

// SignIn is a sign-in on its way to the OpenID Provider and back. It is a row of the
// table sign_ins; CookieHash ties it to the browser that began it.
type SignIn struct {
	CookieHash string `gorm:"primaryKey"`
	State      string
	Nonce      string
	Verifier   string
	ReturnTo   string
	SessionID  string // the session to be stepped up; "" for a new one
	ExpiresAt  Instant
}

// signInLength is how long somebody may spend at the provider.
const signInLength = 15 * time.Minute

// BeginSignIn makes state, nonce and PKCE verifier, and the cookie that only the
// browser that began may come back with. returnTo is a path of ours.
func (s *Store) BeginSignIn(ctx context.Context, returnTo string) (cookie string, signIn SignIn, err error) {
	return s.beginSignIn(ctx, returnTo, "")
}

// beginSignIn begins a sign-in, or the step-up of a session.
func (s *Store) beginSignIn(ctx context.Context, returnTo, sessionID string) (cookie string, signIn SignIn, err error) {
	var secrets [4]string
	for i := range secrets {
		if secrets[i], err = newSecret(s.rand); err != nil {
			return "", SignIn{}, err
		}
	}
	cookie = secrets[0]
	signIn = SignIn{
		CookieHash: hashSecret(cookie), State: secrets[1], Nonce: secrets[2], Verifier: secrets[3],
		ReturnTo: returnTo, SessionID: sessionID,
	}
	err = s.write(ctx, func(tx *tx) error {
		signIn.ExpiresAt = tx.now.Add(signInLength)
		return tx.Create(&signIn).Error
	})
	return cookie, signIn, err
}

// TakeSignIn takes a sign-in out by the browser's cookie and the provider's state:
// single use. Error: ErrSignInExpired.
func (s *Store) TakeSignIn(ctx context.Context, cookie, state string) (SignIn, error) {
	var signIn SignIn
	var refused error
	err := s.write(ctx, func(tx *tx) error {
		signIn, refused = SignIn{}, nil
		hash := hashSecret(cookie)
		if err := tx.forUpdate().Where("cookie_hash = ?", hash).Limit(1).Find(&signIn).Error; err != nil {
			return err
		}
		sameState := subtle.ConstantTimeCompare([]byte(signIn.State), []byte(state)) == 1
		if signIn.CookieHash == "" || !sameState || tx.now >= signIn.ExpiresAt {
			refused = ErrSignInExpired
		}
		return tx.Where("cookie_hash = ?", hash).Delete(&SignIn{}).Error
	})
	if err != nil {
		return SignIn{}, err
	}
	return signIn, refused
}

// RefuseSignIn records that somebody came back from the provider and was not let in.
// The subject is not recorded: somebody who is not of the staff is no business of the
// trail.
func (s *Store) RefuseSignIn(ctx context.Context, reason term.SignInRefusal, address string) error {
	return s.write(ctx, func(tx *tx) error {
		_, err := tx.record(audit.Event{Type: audit.StaffSignInRefused, Facts: audit.Facts{
			Actor: &audit.Actor{System: string(term.SystemSignIn)}, Reason: string(reason), Address: address,
		}})
		return err
	})
}

// BeginStepUp sends the session's person to the provider again. The session stays, with
// everything that it claims.
func (s *Store) BeginStepUp(ctx context.Context, sessionID, returnTo string) (cookie string, signIn SignIn, err error) {
	return s.beginSignIn(ctx, returnTo, sessionID)
}
