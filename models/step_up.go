package models

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"countersign/audit"
)

// StepUp is what an approval asks of the operator's sign-in (RFC 9470 terms). The zero
// value asks nothing more than the session.
type StepUp struct {
	MaxAge time.Duration // since they authenticated at the provider; 0: however long ago
	ACR    []string      // one of these authentication context classes; empty: any
}

// ErrStepUp says that an approval needs a fresh or stronger sign-in at the provider. The
// visit stays as it is: Store.BeginStepUp and Store.StepUp keep the session.
var ErrStepUp = errors.New("an approval needs a fresh sign-in")

// Required says whether any approval may need more than a session.
func (s StepUp) Required() bool { return s.MaxAge > 0 || len(s.ACR) > 0 }

// suffices judges a session. Whole seconds count: auth_time has no finer ones.
func (s StepUp) suffices(row StaffSession, now Instant) bool {
	if s.MaxAge > 0 && now >= row.AuthenticatedAt.Add(s.MaxAge) {
		return false
	}
	return len(s.ACR) == 0 || slices.Contains(s.ACR, row.ACR)
}

// SteppedUp says whether the session may approve as it is, for the page that offers the
// step-up. The approval judges it again. Error: ErrSessionEnded.
func (s *Store) SteppedUp(ctx context.Context, sessionID string) (bool, error) {
	var row StaffSession
	err := s.reading(ctx).Where("id = ?", sessionID).Limit(1).Find(&row).Error
	if err == nil && !row.live(At(s.now()), s.policy.SessionIdle) {
		err = ErrSessionEnded
	}
	return s.policy.StepUp.suffices(row, At(s.now())), err
}

// steppedUp holds an approval to the policy. Error: ErrStepUp.
func (t *tx) steppedUp(sessionID string) error {
	var row StaffSession
	if err := t.Where("id = ?", sessionID).First(&row).Error; err != nil {
		return lost(err)
	}
	if !t.store.policy.StepUp.suffices(row, t.now) {
		return ErrStepUp
	}
	return nil
}

// BeginStepUp sends the session's person to the provider again. The session stays, with
// everything that it claims.
func (s *Store) BeginStepUp(ctx context.Context, sessionID, returnTo string) (cookie string, signIn SignIn, err error) {
	return s.beginSignIn(ctx, returnTo, sessionID)
}

// StepUp takes a fresh sign-in of the same person into their session, under a new
// token: a token from before is worth nothing any more. What the provider says of them now
// counts from here, so that a session without a role is ended. Errors: ErrSessionEnded;
// ErrNoRole; and ErrNotTheSame when somebody else came back.
func (s *Store) StepUp(ctx context.Context, sessionID string, who Identity) (token string, err error) {
	if token, err = newSecret(s.rand); err != nil {
		return "", err
	}
	var refused error
	err = s.write(ctx, func(tx *tx) error {
		refused = nil
		var row StaffSession
		if err := tx.held().Where("id = ?", sessionID).Limit(1).Find(&row).Error; err != nil {
			return err
		}
		tx.waited()
		if !row.live(tx.now, s.policy.SessionIdle) {
			return ErrSessionEnded
		}
		var staff Staff
		if err := tx.Where("id = ?", row.StaffID).First(&staff).Error; err != nil {
			return lost(err)
		}
		if staff.Issuer != who.Issuer || staff.Subject != who.Subject {
			return ErrNotTheSame
		}
		if _, err := tx.meet(who); err != nil {
			return err
		}
		if len(who.Roles) == 0 {
			refused = ErrNoRole
			return tx.endSession(row, audit.Actor{System: "sign-in"}, "no role")
		}
		return tx.stepUp(row, who, token)
	})
	return token, cmp.Or(err, refused)
}

// ErrNoRole says that the provider grants somebody no role here any more.
var ErrNoRole = errors.New("no role here any more")

// ErrNotTheSame says that somebody else came back from the provider than went there.
var ErrNotTheSame = errors.New("somebody else signed in")

func (t *tx) stepUp(row StaffSession, who Identity, token string) error {
	err := t.Model(&StaffSession{}).Where("id = ?", row.ID).Updates(map[string]any{
		"token_hash": hashSecret(token), "authenticated_at": At(who.AuthenticatedAt), "acr": who.ACR,
		"provider_sid": who.SID, "roles": joinRoles(who.Roles), "last_seen_at": t.now,
	}).Error
	if err != nil {
		return err
	}
	_, err = t.record(audit.Event{Type: audit.StaffSteppedUp, Facts: audit.Facts{
		Actor: &audit.Actor{Staff: row.StaffID}, Session: row.ID, Roles: strings.Fields(joinRoles(who.Roles)),
	}})
	return err
}
