package models

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"countersign/audit"
	"countersign/audit/term"
)

// StepUp takes a fresh sign-in of the same person into their session, under a new
// token: a token from before is worth nothing any more. What the provider says of them now
// counts from here, so that a session without a role is ended. The sign-in names the
// session, and counts once. Errors: ErrSignInExpired; ErrSessionEnded; ErrNoRole; and
// ErrNotTheSame when somebody else came back.
func (s *Store) StepUp(ctx context.Context, signIn SignIn, who Identity) (token string, err error) {
	if token, err = newSecret(s.rand); err != nil {
		return "", err
	}
	var refused error
	err = s.write(ctx, func(tx *tx) error {
		refused = nil
		if err := tx.useSignIn(signIn); err != nil {
			return err
		}
		var row StaffSession
		if err := tx.forUpdate().Where("id = ?", signIn.SessionID).Limit(1).Find(&row).Error; err != nil {
			return err
		}
		tx.readClock()
		if !row.live(tx.now, s.policy.SessionIdle) {
			return ErrSessionEnded
		}
		var staff Staff
		if err := tx.Where("id = ?", row.StaffID).First(&staff).Error; err != nil {
			return notFound(err)
		}
		if staff.Issuer != who.Issuer || staff.Subject != who.Subject {
			return ErrNotTheSame
		}
		if _, err := tx.upsertStaff(who); err != nil {
			return err
		}
		if len(who.Roles) == 0 {
			refused = ErrNoRole
			return tx.endSession(row, audit.Actor{System: string(term.SystemSignIn)}, term.SessionWithoutRole)
		}
		return tx.stepUp(row, who, token)
	})
	return token, cmp.Or(err, refused)
}

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

// ErrNoRole says that the provider grants somebody no role here any more.
var ErrNoRole = errors.New("no role here any more")

// ErrNotTheSame says that somebody else came back from the provider than went there.
var ErrNotTheSame = errors.New("somebody else signed in")
