package keys_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"countersign/models/keys"
)

// rotated is list after the next audit key became the current one.
func rotated(t *testing.T, ring *keys.Ring, list []keys.Key) []keys.Key {
	t.Helper()
	list = without(list, "audit-current")
	for i := range list {
		if list[i].ID == "audit-next" {
			list[i].Status = keys.Current
		}
	}
	newest, err := ring.Generate("audit-newest", keys.Wanted{Purpose: keys.Audit, Status: keys.Next})
	if err != nil {
		t.Fatal(err)
	}
	return append(list, newest)
}

func TestRingLooksAgainAfterAMinute(t *testing.T) {
	ring, at, list := newSet(t)
	reads := 0
	read := func() ([]keys.Key, error) { reads++; return list, nil }
	if err := ring.Refresh(read); err != nil || reads != 0 {
		t.Fatalf("read %d times before the start, %v", reads, err)
	}
	if err := ring.Take(list); err != nil {
		t.Fatal(err)
	}
	list = rotated(t, ring, list)
	for _, step := range []struct {
		after  time.Duration
		reads  int
		signer string
	}{
		{0, 0, "audit-current"},
		{keys.ReloadInterval - time.Second, 0, "audit-current"},
		{time.Second, 1, "audit-next"},
		{time.Second, 1, "audit-next"},
		{-time.Hour, 2, "audit-next"}, // the clock was set back
	} {
		*at = at.Add(step.after)
		if err := ring.Refresh(read); err != nil || reads != step.reads || ring.Log().Signer.KeyID != step.signer {
			t.Errorf("after %s: read %d times, signs with %s, %v", step.after, reads, ring.Log().Signer.KeyID, err)
		}
	}
}

// A next key that does not open is told, and the process signs on. A current one stops it.
func TestRingWithAKeyThatDoesNotOpen(t *testing.T) {
	ring, at, list := newSet(t)
	if err := ring.Take(list); err != nil {
		t.Fatal(err)
	}
	list = rotated(t, ring, list)
	bad := damaged(list, "audit-newest")
	read := func() ([]keys.Key, error) { return bad, nil }
	if err := ring.Reload(read); !errors.Is(err, keys.ErrMasterKey) {
		t.Errorf("no complaint of the next key: %v", err)
	}
	*at = at.Add(keys.ReloadInterval)
	if err := ring.Refresh(read); err != nil || ring.Log().Signer.KeyID != "audit-next" {
		t.Errorf("signs with %s, %v", ring.Log().Signer.KeyID, err)
	}
	bad = rotated(t, ring, list)
	bad[slices.IndexFunc(bad, func(k keys.Key) bool { return k.ID == "audit-next" })].ID = "audit-unknown"
	*at = at.Add(keys.ReloadInterval)
	if err := ring.Refresh(read); !errors.Is(err, keys.ErrMasterKey) {
		t.Errorf("took a current key that does not open: %v", err)
	}
}

func TestRingKeepsWhatItHasWhenReadingFails(t *testing.T) {
	ring, _, list := newSet(t)
	if err := ring.Take(list); err != nil {
		t.Fatal(err)
	}
	fault := errors.New("the database is away")
	if err := ring.Reload(func() ([]keys.Key, error) { return nil, fault }); !errors.Is(err, fault) {
		t.Errorf("error %v", err)
	}
	if ring.Log().Signer.KeyID != "audit-current" {
		t.Error("the key that signs is gone")
	}
}

func TestRingResealsForAnotherMasterKey(t *testing.T) {
	ring, at, list := newSet(t)
	for i := range list {
		sealed, err := ring.Reseal(list[i], master(2))
		if err != nil {
			t.Fatal(err)
		}
		list[i].Sealed = sealed
	}
	if err := ring.Check(list[0]); !errors.Is(err, keys.ErrMasterKey) {
		t.Errorf("the old master key still opens: %v", err)
	}
	other := newRing(t, at, master(2))
	if err := other.Check(list[0]); err != nil {
		t.Error(err)
	}
	if err := other.Take(list); err != nil {
		t.Error(err)
	}
	if _, err := ring.Reseal(list[0], master(3)); !errors.Is(err, keys.ErrMasterKey) {
		t.Errorf("sealed what it cannot open: %v", err)
	}
}

func TestPublicSetIsPublic(t *testing.T) {
	_, _, list := newSet(t)
	set, err := keys.PublicSet(list[:2])
	if err != nil || len(set.Keys) != 2 {
		t.Fatalf("%d keys, %v", len(set.Keys), err)
	}
	for i, key := range set.Keys {
		if !key.IsPublic() || key.KeyID != list[i].ID || key.Algorithm != "ES256" || key.Use != "sig" {
			t.Errorf("key %d: %+v", i, key)
		}
	}
	if _, err := keys.PublicSet(list[len(list)-1:]); err == nil {
		t.Error("published an HMAC key")
	}
}
