package oauth

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// ReplayMemory remembers which assertions and proofs were used, in this process. It is enough for a request that
// changes nothing, such as a pending poll; what changes state also writes a unique row in its own transaction.
type ReplayMemory struct {
	mu   sync.Mutex // guards used
	used *simplelru.LRU[string, time.Time]
}

// NewReplayMemory remembers at most size keys (1 or more); past that the longest known is forgotten first.
func NewReplayMemory(size int) *ReplayMemory {
	return &ReplayMemory{used: newLRU[time.Time](size)}
}

// Use records key until expires and says whether it may be used: false when it was used before and has not expired.
// The key must name the issuer of the identifier too, for a jti is unique to its client only.
func (m *ReplayMemory) Use(key string, expires, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if until, known := m.used.Peek(key); known && now.Before(until) {
		return false
	}
	m.used.Add(key, expires)
	return true
}
