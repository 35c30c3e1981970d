package models

import "time"

// Instant is a point in time as the database keeps it: Unix milliseconds, UTC.
// Zero means "not yet" or "never".
type Instant int64

// At converts a time; anything finer than a millisecond is cut off.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time is the instant in UTC; the zero Time when the instant is unset.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(i)).UTC()
}

// Add moves the instant by d.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Milliseconds()) }

// Seconds is the instant as a NumericDate (RFC 7519 §2), cut off to whole seconds.
func (i Instant) Seconds() int64 { return int64(i) / 1000 }

// secondsPointer is what an audit fact wants: unset when the instant is.
func (i Instant) secondsPointer() *int64 {
	if i == 0 {
		return nil
	}
	s := i.Seconds()
	return &s
}
