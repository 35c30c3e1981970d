package oauth

import (
	"errors"
	"math"
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
// nothing if it is played again. A key takes about 15 bytes, until a minute after its end at most. A new one is taken for
// one of two million others about once in 10^16 uses: it is refused, and the next one is not.
type ReplayMemory struct {
	used *flat[uint32] // the second since 1970 at which a proof can be played no more
}

// ProofsPerCore is a size for each processor of the machine: more than come with the polls that it can answer in the
// longest life of a proof, so that phones find no memory full.
const ProofsPerCore = 4_000_000

// NewReplayMemory remembers at most size keys, 1 or more, and takes no memory for those that it does not have.
func NewReplayMemory(size int) *ReplayMemory {
	return &ReplayMemory{used: newFlat(size, func(until uint32, now int64) bool { return now >= int64(until)*1000 })}
}

// Use records key until expires, in whole seconds that are rounded up. The key must name the issuer of the identifier too,
// for a jti is unique to its client only. Errors: ErrUsedBefore of a key that was used before and has not expired, ErrNoRoom.
func (m *ReplayMemory) Use(key string, expires, now time.Time) error {
	shard, hash := m.used.shard(key, now)
	defer shard.mu.Unlock()
	at, known := m.used.find(shard, hash, now.UnixMilli())
	switch {
	case known:
		return ErrUsedBefore
	case !now.Before(expires):
		return nil // it can be played no more
	case !m.used.add(shard, at, hash, secondAfter(expires), now.UnixMilli()):
		return ErrNoRoom
	}
	return nil
}

// secondAfter is t in whole seconds since 1970, rounded up, and 2106 at the latest.
func secondAfter(t time.Time) uint32 {
	second := t.Unix()
	if t.Nanosecond() > 0 {
		second++
	}
	return uint32(min(max(second, 0), math.MaxUint32)) //nolint:gosec // within its bounds
}
