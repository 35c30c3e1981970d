package oauth

import (
	"math"
	"sync"
	"time"
)

// LongestPollInterval is the most that load makes of the interval in a device authorization response. It is shorter than
// NonceLife: a client may wait for an interval between a challenge for a nonce and its next proof, and some end their
// polling at a second challenge in a row.
const LongestPollInterval = 5 * time.Minute

// PollInterval returns the interval for a device authorization response (RFC 8628 §3.2), in whole seconds: so long that
// pollers phones with this interval poll perSecond times a second, but never shorter than least, and never longer than
// LongestPollInterval unless least is. Without a perSecond above 0 it is least.
//
// Who waits already keeps the interval that they were told: only slow_down lengthens it (RFC 8628 §3.5). So while the
// number of pollers grows, all of them together poll up to 1 + ln(LongestPollInterval / least) times as often as perSecond.
func PollInterval(least time.Duration, pollers, perSecond float64) time.Duration {
	if perSecond <= 0 || math.IsNaN(pollers) {
		return least
	}
	seconds := math.Ceil(min(pollers/perSecond, LongestPollInterval.Seconds()))
	return max(least, time.Duration(seconds)*time.Second)
}

// loadLeast is how long a PollLoad takes itself to have watched when it is younger: what comes in its first moments says
// little.
const loadLeast = 30 * time.Second

// PollLoad estimates how many phones poll a process, by nothing but their polls: a phone with an interval of 60 seconds
// shows itself once in 60 seconds, and counts for 60 each time. So it knows of phones that poll, and not of those that are
// off; it needs no database; each of several processes knows its own share; and after a restart it is right within a
// minute. What is older than LongestPollInterval counts less and less. Make it with NewPollLoad.
type PollLoad struct {
	since time.Time

	mu     sync.Mutex // guards the rest
	at     time.Time
	weight float64 // seconds of intervals, as they count at that time
}

// NewPollLoad begins to watch at now.
func NewPollLoad(now time.Time) *PollLoad { return &PollLoad{since: now, at: now} }

// Polled counts a poll of a request with this interval.
func (l *PollLoad) Polled(interval time.Duration, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.decay(now)
	l.weight += interval.Seconds()
}

// Pollers returns the estimate at now.
func (l *PollLoad) Pollers(now time.Time) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.decay(now)
	watched := max(l.at.Sub(l.since), loadLeast)
	return l.weight / (LongestPollInterval.Seconds() * (1 - fade(watched)))
}

// decay brings the weight to now. A clock that steps back changes nothing.
func (l *PollLoad) decay(now time.Time) {
	if passed := now.Sub(l.at); passed > 0 {
		l.weight *= fade(passed)
		l.at = now
	}
}

// fade is what is left after that long of what counted 1.
func fade(passed time.Duration) float64 {
	return math.Exp(-passed.Seconds() / LongestPollInterval.Seconds())
}
