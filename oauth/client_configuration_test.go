package oauth_test

import (
	"strings"
	"testing"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// RFC 7592 §2.2: an update carries the client_id, and nothing that only the server may say.
func TestCheckClientUpdate(t *testing.T) {
	update := func(changes object) []byte {
		return []byte(toJSON(registration(public(ecKey())).With(object{"client_id": "abc"}).With(changes)))
	}
	accepted(t, oauth.CheckClientUpdate(update(nil), "abc"))
	for _, name := range []string{
		"registration_access_token", "registration_client_uri", "client_secret", "client_secret_expires_at", "client_id_issued_at",
	} {
		refused(t, oauth.CheckClientUpdate(update(object{name: "x"}), "abc"), oauth.ErrInvalidRequest)
		refused(t, oauth.CheckClientUpdate(update(object{name: (*int)(nil)}), "abc"), oauth.ErrInvalidRequest)
	}
	for name, id := range map[string]any{"no client_id": nil, "another's": "abd", "a number": 1, "null": (*int)(nil)} {
		t.Run(name, func(t *testing.T) {
			refused(t, oauth.CheckClientUpdate(update(object{"client_id": id}), "abc"), oauth.ErrInvalidRequest)
		})
	}
	for _, body := range []string{"", "null", "[]", "x", `{"a":"` + strings.Repeat("x", 17<<10) + `"}`} {
		if oauth.CheckClientUpdate([]byte(body), "abc") == nil {
			t.Errorf("%.20q was accepted", body)
		}
	}
}

// A signature tells a new key from a wrong assertion, whatever the claims say.
func TestSignedBy(t *testing.T) {
	raw := sign(t, jose.ES256, ecKey(), object{"typ": oauth.TypeClientAuthentication}, `{"sub":"abc"}`)
	if !oauth.SignedBy(raw, keySet(public(ecKey()))) || oauth.SignedBy(raw, keySet(public(otherECKey()))) ||
		oauth.SignedBy("x", keySet(public(ecKey()))) {
		t.Error("the signature was misjudged")
	}
}

// draft-richer-oauth-instance-00 §2: an edited label keeps to the rules of the instance name.
func TestCheckLabel(t *testing.T) {
	for _, label := range []string{"Anna's phone", strings.Repeat("é", 64)} {
		accepted(t, oauth.CheckLabel(label))
	}
	for _, label := range []string{"", "  ", strings.Repeat("é", 65), "a\u202eb", "a\nb", "a\u200bb", "\xff"} {
		refused(t, oauth.CheckLabel(label), oauth.ErrInvalidRequest)
	}
}
