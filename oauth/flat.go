package oauth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// flat is a bounded map from keys to small values, for millions of keys. It keeps 8 bytes of each key's hash, in slices
// without pointers, which the garbage collector does not look into. A value that is over is found no more and makes room
// for new ones; the memory of many goes within flatTidied of further uses. Safe for use by several goroutines.
//
// The hash is SHA-256 under a random key of the process: nobody can choose keys that meet. 64 bits of it are compared,
// and others choose the shard, so that a key is taken for one of two million others once in 10^16 uses.
type flat[V any] struct {
	secret [sha256.Size]byte
	shards []flatShard[V]
	bound  int                           // entries in a shard, 1 or more
	over   func(value V, now int64) bool // now in milliseconds since 1970

	tidied atomic.Int64 // the second in which shards were tidied last
	next   atomic.Int64 // counts the shards that were tidied
}

// flatShard is a part of the map with a lock of its own: a hash table with open addressing. A slot whose hash is 0 is
// empty.
type flatShard[V any] struct {
	mu      sync.Mutex // guards the rest
	hashes  []uint64
	values  []V
	filled  int   // slots that are not empty, also those whose values are over
	cleared int64 // the second in which it was full and what is over was looked for
}

const (
	flatShardSize = 4096              // entries of a full shard: what is copied at once when it grows
	flatTidied    = time.Minute       // in which every shard is looked at once
	flatFill      = 0.8               // of the slots have an entry when a shard was made anew
	flatMost      = 0.92              // of the slots are filled when it is made anew
	flatShrink    = 0.6               // of the slots or fewer have an entry when memory is given back
	flatSpare     = 8                 // slots in addition
	flatKeyBytes  = sha256.Size + 224 // a longer key costs an allocation
)

// newFlat returns a map of at most size entries, 1 or more. One of several shards can be full a little earlier.
func newFlat[V any](size int, over func(value V, now int64) bool) *flat[V] {
	size = max(size, 1)
	shards := 1 << bits.Len(uint(max(size/flatShardSize, 1)-1)) //nolint:gosec // 0 or more
	f := &flat[V]{shards: make([]flatShard[V], shards), bound: (size + shards - 1) / shards, over: over}
	_, _ = rand.Read(f.secret[:]) // cannot fail
	return f
}

// shard locks the shard of a key, to be unlocked by the caller, and returns the key's hash with it.
func (f *flat[V]) shard(key string, now time.Time) (s *flatShard[V], hash uint64) {
	f.tidy(now)
	var buffer [flatKeyBytes]byte
	sum := sha256.Sum256(append(append(buffer[:0], f.secret[:]...), key...))
	s = &f.shards[binary.LittleEndian.Uint64(sum[8:])%uint64(len(f.shards))]
	s.mu.Lock()
	return s, max(binary.LittleEndian.Uint64(sum[:]), 1)
}

// find returns the slot of a hash. known is false when the hash is not there, and the slot is then where it can be put, or
// -1. The caller holds the shard.
func (f *flat[V]) find(s *flatShard[V], hash uint64, now int64) (at int, known bool) {
	if len(s.hashes) == 0 {
		return -1, false
	}
	free := -1
	for at = home(hash, len(s.hashes)); s.hashes[at] != 0; at = s.after(at) {
		switch over := f.over(s.values[at], now); {
		case !over && s.hashes[at] == hash:
			return at, true
		case over && free < 0:
			free = at
		}
	}
	if free < 0 && s.filled < f.bound && float64(s.filled+1) <= flatMost*float64(len(s.hashes)) {
		free = at
	}
	return free, false
}

// add puts a hash that is not there to the slot that find returned, or makes one. It returns false when the shard is full.
// The caller holds the shard.
func (f *flat[V]) add(s *flatShard[V], at int, hash uint64, value V, now int64) bool {
	if at < 0 {
		if s.filled >= f.bound {
			if second := now / 1000; s.cleared != second {
				s.cleared = second
			} else {
				return false // looked for what is over a moment ago: a flood does not make it look all the time
			}
		}
		s.renew(f.live(now))
		if at, _ = f.find(s, hash, now); at < 0 {
			return false
		}
	}
	s.put(at, hash, value)
	return true
}

// put writes to a slot. The caller holds the shard.
func (s *flatShard[V]) put(at int, hash uint64, value V) {
	if s.hashes[at] == 0 {
		s.filled++
	}
	s.hashes[at], s.values[at] = hash, value
}

// renew makes the shard anew with the values that are kept, and with room for more. The caller holds the shard.
func (s *flatShard[V]) renew(keep func(V) bool) {
	size := int(float64(s.count(keep))/flatFill) + flatSpare
	hashes, values := s.hashes, s.values
	s.hashes, s.values, s.filled = make([]uint64, size), make([]V, size), 0
	for i, hash := range hashes {
		if hash == 0 || !keep(values[i]) {
			continue
		}
		at := home(hash, size)
		for s.hashes[at] != 0 {
			at = s.after(at)
		}
		s.put(at, hash, values[i])
	}
}

// count counts the values that are kept. The caller holds the shard.
func (s *flatShard[V]) count(keep func(V) bool) (count int) {
	for i, hash := range s.hashes {
		if hash != 0 && keep(s.values[i]) {
			count++
		}
	}
	return count
}

// forget takes away the quarter of highest age, one value at least, and what has the same age as the last of them. The
// caller holds the shard.
func (s *flatShard[V]) forget(age func(V) int64) {
	var ages []int64
	for i, hash := range s.hashes {
		if hash != 0 {
			ages = append(ages, age(s.values[i]))
		}
	}
	slices.Sort(ages)
	oldest := ages[len(ages)-max(len(ages)/4, 1)]
	s.renew(func(value V) bool { return age(value) < oldest })
}

// home is where the search for a hash begins, among so many slots.
func home(hash uint64, slots int) int {
	at, _ := bits.Mul64(hash, uint64(slots)) //nolint:gosec // 0 or more
	return int(at)                           //nolint:gosec // less than slots
}

// after is the next slot: the first one follows the last.
func (s *flatShard[V]) after(at int) int {
	if at++; at < len(s.hashes) {
		return at
	}
	return 0
}

// live is what renew and count keep: what is not over.
func (f *flat[V]) live(now int64) func(V) bool {
	return func(value V) bool { return !f.over(value, now) }
}

// tidy gives back memory of some shards, once in a second: of all within flatTidied. Whoever comes after a longer time in
// which nobody came looks at more of them.
func (f *flat[V]) tidy(now time.Time) {
	second, last := now.Unix(), f.tidied.Load()
	if second == last || !f.tidied.CompareAndSwap(last, second) {
		return
	}
	const all = int64(flatTidied / time.Second)
	keep := f.live(now.UnixMilli())
	for range (int64(len(f.shards))*min(max(second-last, 1), all) + all - 1) / all {
		s := &f.shards[f.next.Add(1)%int64(len(f.shards))]
		s.mu.Lock()
		if float64(s.count(keep)) < flatShrink*float64(len(s.hashes)-flatSpare) {
			s.renew(keep)
		}
		s.mu.Unlock()
	}
}
