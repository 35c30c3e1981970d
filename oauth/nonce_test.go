package oauth_test

import (
	"bytes"
	"encoding/base64"
	"testing"
	"time"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

func nonces(key byte) oauth.Nonces { return oauth.Nonces{Key: bytes.Repeat([]byte{key}, 32)} }

// turn is the beginning of an interval of nonces.
var turn = now.Truncate(oauth.NonceInterval)

// RFC 9449 §8: the nonce of an interval is good in it and for NonceLife after it, and then no
// more. A process whose clock is a little ahead is believed, one that is far ahead not.
func TestNonces(t *testing.T) {
	n := nonces(1)
	nonce := n.Current(turn)
	for _, tc := range []struct {
		at   time.Duration
		good bool
	}{
		{-11 * time.Second, false}, {-10 * time.Second, true}, {0, true}, {oauth.NonceInterval, true},
		{oauth.NonceInterval + oauth.NonceLife - time.Second, true},
		{oauth.NonceInterval + oauth.NonceLife, false}, {24 * time.Hour, false},
	} {
		if got := n.Accepts(nonce, turn.Add(tc.at)); got != tc.good {
			t.Errorf("accepted %s after its interval began: %t", tc.at, got)
		}
	}
	if n.Current(turn.Add(oauth.NonceInterval-time.Second)) != nonce {
		t.Error("the nonce changes within its interval")
	}
	for name, other := range map[string]string{
		"empty": "", "of another key": nonces(2).Current(turn), "cut off": nonce[:21], "with more": nonce + "A",
	} {
		if n.Accepts(other, turn) {
			t.Errorf("a nonce that is %s was accepted", name)
		}
	}
}

// RFC 9449 §8: nonces are not predictable: 128 bits, of the key and the time alone, no two alike.
// Whatever the time within an interval, the nonces that are good then are made once, and are those of a server that remembers none.
func TestNoncesAreMadeOnce(t *testing.T) {
	key := bytes.Repeat([]byte{9}, 32)
	remembering, plain := oauth.NewNonces(key), oauth.Nonces{Key: key}
	for passed := time.Duration(0); passed <= 2*oauth.NonceInterval; passed += time.Second {
		now := time.Unix(1_790_000_100, 0).Add(passed)
		for ago := -20 * time.Second; ago <= 12*time.Minute; ago += 20 * time.Second {
			nonce := plain.Current(now.Add(-ago))
			if got, want := remembering.Accepts(nonce, now), plain.Accepts(nonce, now); got != want {
				t.Fatalf("%s into it, one of %s ago: accepted %t, want %t", passed, ago, got, want)
			}
		}
		if made := testing.AllocsPerRun(2, func() { remembering.Accepts(remembering.Current(now), now) }); made != 0 {
			t.Fatalf("%s into it: %v allocations", passed, made)
		}
	}
}

func TestNoncesAreUnpredictable(t *testing.T) {
	seen := map[string]bool{}
	for key := range byte(20) {
		for i := range time.Duration(50) {
			nonce := nonces(key).Current(turn.Add(i * oauth.NonceInterval))
			if raw, err := base64.RawURLEncoding.DecodeString(nonce); err != nil || len(raw) != 16 || seen[nonce] {
				t.Fatalf("nonce %q: %v, seen %t", nonce, err, seen[nonce])
			}
			seen[nonce] = true
		}
	}
}

// RFC 9449 §4.3 (10), §8: only a proof that is right in everything else is told to use a nonce.
func TestVerifyDPoPProofNonce(t *testing.T) {
	n := nonces(1)
	rules := proofRules
	rules.Nonces = &n
	fresh, old := n.Current(now), n.Current(now.Add(-oauth.NonceInterval-oauth.NonceLife))
	for name, tc := range map[string]struct {
		header, claims object
		code           string
	}{
		"the current nonce":          {claims: object{"nonce": fresh}},
		"the one before":             {claims: object{"nonce": n.Current(now.Add(-oauth.NonceInterval))}},
		"none":                       {code: oauth.ErrUseDPoPNonce},
		"an empty one":               {claims: object{"nonce": ""}, code: oauth.ErrUseDPoPNonce},
		"an old one":                 {claims: object{"nonce": old}, code: oauth.ErrUseDPoPNonce},
		"one of the future":          {claims: object{"nonce": n.Current(now.Add(2 * oauth.NonceInterval))}, code: oauth.ErrUseDPoPNonce},
		"another server's":           {claims: object{"nonce": nonces(2).Current(now)}, code: oauth.ErrUseDPoPNonce},
		"no string":                  {claims: object{"nonce": 1}, code: oauth.ErrInvalidDPoPProof},
		"none, and too old":          {claims: object{"iat": at(-oauth.DPoPWindow)}, code: oauth.ErrInvalidDPoPProof},
		"none, and another URL":      {claims: object{"htu": issuer + "/x"}, code: oauth.ErrInvalidDPoPProof},
		"a good one, and no typ":     {header: object{"typ": nil}, claims: object{"nonce": fresh}, code: oauth.ErrInvalidDPoPProof},
		"a good one, another method": {claims: object{"nonce": fresh, "htm": "GET"}, code: oauth.ErrInvalidDPoPProof},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.VerifyDPoPProof([]string{proof(t, tc.header, tc.claims)}, rules)
			if tc.code == "" {
				accepted(t, err)
				if got.Nonce != tc.claims["nonce"] {
					t.Errorf("nonce %q", got.Nonce)
				}
				return
			}
			if err == nil || err.Code != tc.code || err.Status() != 400 {
				t.Errorf("refused with %v, want %s", err, tc.code)
			}
		})
	}
	forged := sign(t, jose.ES256, ecKey(), proofHeader.With(object{"jwk": public(ecKey())}), toJSON(proofClaims))
	if _, err := oauth.VerifyDPoPProof([]string{forged + "x"}, rules); err == nil || err.Code != oauth.ErrInvalidDPoPProof {
		t.Errorf("a broken signature is answered %v", err)
	}
}
