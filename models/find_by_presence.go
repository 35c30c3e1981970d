package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/keys"
	"countersign/oauth"
)

// FindByPresence finds the account whose waiting request a presence proof is for, so that
// one scan finds and matches. Only the signature is judged here; MatchPresence judges the
// rest; key is as there. Nothing is guessed: without the client's key the answer is always ErrNotFound.
// Errors: *TooManyError, ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) FindByPresence(
	ctx context.Context, sessionID string, proof oauth.PresenceProof, key KeyState,
) (accountID string, err error) {
	clientID, code, _ := proof.Claimed()
	err = s.write(ctx, func(tx *tx) error {
		accountID = ""
		who, err := tx.atCounter(sessionID)
		if err != nil {
			return err
		}
		var d DeviceAuthorization
		err = tx.Where("account_id IS NOT NULL AND client_id = ? AND user_code_mac = ? AND state IN ? AND pending_until > ?",
			clientID, code.MAC(s.keys.MACKey(keys.UserCode)), openStates(), tx.now).Limit(1).Find(&d).Error
		if err == nil {
			err = tx.obeyRules(&d)
		}
		if err != nil {
			return err
		}
		if d.ID != "" && d.State != Declined {
			_, refused, err := tx.verifyPresence(d, proof, key)
			if err != nil && !errors.Is(err, ErrClientNotActive) {
				return err
			}
			if err == nil && !errors.Is(refused, oauth.ErrPresenceForged) {
				accountID = *d.AccountID
			}
		}
		if err := tx.openingsOf(who); err != nil {
			return err
		}
		facts, count := who.facts(), 0
		if accountID != "" {
			count = 1
		}
		facts.QueryKind, facts.Count = string(term.QueryPresence), &count
		_, err = tx.record(audit.Event{Type: audit.AccountSearched, Subject: accountID, Facts: facts})
		if err == nil && accountID != "" {
			err = tx.openRecord(who, accountID, term.QueryPresence)
		}
		return err
	})
	if err == nil && accountID == "" {
		err = ErrNotFound
	}
	return accountID, err
}
