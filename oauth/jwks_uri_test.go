package oauth_test

import (
	"strings"
	"testing"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// RFC 7591 §2: jwks_uri in place of jwks, never beside it; docs/protocol.md §3.
func TestJWKSURIInPlaceOfJWKS(t *testing.T) {
	parse := func(changes object) (oauth.ClientMetadata, *oauth.Error) {
		return parsed(toJSON(registration(public(ecKey())).With(changes)))
	}
	got, err := parse(object{"jwks": nil, "jwks_uri": "https://client.example/jwks?i=1", "token_endpoint_auth_signing_alg": "EdDSA"})
	accepted(t, err)
	if got.JWKSURI != "https://client.example/jwks?i=1" || got.JWKS != nil || got.Thumbprint() != "" {
		t.Errorf("got %+v", got)
	}
	for name, changes := range map[string]object{
		"both":         {"jwks_uri": "https://client.example/jwks"},
		"both, null":   {"jwks_uri": "https://client.example/jwks", "jwks": (*int)(nil)},
		"http":         {"jwks": nil, "jwks_uri": "http://client.example/jwks"},
		"file":         {"jwks": nil, "jwks_uri": "file:///etc/passwd"},
		"relative":     {"jwks": nil, "jwks_uri": "/jwks"},
		"no host":      {"jwks": nil, "jwks_uri": "https:///jwks"},
		"only a port":  {"jwks": nil, "jwks_uri": "https://:443/jwks"},
		"a user":       {"jwks": nil, "jwks_uri": "https://user:secret@client.example/jwks"},
		"a fragment":   {"jwks": nil, "jwks_uri": "https://client.example/jwks#1"},
		"a line feed":  {"jwks": nil, "jwks_uri": "https://client.example/jwks\r\nHost: x"},
		"a blank":      {"jwks": nil, "jwks_uri": "https://client.example/jw ks"},
		"too long":     {"jwks": nil, "jwks_uri": "https://client.example/" + strings.Repeat("x", 500)},
		"empty":        {"jwks": nil, "jwks_uri": ""},
		"a number":     {"jwks": nil, "jwks_uri": 1},
		"another alg":  {"jwks": nil, "jwks_uri": "https://client.example/jwks", "token_endpoint_auth_signing_alg": "RS256"},
		"null instead": {"jwks": nil, "jwks_uri": (*int)(nil)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(changes)
			if name == "both, null" { // a null member is one that was left out
				accepted(t, err)
				return
			}
			refused(t, err, oauth.ErrInvalidClientMetadata)
		})
	}
}

func readFetchedKey(body []byte, algorithm string) (jose.JSONWebKeySet, *oauth.Error) {
	fetched, err := oauth.ReadFetchedKeys(body)
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	return fetched.Usable(algorithm)
}

// RFC 7591 §2: of what jwks_uri answers with, one key is usable, or two while one takes the other's place.
func TestReadFetchedKey(t *testing.T) {
	encryption := jose.JSONWebKey{Key: otherECKey().Public(), Use: "enc"}
	foreign := public(p384Key())
	got, err := readFetchedKey([]byte(toJSON(keySet(encryption, public(ecKey()), foreign))), "")
	accepted(t, err)
	if len(got.Keys) != 1 || toJSON(got.Keys[0]) != toJSON(public(ecKey())) {
		t.Errorf("got %s", toJSON(got))
	}
	got, err = readFetchedKey([]byte(toJSON(keySet(public(edKey()), public(ecKey())))), "EdDSA")
	accepted(t, err)
	if toJSON(got.Keys[0]) != toJSON(public(edKey())) {
		t.Errorf("by its algorithm: got %s", toJSON(got))
	}
	got, err = readFetchedKey([]byte(toJSON(keySet(public(otherECKey()), encryption, public(ecKey())))), "")
	accepted(t, err)
	if toJSON(got) != toJSON(keySet(public(otherECKey()), public(ecKey()))) {
		t.Errorf("old and new: got %s", toJSON(got))
	}
	many := keySet(public(ecKey()))
	for range 19 {
		many.Keys = append(many.Keys, encryption)
	}
	_, err = readFetchedKey([]byte(toJSON(many)), "")
	accepted(t, err) // 20 keys, one of them usable
	many.Keys = append(many.Keys, encryption)
	for name, body := range map[string]string{
		"nothing": "", "a page": "<html>", "no keys": toJSON(keySet()), "keys is text": `{"keys":"x"}`,
		"three usable":         toJSON(keySet(public(ecKey()), public(otherECKey()), public(edKey()))),
		"none usable":          toJSON(keySet(encryption, foreign)),
		"a private key":        toJSON(keySet(jose.JSONWebKey{Key: ecKey()})),
		"a shared secret":      toJSON(keySet(public(ecKey()), jose.JSONWebKey{Key: []byte("secret secret secret secret secr")})),
		"more than 20":         toJSON(many),
		"more than 64 KiB":     `{"keys":[],"x":"` + strings.Repeat("x", 64<<10) + `"}`,
		"of another algorithm": toJSON(keySet(public(rsaKey()))),
	} {
		t.Run(name, func(t *testing.T) {
			algorithm := ""
			if name == "of another algorithm" {
				algorithm = "ES256"
			}
			_, err := readFetchedKey([]byte(body), algorithm)
			refused(t, err, oauth.ErrInvalidClientMetadata)
		})
	}
}

func TestReadPublisherKeys(t *testing.T) {
	got, err := oauth.ReadPublisherKeys([]byte(toJSON(keySet(public(ecKey()), public(edKey()), public(rsaKey())))))
	accepted(t, err)
	if len(got.Keys) != 3 {
		t.Errorf("got %d keys", len(got.Keys))
	}
	many := keySet()
	for range 11 {
		many.Keys = append(many.Keys, public(ecKey()))
	}
	for name, body := range map[string]string{
		"nothing": "", "no key": toJSON(keySet()), "11 keys": toJSON(many),
		"a private key": toJSON(keySet(jose.JSONWebKey{Key: ecKey()})),
		"one unusable":  toJSON(keySet(public(ecKey()), public(p384Key()))),
		"only a key":    toJSON(public(ecKey())),
	} {
		if _, err := oauth.ReadPublisherKeys([]byte(body)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzReadFetchedKey(f *testing.F) {
	f.Add([]byte(toJSON(keySet(public(ecKey())))))
	f.Add([]byte(toJSON(keySet(public(rsaKey()), public(edKey())))))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := readFetchedKey(body, "")
		if err != nil {
			return
		}
		for _, key := range got.Keys {
			if set := keySet(key); !key.IsPublic() || len((oauth.ClientMetadata{JWKS: &set}).Thumbprint()) != 43 {
				t.Errorf("accepted %s as %s", body, toJSON(got))
			}
		}
		if len(got.Keys) < 1 || len(got.Keys) > 2 {
			t.Errorf("accepted %s as %s", body, toJSON(got))
		}
	})
}
