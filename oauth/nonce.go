package oauth

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"sync/atomic"
	"time"
)

const (
	// NonceInterval is how often the nonce changes.
	NonceInterval = 5 * time.Minute

	// NonceLife is how long a nonce is good at least after it was handed out: longer than a phone waits between two polls,
	// with a minute for its way, for timers that are late and for each slow_down.
	NonceLife = LongestPollInterval + time.Minute

	// nonceSkew is how far the clock of another process of the server may be ahead of ours.
	nonceSkew = 10 * time.Second

	// HeaderDPoPNonce is the response header of a nonce (RFC 9449 §8.1).
	HeaderDPoPNonce = "DPoP-Nonce"
)

// Nonces are a server's nonces for DPoP proofs (RFC 9449 §8, §9). A nonce is derived from a key and the time: whoever
// has not the key cannot tell the next one, nothing has to be stored, and every process with the key knows the nonces of
// the others.
type Nonces struct {
	Key []byte // 32 random bytes, for this purpose alone

	made *atomic.Pointer[madeNonces] // nil: each is made anew
}

// NewNonces returns the nonces of a key, which remember those that are good now: each proof is held to two or three of them.
func NewNonces(key []byte) Nonces { return Nonces{Key: key, made: new(atomic.Pointer[madeNonces])} }

// nonceIntervals are how many intervals before the current one have nonces that may still be good.
const nonceIntervals = int64((NonceLife + NonceInterval - 1) / NonceInterval)

// madeNonces are those that may be good in the interval of this number: of the ones before it, its own, and that of the next.
type madeNonces struct {
	number int64
	texts  [nonceIntervals + 2]string
}

// Current is the nonce to hand out now.
func (n Nonces) Current(now time.Time) string { return n.at(bucket(now), bucket(now)) }

// Accepts says whether nonce was the current one within NonceLife. One that another process has just begun to hand out, by
// a clock that is a little ahead, is good as well.
func (n Nonces) Accepts(nonce string, now time.Time) bool {
	good := 0
	for b := bucket(now.Add(-NonceLife)); b <= bucket(now.Add(nonceSkew)); b++ {
		good |= subtle.ConstantTimeCompare([]byte(nonce), []byte(n.at(bucket(now), b)))
	}
	return good == 1
}

// at is the nonce of an interval, seen from the interval now.
func (n Nonces) at(now, bucket int64) string {
	if n.made == nil {
		return n.derive(bucket)
	}
	made := n.made.Load()
	if made == nil || made.number != now {
		made = &madeNonces{number: now}
		for i := range made.texts {
			made.texts[i] = n.derive(now - nonceIntervals + int64(i))
		}
		n.made.Store(made)
	}
	return made.texts[bucket-now+nonceIntervals]
}

func (n Nonces) derive(bucket int64) string {
	mac := hmac.New(sha256.New, n.Key)
	mac.Write(binary.BigEndian.AppendUint64([]byte("DPoP nonce\x00"), uint64(bucket)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

func bucket(t time.Time) int64 { return t.Unix() / int64(NonceInterval/time.Second) }
