package deviceclient_test

import (
	"net/http"
	"reflect"
	"testing"

	"countersign/oauth/deviceclient"
)

// RFC 9110 §11.6.1: one field may have several challenges, each with parameters of
// its own, or with one word in their place; several fields may come.
func TestChallenges(t *testing.T) {
	type p = map[string]string
	for name, test := range map[string]struct {
		fields []string
		want   []deviceclient.Challenge
	}{
		"none":           {nil, nil},
		"a scheme alone": {[]string{"Bearer"}, []deviceclient.Challenge{{"Bearer", p{}}}},
		"RFC 9449": {[]string{`DPoP error="invalid_token", error_description="Invalid", algs="ES256 EdDSA"`},
			[]deviceclient.Challenge{{"DPoP", p{"error": "invalid_token", "error_description": "Invalid", "algs": "ES256 EdDSA"}}}},
		"two in one field": {[]string{`Bearer, DPoP algs="ES256", error="use_dpop_nonce"`},
			[]deviceclient.Challenge{{"Bearer", p{}}, {"DPoP", p{"algs": "ES256", "error": "use_dpop_nonce"}}}},
		"with parameters each": {[]string{`Bearer realm="a, DPoP error=x", error="invalid_token" , DPoP algs=ES256`},
			[]deviceclient.Challenge{{"Bearer", p{"realm": "a, DPoP error=x", "error": "invalid_token"}}, {"DPoP", p{"algs": "ES256"}}}},
		"in two fields": {[]string{`Basic realm="x"`, `dpop Error=use_dpop_nonce`},
			[]deviceclient.Challenge{{"Basic", p{"realm": "x"}}, {"dpop", p{"error": "use_dpop_nonce"}}}},
		"a word instead": {[]string{`Negotiate YWJj+/8==, DPoP error="e"`},
			[]deviceclient.Challenge{{"Negotiate", p{}}, {"DPoP", p{"error": "e"}}}},
		"quoted pairs": {[]string{`X a="q\"\\, DPoP error=\"y", b=1`},
			[]deviceclient.Challenge{{"X", p{"a": `q"\, DPoP error="y`, "b": "1"}}}},
		"white space, empty members": {[]string{", ,DPoP\talgs = \"ES256\" ,, error= x ,"},
			[]deviceclient.Challenge{{"DPoP", p{"algs": "ES256", "error": "x"}}}},
		"a quote that never ends":  {[]string{`X a="b, DPoP error=x`}, []deviceclient.Challenge{{"X", p{"a": ""}}}},
		"ends in a backslash":      {[]string{`X a="b\`}, []deviceclient.Challenge{{"X", p{"a": ""}}}},
		"a parameter of no scheme": {[]string{`error="x"`}, nil},
		"no token":                 {[]string{`"quoted", DPoP error=x`}, nil},
		"its other field counts":   {[]string{`"quoted"`, `DPoP error=x`}, []deviceclient.Challenge{{"DPoP", p{"error": "x"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := deviceclient.ChallengesForTest(http.Header{"Www-Authenticate": test.fields}); !reflect.DeepEqual(got, test.want) {
				t.Errorf("read %q, want %q", got, test.want)
			}
		})
	}
}
