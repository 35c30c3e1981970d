package oauth_test

import (
	"fmt"
	"testing"

	"countersign/oauth"
)

// A registration that comes again is known by its key, however it is written, and by
// nothing else.
func TestRegisteringKey(t *testing.T) {
	const key = `"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"`
	of := func(members string) string { return oauth.RegisteringKey([]byte("{" + members + "}")) }
	known := of(fmt.Sprintf(`"jwks":{"keys":[{%s}]},"client_name":"One"`, key))
	if len(known) != 43 {
		t.Fatalf("the key is known by %q", known)
	}
	if again := of(fmt.Sprintf(`"client_name":"Other","jwks":{"keys":[{"kid":"1","use":"sig",%s}]}`, key)); again != known {
		t.Errorf("the same key is known by %q and %q", known, again)
	}
	others := `{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"},{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}`
	if beside := of(fmt.Sprintf(`"jwks":{"keys":[%s,{"use":"sig",%s},{"use":"enc",%s}]}`, others, key, key)); beside != known {
		t.Errorf("the same key beside others is known by %q and %q", known, beside)
	}
	uri := of(`"jwks_uri":"https://app.example/keys"`)
	if uri == "" || uri == known || uri == of(`"jwks_uri":"https://app.example/other"`) {
		t.Errorf("an address is known by %q", uri)
	}
	for _, none := range []string{``, `"jwks":{"keys":[]}`, `"jwks":{"keys":[{}]}`, `"jwks":7`, `"jwks_uri":7`, `"jwks_uri":""`} {
		if got := of(none); got != "" {
			t.Errorf("%s is known by %q", none, got)
		}
	}
	if oauth.RegisteringKey([]byte("not JSON")) != "" {
		t.Error("what is no JSON is known by something")
	}
}
