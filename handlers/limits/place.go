package limits

import "time"

// Place is one place in the bucket of a key.
type Place struct {
	Of  *Buckets
	Key string
}

// Take takes every place or none, so that a request which one limit refuses spends
// nothing at another. When it takes none, it returns the longest wait and what there is
// too much of; otherwise "" and 0.
func (l *Limits) Take(places []Place, now time.Time) (what string, wait time.Duration) {
	l.together.Lock()
	defer l.together.Unlock()
	if what, wait = longest(places, now); wait > 0 {
		return what, wait
	}
	takeAll(places, now)
	return "", 0
}

// Wait returns the longest wait and what there is too much of, and takes no place.
func (l *Limits) Wait(places []Place, now time.Time) (what string, wait time.Duration) {
	return longest(places, now)
}

func longest(places []Place, now time.Time) (what string, wait time.Duration) {
	for _, p := range places {
		if w := p.Of.Wait(p.Key, now); w > wait {
			what, wait = p.Of.What(), w
		}
	}
	return what, wait
}

func takeAll(places []Place, now time.Time) {
	for _, p := range places {
		p.Of.Take(p.Key, now)
	}
}

// GiveBack undoes one Take of the same places.
func (l *Limits) GiveBack(places []Place, now time.Time) {
	for _, p := range places {
		p.Of.GiveBack(p.Key, now)
	}
}
