package oauth_test

import (
	"math"
	"testing"
	"time"

	"countersign/oauth"
)

// RFC 8628 §3.2: the interval is what many phones have to wait so that all of them together poll no more often than they
// are to, between the operator's interval and the longest.
func TestPollInterval(t *testing.T) {
	for _, c := range []struct {
		name    string
		least   time.Duration
		pollers float64
		want    time.Duration
	}{
		{"nobody", 30 * time.Second, 0, 30 * time.Second},
		{"as many as the operator's interval serves", 30 * time.Second, 15_000, 30 * time.Second},
		{"one more: whole seconds, rounded up", 30 * time.Second, 15_001, 31 * time.Second},
		{"twice as many", 30 * time.Second, 30_000, time.Minute},
		{"as many as the longest serves", 30 * time.Second, 150_000, oauth.LongestPollInterval},
		{"more than that", 30 * time.Second, 10_000_000, oauth.LongestPollInterval},
		{"more than can be counted", 30 * time.Second, math.Inf(1), oauth.LongestPollInterval},
		{"no number", 30 * time.Second, math.NaN(), 30 * time.Second},
		{"an operator's that is longer", time.Hour, 10_000_000, time.Hour},
		{"an operator's that is short", time.Second, 15_000, 30 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := oauth.PollInterval(c.least, c.pollers, 500); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
	if got := oauth.PollInterval(interval, 1_000_000, 0); got != interval {
		t.Errorf("%s where load plays no part", got)
	}
}

// RFC 9449 §8: whatever the load, a phone's next poll finds its nonce good.
func TestNoIntervalIsLongerThanANonceLives(t *testing.T) {
	if oauth.LongestPollInterval >= oauth.NonceLife {
		t.Errorf("an interval of %s, and a nonce may be over after %s", oauth.LongestPollInterval, oauth.NonceLife)
	}
}

// polling has phones poll by each second's end: as many as count, each at its interval.
func polling(load *oauth.PollLoad, count int, interval time.Duration, from time.Time, length time.Duration) time.Time {
	seconds := int(interval / time.Second)
	for second := range int(length / time.Second) {
		from = from.Add(time.Second)
		for range count*(second+1)/seconds - count*second/seconds {
			load.Polled(interval, from)
		}
	}
	return from
}

func closeTo(t *testing.T, what string, got, want, part float64) {
	t.Helper()
	if math.Abs(got-want) > part*want {
		t.Errorf("%s: %.0f, want %.0f within %.0f %%", what, got, want, part*100)
	}
}

// The estimate is right whatever the intervals, also of phones with different ones.
func TestPollLoad(t *testing.T) {
	for _, interval := range []time.Duration{5 * time.Second, 30 * time.Second, oauth.LongestPollInterval} {
		load := oauth.NewPollLoad(now)
		at := polling(load, 3000, interval, now, 20*time.Minute)
		closeTo(t, interval.String(), load.Pollers(at), 3000, 0.02)
	}
	mixed, at := oauth.NewPollLoad(now), now
	for range 20 * 60 {
		at = at.Add(time.Second)
		for range 30 {
			mixed.Polled(30*time.Second, at) // 900 phones
		}
		mixed.Polled(oauth.LongestPollInterval, at) // 300 phones
	}
	closeTo(t, "900 and 300", mixed.Pollers(at), 1200, 0.02)
}

// After a restart it is right within a minute, and one early poll of a phone with a long interval says nothing.
func TestPollLoadAfterARestart(t *testing.T) {
	load := oauth.NewPollLoad(now)
	load.Polled(oauth.LongestPollInterval, now)
	if got := load.Pollers(now); got > 11 {
		t.Errorf("one poll is taken for %.0f phones", got)
	}
	load = oauth.NewPollLoad(now)
	at := polling(load, 30_000, oauth.LongestPollInterval, now, time.Minute)
	closeTo(t, "after a minute", load.Pollers(at), 30_000, 0.05)
}

// Who polls no more is forgotten, and a clock that steps back breaks nothing.
func TestPollLoadFades(t *testing.T) {
	load := oauth.NewPollLoad(now)
	at := polling(load, 1000, interval, now, 20*time.Minute)
	back := load.Pollers(at.Add(-time.Hour))
	closeTo(t, "an hour back", back, 1000, 0.02)
	if got := load.Pollers(at.Add(time.Hour)); got > 1 {
		t.Errorf("%.1f phones an hour after the last poll", got)
	}
}

// Two processes behind a balancer see half the phones each, and promise the same interval as one with twice the rate.
func TestPollLoadOfTwoProcesses(t *testing.T) {
	whole, first, second := oauth.NewPollLoad(now), oauth.NewPollLoad(now), oauth.NewPollLoad(now)
	at := polling(whole, 40_000, time.Minute, now, 20*time.Minute)
	polling(first, 20_000, time.Minute, now, 20*time.Minute)
	polling(second, 20_000, time.Minute, now, 20*time.Minute)
	want := oauth.PollInterval(interval, whole.Pollers(at), 400)
	for _, load := range []*oauth.PollLoad{first, second} {
		if got := oauth.PollInterval(interval, load.Pollers(at), 200); (got - want).Abs() > time.Second {
			t.Errorf("%s, and one process promises %s", got, want)
		}
	}
}
