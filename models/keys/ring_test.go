package keys_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/models/keys"
)

// newRing reads its clock from at.
func newRing(t *testing.T, at *time.Time, masterKey []byte) *keys.Ring {
	t.Helper()
	return keys.NewRing(keys.Config{
		Issuer: "https://id.example", Now: func() time.Time { return *at }, Rand: rand.Reader, MasterKey: masterKey,
	})
}

// newSet makes a ring and one key for each that there must be; identifiers are like "audit-next".
func newSet(t *testing.T) (*keys.Ring, *time.Time, []keys.Key) {
	t.Helper()
	at := new(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	ring := newRing(t, at, master(1))
	var list []keys.Key
	for _, want := range keys.Missing(nil) {
		list = append(list, generate(t, ring, want))
	}
	return ring, at, list
}

func generate(t *testing.T, ring *keys.Ring, want keys.Wanted) keys.Key {
	t.Helper()
	key, err := ring.Generate(string(want.Purpose)+"-"+string(want.Status), want)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// without leaves out one key.
func without(list []keys.Key, id string) []keys.Key {
	return slices.DeleteFunc(slices.Clone(list), func(k keys.Key) bool { return k.ID == id })
}

// damaged changes what is sealed of one key.
func damaged(list []keys.Key, id string) []keys.Key {
	list = slices.Clone(list)
	for i := range list {
		if list[i].ID == id {
			list[i].Sealed = "AAAA"
		}
	}
	return list
}

func TestRingTakesItsKeys(t *testing.T) {
	ring, _, list := newSet(t)
	if err := ring.Take(list); err != nil {
		t.Fatal(err)
	}
	if got := ring.AccessTokenSigner().KeyID; got != "access-token-current" {
		t.Errorf("access tokens are signed by %q", got)
	}
	if log := ring.Log(); log.Signer.KeyID != "audit-current" || log.Issuer != "https://id.example" {
		t.Errorf("events are signed by %q of %q", log.Signer.KeyID, log.Issuer)
	}
	secrets := []string{
		string(ring.MACKey(keys.UserCode)), string(ring.MACKey(keys.DocumentNumber)), string(ring.Nonces().Key),
	}
	for _, secret := range secrets {
		if len(secret) != 32 {
			t.Errorf("an HMAC key has %d bytes", len(secret))
		}
	}
	slices.Sort(secrets)
	if len(slices.Compact(secrets)) != 3 {
		t.Error("two purposes share an HMAC key")
	}
}

// An unreadable or missing key stops the start and is never replaced.
func TestRingRefuses(t *testing.T) {
	_, at, list := newSet(t)
	moved := slices.Clone(list) // the sealed secret of the next key in the row of the current one
	moved[0].Sealed = list[1].Sealed
	for _, test := range []struct {
		name  string
		list  []keys.Key
		cause string
	}{
		{"no keys", nil, "a key that signs is missing"},
		{"no key for access tokens", without(list, "access-token-current"), "a key that signs is missing"},
		{"no key for events", without(list, "audit-current"), "a key that signs is missing"},
		{"no key for user codes", without(list, "user-code-current"), "the key for user-code is missing"},
		{"no key for document numbers", without(list, "document-number-current"), "the key for document-number is missing"},
		{"a damaged current key", damaged(list, "audit-current"), keys.ErrMasterKey.Error()},
		{"a damaged next key", damaged(list, "audit-next"), keys.ErrMasterKey.Error()},
		{"a damaged HMAC key", damaged(list, "dpop-nonce-current"), keys.ErrMasterKey.Error()},
		{"a key in another row", moved, keys.ErrMasterKey.Error()},
	} {
		err := newRing(t, at, master(1)).Take(test.list)
		if err == nil || !strings.Contains(err.Error(), test.cause) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if err := newRing(t, at, master(2)).Take(list); !errors.Is(err, keys.ErrMasterKey) {
		t.Errorf("another master key: %v", err)
	}
}

// A key for nonces that is missing is no reason to stop: nothing stored depends on it.
func TestRingDoesWithoutWhatCanBeMade(t *testing.T) {
	ring, _, list := newSet(t)
	list = without(without(without(list, "dpop-nonce-current"), "audit-next"), "access-token-next")
	if err := ring.Take(list); err != nil {
		t.Fatal(err)
	}
	want := []keys.Wanted{
		{Purpose: keys.AccessToken, Status: keys.Next}, {Purpose: keys.Audit, Status: keys.Next},
		{Purpose: keys.DPoPNonce, Status: keys.Current},
	}
	if got := keys.Missing(list); !slices.Equal(got, want) {
		t.Errorf("missing %v, want %v", got, want)
	}
}
