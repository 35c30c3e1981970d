package deviceclient_test

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"countersign/oauth/deviceclient"
)

// docs/presence-proof.md, the phone's side: made offline, for the code on the screen, new every time.
func TestPresence(t *testing.T) {
	p := newPeer(t)
	ph := waiting(t, p)
	p.server.Close() // no network from here on
	moment := time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC)
	proof, err := ph.Presence(moment)
	must(t, err)
	text, found := strings.CutPrefix(proof.Reveal(), "PRES1")
	jwt, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	must(t, err)
	jwt, check := jwt[:len(jwt)-4], jwt[len(jwt)-4:]
	if sum := sha256.Sum256(jwt); string(sum[:4]) != string(check) {
		t.Error("its check bytes are not those of docs/presence-proof.md")
	}
	header, claims := p.open(string(jwt))
	if !found || header.ExtraHeaders["typ"] != "presence+jwt" || header.Algorithm != "ES256" || header.KeyID != "" {
		t.Errorf("header %+v", header)
	}
	want := map[string]any{"iss": ph.State.ClientID, "aud": p.server.URL,
		"user_code": strings.ReplaceAll(ph.State.Authorization.UserCode.Reveal(), "-", ""),
		"iat":       float64(moment.Unix()), "exp": float64(moment.Unix() + 60), "jti": claims["jti"]}
	if fmt.Sprint(claims) != fmt.Sprint(want) {
		t.Errorf("claims %v, want %v", claims, want)
	}
	next, err := ph.Presence(moment)
	must(t, err)
	if next == proof {
		t.Error("the same proof twice")
	}
	wantNoSecret(t, fmt.Sprintf("%v %+v %q", proof, proof, proof))
	if strings.Contains(fmt.Sprint(proof), "PRES1") {
		t.Error("a proof prints")
	}
}

func TestPresenceNeedsARequest(t *testing.T) {
	if _, err := (&deviceclient.Client{Issuer: "https://counter.example"}).Presence(time.Now()); !errors.Is(err,
		deviceclient.ErrNotRegistered) {
		t.Errorf("not registered: %v", err)
	}
	p := newPeer(t)
	ph := waiting(t, p)
	ph.State.Authorization = nil
	if _, err := ph.Presence(time.Now()); !errors.Is(err, deviceclient.ErrNothingToProve) {
		t.Errorf("no request: %v", err)
	}
}
