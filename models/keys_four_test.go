package models

import (
	"crypto/rand"
	"encoding/base64"
	"testing"
	"time"

	"countersign/models/keys"
)

// Login hints, former contacts and links have keys of their own; what was made with the key
// of user codes is found and opened until it ends.
func TestFourUsesHaveFourKeys(t *testing.T) {
	ring := keys.NewRing(keys.Config{
		Issuer: "https://id.example", Now: time.Now, Rand: rand.Reader, MasterKey: make([]byte, keys.MasterKeySize),
	})
	var active []keys.Key
	for _, want := range keys.Missing(nil) {
		key, err := ring.Generate(string(want.Purpose)+string(want.Status), want)
		if err != nil {
			t.Fatal(err)
		}
		active = append(active, key)
	}
	if err := ring.Take(active); err != nil {
		t.Fatal(err)
	}
	s := &Store{keys: ring}
	macs := map[string]bool{}
	for _, purpose := range []keys.Purpose{keys.UserCode, keys.LoginHint, keys.FormerContact, keys.Repudiation} {
		macs[string(s.mac(purpose, "text"))] = true
	}
	if len(macs) != 4 {
		t.Errorf("%d keys for four uses", len(macs))
	}
	hint := "anna@example.org"
	if hints := s.loginHintMACs(hint); hints[0] == hints[1] ||
		hints[0] != base64.RawURLEncoding.EncodeToString(s.mac(keys.LoginHint, "login_hint\x00"+hint)) {
		t.Errorf("hints %q", hints)
	}
	for _, purpose := range []keys.Purpose{keys.Repudiation, keys.UserCode} {
		if id, err := s.noticeOfLink(s.repudiationTokenBy(purpose, "n1")); err != nil || id != "n1" {
			t.Errorf("a link by %s: %q, %v", purpose, id, err)
		}
	}
	if _, err := s.noticeOfLink(s.repudiationTokenBy(keys.LoginHint, "n1")); err == nil {
		t.Error("a link by a key for something else")
	}
	for _, purpose := range []keys.Purpose{keys.FormerContact, keys.UserCode} {
		sealed, err := keys.Seal(rand.Reader, s.formerContactKey(purpose), []byte("anna"), formerContactLabel("n1"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.formerContact(Notice{ID: "n1", FormerContact: sealed}); err != nil || got != "anna" {
			t.Errorf("a contact by %s: %q, %v", purpose, got, err)
		}
	}
}
