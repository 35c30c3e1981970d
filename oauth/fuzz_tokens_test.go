package oauth_test

import (
	"testing"

	"countersign/oauth"
)

// docs/protocol.md §6 slow-and-huge: the resource reads access tokens from strangers. Only what this server signed is one.
func FuzzVerifyAccessToken(f *testing.F) {
	raw := must(oauth.SignAccessToken(token, signingKey()))
	f.Add(raw)
	f.Add(raw + "=")
	f.Add("..")
	f.Add(unsigned(object{"alg": "none", "typ": "at+jwt", "kid": "server-1"}, object{"iss": issuer, "aud": audience}, ""))
	f.Add(sign(f, "ES256", otherECKey(), object{"typ": "at+jwt", "kid": "server-1"}, toJSON(object{"iss": issuer, "cnf": nil})))
	f.Fuzz(func(t *testing.T, mutant string) {
		got, err := oauth.VerifyAccessToken(mutant, publicSigningKeys(), issuer, []string{audience}, now)
		if err == nil && got != token {
			t.Errorf("%q verified as %+v", mutant, got)
		}
	})
}

// RFC 7592 §2.2: an update that is accepted is the client's own and says nothing that only the server may say.
func FuzzCheckClientUpdate(f *testing.F) {
	f.Add([]byte(`{"client_id":"client-1"}`), clientID)
	f.Add([]byte(`{"client_id":"client-1","client_secret":null}`), clientID)
	f.Add([]byte(`{"client_id":"client-1","client_id":"client-2"}`), clientID)
	f.Add([]byte(`{"CLIENT_ID":"client-1"}`), clientID)
	f.Add([]byte("\xff"), "")
	f.Fuzz(func(t *testing.T, body []byte, id string) {
		if oauth.CheckClientUpdate(body, id) == nil && len(body) > oauth.MaxClientMetadata {
			t.Error("a body over the limit was accepted")
		}
	})
}
