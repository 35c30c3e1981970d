package models

import (
	"context"
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

// proofHashLength is how much of a proof's hash stands in the key that sorts by its end: 96 bits, in base64url.
const proofHashLength = 16

// sortedBy is a key that begins with the proof's end, which is a part of the proof itself, and goes on with its plain one: those that
// are used at about the same time lie on the same pages, and not each on a page of its own (docs/decisions/0080-shorter-proofs.md).
func (p UsedProof) sortedBy(plain string) string {
	return sortableTime(At(p.Until)) + plain[:proofHashLength]
}

// keys returns the key, and another one that it may be remembered by. On SQLite the proofs that come with every request of a phone
// lie by their end; the other one is the plain key, by which programs of long before remembered them a moment ago. On PostgreSQL the
// plain key stays, and the other one is that of a database that was copied from SQLite.
func (t *tx) keys(p UsedProof) (key, other string) {
	plain := p.key()
	if p.Kind != "assertion" && p.Kind != "dpop" {
		return plain, ""
	}
	sorted := p.sortedBy(plain)
	if t.Dialector.Name() == "postgres" {
		return plain, sorted
	}
	return sorted, plain
}

// Which used proofs are over: those with a plain key, which an index has by their end, and those that lie by their end.
const (
	plainKeyOver  = "length(key) = 43 AND expires_at <= ?"
	sortedKeyOver = "length(key) <> 43 AND key < ?"
)

// sweepSortedProofs removes those that lie by their end, as sweepEphemeral. On PostgreSQL there are only those that a copy of a
// SQLite site has brought, and its index has all by their end.
func (s *Store) sweepSortedProofs(ctx context.Context) error {
	before := At(s.now()).Add(-sweepMargin)
	if s.dialect == "postgres" {
		return s.sweepEphemeral(ctx, ephemeral{table: "used_proofs", key: "key", over: "expires_at <= ?"}, before)
	}
	return s.sweepEphemeral(ctx, ephemeral{table: "used_proofs", key: "key", over: sortedKeyOver}, sortableTime(before))
}

func (t *tx) useProofs(proofs []UsedProof) error {
	for _, proof := range proofs {
		key, other := t.keys(proof)
		err := t.usedOnce(key, other, At(proof.Until))
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

// proofPair is the two proofs of a phone's request, each with the key that it is remembered by and the other one.
type proofPair struct {
	first, firstOther, second, secondOther string
	firstUntil, secondUntil                Instant
}

// pairOf is false on PostgreSQL, and for any other number of proofs and two of one key, which are used up one by one.
func (t *tx) pairOf(proofs []UsedProof) (pair proofPair, is bool) {
	if t.Dialector.Name() != "sqlite" || len(proofs) != 2 {
		return pair, false
	}
	pair.firstUntil, pair.secondUntil = At(proofs[0].Until), At(proofs[1].Until)
	pair.first, pair.firstOther = t.keys(proofs[0])
	pair.second, pair.secondOther = t.keys(proofs[1])
	return pair, pair.first != pair.second
}

// keys are those by which neither proof may be remembered.
func (p proofPair) keys() []any { return []any{p.first, p.firstOther, p.second, p.secondOther} }

// useNew remembers two proofs that are not remembered by any of their keys, as this transaction, which holds all, has seen.
// Error: ErrReplayed, were one of them there all the same.
func (t *tx) useNew(p proofPair) error {
	remembered, err := t.do("INSERT INTO used_proofs (key, expires_at) VALUES ($1, $2), ($3, $4) ON CONFLICT (key) DO NOTHING",
		p.first, p.firstUntil, p.second, p.secondUntil)
	if err == nil && remembered != 2 {
		err = ErrReplayed
	}
	return err
}

// presenceKind is the kind of a presence proof's UsedProof.
const presenceKind = "presence"

// usedOnce remembers an assertion or a proof for as long as it could be played again, unless it is remembered by the key, or by
// the other one. Error: ErrReplayed.
func (t *tx) usedOnce(key, other string, expires Instant) error {
	if key == "" {
		return nil
	}
	remembered, err := t.do(`INSERT INTO used_proofs (key, expires_at) SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT)
		WHERE NOT EXISTS (SELECT 1 FROM used_proofs WHERE key = $3) ON CONFLICT (key) DO NOTHING`, key, expires, other)
	if err == nil && remembered == 0 {
		err = ErrReplayed
	}
	return err
}
