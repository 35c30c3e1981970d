package audit

import (
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// VerifyEntry holds one entry against the same rules as Verify does, but for its place in the log, and returns its event.
// The error is for people and holds no value from the entry's facts.
func VerifyEntry(e Entry, issuer string, keys jose.JSONWebKeySet) (Event, error) {
	v := verifier{judge: NewJudge(issuer, keys, nil)}
	if err := v.entry(e.columns()); err != nil {
		return Event{}, err
	}
	return e.Decode()
}

// UnnamedKeyError is about a key that signs before the log says that it may.
type UnnamedKeyError string

func (e UnnamedKeyError) Error() string {
	return fmt.Sprintf("key %q signs, but no event that its predecessor signed named it before", string(e))
}
