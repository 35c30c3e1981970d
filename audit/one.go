package audit

import (
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// VerifyEntry holds one entry against the same rules as Verify does, but for its place in the log, and returns its event.
// The error is for people and holds no value from the entry's facts.
func VerifyEntry(e Entry, issuer string, keys jose.JSONWebKeySet) (Event, error) {
	return VerifyNamedEntry(e, issuer, keys, nil)
}

// VerifyNamedEntry is VerifyEntry for a log whose events name its keys: named is as for VerifyNamed. Errors: *FaultError,
// UnnamedKeyError.
func VerifyNamedEntry(e Entry, issuer string, keys jose.JSONWebKeySet, named map[string]int64) (Event, error) {
	v := verifier{judge: NewJudge(issuer, keys, named)}
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

// Fault is in which way an entry is not what Append wrote, for pages that say so in their own words.
type Fault string

// The faults, in the order in which they are looked for. A key that signs too early is an UnnamedKeyError.
const (
	FaultToken     Fault = "token"     // it is no token of ours at all
	FaultKey       Fault = "key"       // the key that it names is none of the log's
	FaultSignature Fault = "signature" // it was changed after it was signed, or somebody else signed it
	FaultClaims    Fault = "claims"    // it was signed, and says what no event with this number says
	FaultRow       Fault = "row"       // the columns beside it say something else
)

// FaultError is a fault with the words of the verifier, which hold no value from the entry's facts.
type FaultError struct {
	Fault Fault
	Err   error
}

func (e *FaultError) Error() string { return e.Err.Error() }

// Unwrap returns the words alone.
func (e *FaultError) Unwrap() error { return e.Err }
