package oauth

import (
	"errors"
	"time"
)

// Why a proof may not be used.
var (
	ErrUsedBefore = errors.New("this proof was used before")
	ErrNoRoom     = errors.New("so many proofs are remembered that there is no room for another")
)

// ReplayMemory remembers which assertions and proofs were used, in this process. It is enough for a request that
// changes nothing, such as a pending poll; what changes state also writes a unique row in its own transaction.
//
// It forgets no proof before its end, whatever comes: a proof for which there is no room is refused, and so counts for
// nothing if it is played again. A key takes about 10 bytes, until a minute after its end at most. A new one is taken for
// one of two million others about once in 10^12 uses: it is refused, and the next one is not.
type ReplayMemory struct {
	used *flat[struct{}] // the mark is the second at which a proof can be played no more, modulo 2^14
}

// ProofsPerCore is a size for each processor of the machine: more than come with the polls that it can answer in the
// longest life of a proof, so that phones find no memory full.
const ProofsPerCore = 4_000_000

// LongestProofLife is how long a proof can be remembered. What can be played for longer is refused. A clock that is set back
// makes the memory forget nothing that ends within 8,191 seconds by that clock: by two hours, for proofs that live for minutes.
const LongestProofLife = 2 * time.Hour

// NewReplayMemory remembers at most size keys, 1 or more, and takes no memory for those that it does not have.
func NewReplayMemory(size int) *ReplayMemory {
	over := func(until word, _ struct{}, now int64) bool { return left(until, now/1000) <= 0 }
	return &ReplayMemory{used: newFlat(size, LongestProofLife, over)}
}

// Use records key until expires, in whole seconds that are rounded up. The key must name the issuer of the identifier too,
// for a jti is unique to its client only. Errors: ErrUsedBefore of a key that was used before and has not expired, ErrNoRoom
// also of one that expires after LongestProofLife.
func (m *ReplayMemory) Use(key string, expires, now time.Time) error {
	shard, hash := m.used.shard(key, now)
	defer shard.mu.Unlock()
	at, known := m.used.find(shard, hash, now.UnixMilli())
	switch {
	case known:
		return ErrUsedBefore
	case !now.Before(expires):
		return nil // it can be played no more
	case expires.Sub(now) > LongestProofLife:
		return ErrNoRoom
	case !m.used.add(shard, at, hash.marked(secondAfter(expires)), struct{}{}, now.UnixMilli()):
		return ErrNoRoom
	}
	return nil
}

// left is how many seconds there are from now until the end that a mark tells: 8,191 at most, either way.
func left(until word, now int64) int64 {
	const bits = 64 - markBits
	return (until.mark() - now) << bits >> bits // the difference modulo 2^14, with its sign
}

// secondAfter is t in whole seconds since 1970, rounded up.
func secondAfter(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}
