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

// flat is a bounded map from keys to small values, for millions of keys. An entry is a word of 50 bits of its key's hash and
// a mark of 14 bits, and a value besides, in slices without pointers, which the garbage collector does not look into. What
// is over is found no more and makes room for new entries; the memory of many goes within flatTidied of further uses. Safe
// for use by several goroutines.
//
// The hash is SHA-256 under a random key of the process: nobody can choose keys that meet. Other bits of it than those of
// the word choose the shard, so that a key is taken for one of two million others once in 10^12 uses.
type flat[V any] struct {
	secret [sha256.Size]byte
	shards []flatShard[V]
	bound  int                                      // entries in a shard, 1 or more
	lasts  int64                                    // seconds after it was put in which every entry is over
	over   func(word word, value V, now int64) bool // now in milliseconds since 1970

	tidied atomic.Int64 // the second in which shards were tidied last
	next   atomic.Int64 // counts the shards that were tidied
}

// word is a hash with a mark in its lowest bits. An empty slot is 0, which no word with a hash is.
type word uint64

const (
	markBits = 14
	markMask = 1<<markBits - 1
)

func (w word) mark() int64 { return int64(w & markMask) } // 14 bits

// marked is the word of the same hash with another mark, of which the lowest bits count.
func (w word) marked(mark int64) word { return w&^markMask | word(mark&markMask) } // 14 bits

// flatShard is a part of the map with a lock of its own: a hash table with open addressing.
type flatShard[V any] struct {
	mu      sync.Mutex // guards the rest
	words   []word
	values  []V
	filled  int   // slots that are not empty, also those that are over
	used    int64 // the newest second in which a key was looked for
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

// newFlat returns a map of at most size entries, 1 or more. One of several shards can be full a little earlier. An entry is
// over when it has lasted, or earlier.
func newFlat[V any](size int, lasts time.Duration, over func(word word, value V, now int64) bool) *flat[V] {
	size = max(size, 1)
	shards := 1 << bits.Len(uint(max(size/flatShardSize, 1)-1)) // 0 or more
	f := &flat[V]{shards: make([]flatShard[V], shards), bound: (size + shards - 1) / shards, lasts: int64(lasts/time.Second) + 1, over: over}
	_, _ = rand.Read(f.secret[:]) // cannot fail
	return f
}

// shard locks the shard of a key, to be unlocked by the caller, and returns the key's word with it, whose mark is 0.
func (f *flat[V]) shard(key string, now time.Time) (s *flatShard[V], hash word) {
	f.tidy(now)
	var buffer [flatKeyBytes]byte
	sum := sha256.Sum256(append(append(buffer[:0], f.secret[:]...), key...))
	s = &f.shards[binary.LittleEndian.Uint64(sum[8:])%uint64(len(f.shards))]
	s.mu.Lock()
	f.lapse(s, now.Unix())
	s.used = max(s.used, now.Unix())
	return s, max(word(binary.LittleEndian.Uint64(sum[:])), markMask+1).marked(0)
}

// lapse empties a shard that nobody has used for so long that all of it is over. Marks and values tell times modulo
// something, so that entries which stay there long enough would seem to be new. The caller holds the shard.
func (f *flat[V]) lapse(s *flatShard[V], second int64) {
	if second-s.used > f.lasts {
		s.words, s.values, s.filled = nil, nil, 0
	}
}

// find returns the slot of a hash. known is false when the hash is not there, and the slot is then where it can be put, or
// -1. The caller holds the shard.
func (f *flat[V]) find(s *flatShard[V], hash word, now int64) (at int, known bool) {
	if len(s.words) == 0 {
		return -1, false
	}
	free := -1
	for at = home(hash, len(s.words)); s.words[at] != 0; at = s.after(at) {
		same := s.words[at].marked(0) == hash
		if !same && free >= 0 {
			continue
		}
		switch over := f.over(s.words[at], s.values[at], now); {
		case same && !over:
			return at, true
		case over && free < 0:
			free = at
		}
	}
	if free < 0 && s.filled < f.bound && float64(s.filled+1) <= flatMost*float64(len(s.words)) {
		free = at
	}
	return free, false
}

// add puts a word that is not there to the slot that find returned, or makes one. It returns false when the shard is full.
// The caller holds the shard.
func (f *flat[V]) add(s *flatShard[V], at int, word word, value V, now int64) bool {
	if at < 0 {
		if s.filled >= f.bound {
			if second := now / 1000; s.cleared != second {
				s.cleared = second
			} else {
				return false // looked for what is over a moment ago: a flood does not make it look all the time
			}
		}
		s.renew(f.live(now))
		if at, _ = f.find(s, word.marked(0), now); at < 0 {
			return false
		}
	}
	s.put(at, word, value)
	return true
}

// put writes to a slot. The caller holds the shard.
func (s *flatShard[V]) put(at int, word word, value V) {
	if s.words[at] == 0 {
		s.filled++
	}
	s.words[at], s.values[at] = word, value
}

// renew makes the shard anew with the entries that are kept, and with room for more. The caller holds the shard.
func (s *flatShard[V]) renew(keep func(word, V) bool) {
	size := int(float64(s.count(keep))/flatFill) + flatSpare
	words, values := s.words, s.values
	s.words, s.values, s.filled = make([]word, size), make([]V, size), 0
	for i, word := range words {
		if word == 0 || !keep(word, values[i]) {
			continue
		}
		at := home(word, size)
		for s.words[at] != 0 {
			at = s.after(at)
		}
		s.put(at, word, values[i])
	}
}

// count counts the entries that are kept. The caller holds the shard.
func (s *flatShard[V]) count(keep func(word, V) bool) (count int) {
	for i, word := range s.words {
		if word != 0 && keep(word, s.values[i]) {
			count++
		}
	}
	return count
}

// forget takes away the quarter of highest age, one entry at least, and what has the same age as the last of them. The
// caller holds the shard.
func (s *flatShard[V]) forget(age func(V) int64) {
	var ages []int64
	for i, word := range s.words {
		if word != 0 {
			ages = append(ages, age(s.values[i]))
		}
	}
	slices.Sort(ages)
	oldest := ages[len(ages)-max(len(ages)/4, 1)]
	s.renew(func(_ word, value V) bool { return age(value) < oldest })
}

// home is where the search for a hash begins, among so many slots: its mark plays no part.
func home(hash word, slots int) int {
	at, _ := bits.Mul64(uint64(hash.marked(0)), uint64(slots)) // 0 or more
	return int(at)                                             // less than slots
}

// after is the next slot: the first one follows the last.
func (s *flatShard[V]) after(at int) int {
	if at++; at < len(s.words) {
		return at
	}
	return 0
}

// live is what renew and count keep: what is not over.
func (f *flat[V]) live(now int64) func(word, V) bool {
	return func(word word, value V) bool { return !f.over(word, value, now) }
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
		f.lapse(s, second)
		if float64(s.count(keep)) < flatShrink*float64(len(s.words)-flatSpare) {
			s.renew(keep)
		}
		s.mu.Unlock()
	}
}
