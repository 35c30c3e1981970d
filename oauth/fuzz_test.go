package oauth_test

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"countersign/oauth"
)

// docs/protocol.md §6 hostile-text, slow-and-huge: whatever strangers send, the parsers end, and what they accept keeps their promises.

func FuzzParseUserCode(f *testing.F) {
	for _, seed := range []string{"WDJB-MJHT", "wdjb mjht\r\n", "", "ſſſſſſſſ", "\xff\xfe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, err := oauth.ParseUserCode(typed)
		if err != nil {
			return
		}
		again, err := oauth.ParseUserCode(code.Display())
		if err != nil || again != code {
			t.Errorf("%q is not read back from its display", typed)
		}
		if len(code.Display()) != 9 || strings.Trim(code.Display(), "BCDFGHJKLMNPQRSTVWXZ-") != "" {
			t.Errorf("%q became %q", typed, code.Display())
		}
	})
}

func FuzzReadParameters(f *testing.F) {
	for _, seed := range []string{
		"client_id=a&scope=b+c", "scope=&scope=x", "login_hint=%00", "instance_description=x", "scope=%20", "a=%ff",
		"instance_name=%E2%80%AE&login_hint=a", "resource=https%3A%2F%2Fa.example&resource=&resource=urn%3Ab", "resource=a+b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		p, refusal := oauth.ReadParameters(form)
		if refusal != nil {
			return
		}
		for name, value := range p {
			if value == "" || !utf8.ValidString(value) || strings.Contains(value, "\x00") || len(form[name]) != 1 && name != oauth.ParamResource {
				t.Errorf("%q: %q was accepted", name, value)
			}
		}
		if sent := slices.DeleteFunc(slices.Clone(form["resource"]), func(s string) bool { return s == "" }); !slices.Equal(p.Resources(), sent) {
			t.Errorf("resources %q were read as %q", sent, p.Resources())
		}
		if hint, refusal := oauth.ReadLoginHint(p); refusal == nil && (hint == "" || utf8.RuneCountInString(hint) > oauth.MaxLoginHint) {
			t.Errorf("login_hint %q was accepted", hint)
		}
		if i, refusal := oauth.ReadInstance(p); refusal == nil && i.Name == "" && i.Description != "" {
			t.Error("a description without a name was accepted")
		}
		if scope, refusal := oauth.ParseScope(p.Get(oauth.ParamScope)); refusal == nil {
			again, refusal := oauth.ParseScope(scope.String())
			if refusal != nil || again.String() != scope.String() {
				t.Errorf("scope %q is not read back", scope)
			}
		}
	})
}

// A body is read as its decoded form is.
func FuzzParseParameters(f *testing.F) {
	for _, seed := range []string{
		"client_id=a&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code", "scope=a+b&resource=https://a.example",
		"a=1&a=2", "a=&a=1",
		"a=%zz", "a=b;c=d", "a==b", "=b", "&a=b", "a=%00", "a=%ff", "a%62=c&ab=d", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, refusal := oauth.ParseParameters(body)
		form, err := url.ParseQuery(strings.ReplaceAll(body, ";", "%3B"))
		if err != nil {
			if refusal == nil || refusal.Code != oauth.ErrInvalidRequest {
				t.Errorf("%q: %v, though it is no form: %v", body, refusal, err)
			}
			return
		}
		want, refused := oauth.ReadParameters(form)
		if !maps.Equal(got, want) || !reflect.DeepEqual(refusal, refused) {
			t.Errorf("%q: got %q, %v, want %q, %v", body, got, refusal, want, refused)
		}
	})
}

func FuzzClientAssertion(f *testing.F) {
	f.Add(assertion(f, nil, nil))
	f.Add(unsigned(object{"alg": "none"}, assertionClaims, ""))
	f.Add("..")
	keys := keySet(public(otherECKey()), public(edKey())) // the seeds are signed with ecKey: nothing may verify
	f.Fuzz(func(t *testing.T, raw string) {
		credential, err := oauth.ReadClientAuthentication(oauth.Parameters{
			oauth.ParamClientAssertionType: oauth.ClientAssertionTypeJWTBearer, oauth.ParamClientAssertion: raw,
		}, "")
		if err == nil && (credential.ClientID == "" || len(credential.ClientID) > 255) {
			t.Errorf("client_id %q was read", credential.ClientID)
		}
		if _, err := oauth.VerifyClientAssertion(raw, keys, assertionRules); err == nil {
			t.Error("an assertion verified with a key that never signed it")
		}
	})
}

func FuzzVerifyDPoPProof(f *testing.F) {
	f.Add(rfc9449Proof, "https://server.example.com/token")
	f.Add(proof(f, nil, nil), issuer+"/token")
	f.Add(proof(f, nil, object{"htu": "https://auth.example/%zz/../%2f"}), "https://auth.example/%2f/./a")
	f.Fuzz(func(t *testing.T, header, target string) {
		rules := oauth.DPoPRules{Method: "POST", URL: target, Now: now}
		got, err := oauth.VerifyDPoPProof([]string{header}, rules)
		if err == nil && (got.ID == "" || len(got.Thumbprint) != 43 || !got.ExpiresAt.After(now)) {
			t.Errorf("got %+v", got)
		}
	})
}

func FuzzParseClientMetadata(f *testing.F) {
	for _, key := range []any{ecKey(), edKey(), rsaKey()} {
		f.Add([]byte(toJSON(registration(public(key)))))
	}
	f.Add([]byte(`{"jwks":{"keys":[{"kty":"RSA","n":"","e":""}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		metadata, err := parsed(string(body))
		if err != nil {
			return
		}
		// The key is there, or the address that it will be fetched from, and never both (RFC 7591 §2).
		switch jkt := metadata.Thumbprint(); {
		case metadata.JWKSURI == "" && len(jkt) != 43:
			t.Error("accepted without a key")
		case metadata.JWKSURI != "" && jkt != "":
			t.Error("accepted with a key beside its address")
		}
		again, err := parsed(toJSON(metadata))
		if err != nil || toJSON(again) != toJSON(metadata) {
			t.Errorf("what was registered is not accepted again: %v", err)
		}
	})
}
