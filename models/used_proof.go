package models

import (
	"errors"
	"time"
)

// UsedProof is a single-use proof: remembered in the transaction that it pays for.
type UsedProof struct {
	Kind  string // "assertion", "dpop", "presence" or "sign-in"
	Owner string // client_id or key thumbprint
	ID    string // its jti
	Until time.Time
}

func (p UsedProof) key() string { return hashSecret(p.Kind + "\x00" + p.Owner + "\x00" + p.ID) }

func (t *tx) useProofs(proofs []UsedProof) error {
	for _, proof := range proofs {
		err := t.usedOnce(proof.key(), At(proof.Until))
		if errors.Is(err, ErrReplayed) && proof.Kind == "dpop" {
			return ErrReplayedProof
		}
		if errors.Is(err, ErrReplayed) && proof.Kind == presenceKind {
			return ErrPresenceReplayed
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// presenceKind is the kind of a presence proof's UsedProof.
const presenceKind = "presence"

// usedOnce remembers an assertion or a proof for as long as it could be played
// again. Error: ErrReplayed.
func (t *tx) usedOnce(key string, expires Instant) error {
	if key == "" {
		return nil
	}
	result := t.Exec("INSERT INTO used_proofs (key, expires_at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", key, expires)
	if result.Error != nil {
		return result.Error
	}
	if result.RowsAffected == 0 {
		return ErrReplayed
	}
	return nil
}
