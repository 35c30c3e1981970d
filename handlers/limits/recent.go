package limits

import "hash/maphash"

// maxKeys bounds the memory of one kind of limit: the bucket that was used least
// recently is forgotten first. A sender with more networks than this is not limited.
const maxKeys = 50_000

// recent is the buckets that were used last, by a hash of their keys whose seed is the
// process's own: nobody can choose keys that meet. There are no pointers in it for the
// garbage collector to follow, and no keys: at most 80 bytes for each, 4 MB for all.
type recent struct {
	seed    maphash.Seed
	at      map[uint64]uint32 // hash of a key → place of its bucket
	buckets []bucket          // 0 is none: newest.newer and oldest.older
	newest  uint32
	oldest  uint32
}

// bucket is what is known of a key.
type bucket struct {
	hash         uint64
	free         int64 // when all places are free again, in nanoseconds since 1970
	newer, older uint32
}

func newRecent() recent {
	return recent{seed: maphash.MakeSeed(), at: map[uint64]uint32{}, buckets: make([]bucket, 1)}
}

// find returns the key's bucket, which is the newest from now on, nil: it has none. The
// bucket is good until the next call.
func (r *recent) find(key string) *bucket {
	place, known := r.at[maphash.String(r.seed, key)]
	if !known {
		return nil
	}
	r.takeOut(place)
	r.putFirst(place)
	return &r.buckets[place]
}

// add makes a bucket for a key that has none. It takes the memory of the oldest when that
// is all free at that time, or when there are as many as may be.
func (r *recent) add(key string, now int64) *bucket {
	place, hash := r.oldest, maphash.String(r.seed, key)
	if place != 0 && (r.buckets[place].free <= now || len(r.at) >= maxKeys) {
		delete(r.at, r.buckets[place].hash)
		r.takeOut(place)
	} else {
		place = uint32(len(r.buckets)) // at most maxKeys
		r.buckets = append(r.buckets, bucket{})
	}
	r.buckets[place] = bucket{hash: hash}
	r.at[hash] = place
	r.putFirst(place)
	return &r.buckets[place]
}

func (r *recent) takeOut(place uint32) {
	b := r.buckets[place]
	if b.newer == 0 {
		r.newest = b.older
	} else {
		r.buckets[b.newer].older = b.older
	}
	if b.older == 0 {
		r.oldest = b.newer
	} else {
		r.buckets[b.older].newer = b.newer
	}
}

func (r *recent) putFirst(place uint32) {
	b := &r.buckets[place]
	b.newer, b.older = 0, r.newest
	if r.newest == 0 {
		r.oldest = place
	} else {
		r.buckets[r.newest].newer = place
	}
	r.newest = place
}
