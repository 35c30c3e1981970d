package deviceclient

import (
	"net/http"
	"reflect"
	"testing"
)

// RFC 9110 section 11.6.1: one field may have several challenges, each with parameters of
// its own, or with one word in their place; several fields may come.
func TestChallenges(t *testing.T) {
	type p = map[string]string
	for name, test := range map[string]struct {
		fields []string
		want   []challenge
	}{
		"none":                       {nil, nil},
		"a scheme alone":             {[]string{"Bearer"}, []challenge{{"Bearer", p{}}}},
		"RFC 9449":                   {[]string{`DPoP error="invalid_token", error_description="Invalid", algs="ES256 EdDSA"`}, []challenge{{"DPoP", p{"error": "invalid_token", "error_description": "Invalid", "algs": "ES256 EdDSA"}}}},
		"two in one field":           {[]string{`Bearer, DPoP algs="ES256", error="use_dpop_nonce"`}, []challenge{{"Bearer", p{}}, {"DPoP", p{"algs": "ES256", "error": "use_dpop_nonce"}}}},
		"with parameters each":       {[]string{`Bearer realm="a, DPoP error=x", error="invalid_token" , DPoP algs=ES256`}, []challenge{{"Bearer", p{"realm": "a, DPoP error=x", "error": "invalid_token"}}, {"DPoP", p{"algs": "ES256"}}}},
		"in two fields":              {[]string{`Basic realm="x"`, `dpop Error=use_dpop_nonce`}, []challenge{{"Basic", p{"realm": "x"}}, {"dpop", p{"error": "use_dpop_nonce"}}}},
		"a word instead":             {[]string{`Negotiate YWJj+/8==, DPoP error="e"`}, []challenge{{"Negotiate", p{}}, {"DPoP", p{"error": "e"}}}},
		"quoted pairs":               {[]string{`X a="q\"\\, DPoP error=\"y", b=1`}, []challenge{{"X", p{"a": `q"\, DPoP error="y`, "b": "1"}}}},
		"white space, empty members": {[]string{", ,DPoP\talgs = \"ES256\" ,, error= x ,"}, []challenge{{"DPoP", p{"algs": "ES256", "error": "x"}}}},
		"a quote that never ends":    {[]string{`X a="b, DPoP error=x`}, []challenge{{"X", p{"a": ""}}}},
		"ends in a backslash":        {[]string{`X a="b\`}, []challenge{{"X", p{"a": ""}}}},
		"a parameter of no scheme":   {[]string{`error="x"`}, nil},
		"no token":                   {[]string{`"quoted", DPoP error=x`}, nil},
		"its other field counts":     {[]string{`"quoted"`, `DPoP error=x`}, []challenge{{"DPoP", p{"error": "x"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := challenges(http.Header{"Www-Authenticate": test.fields}); !reflect.DeepEqual(got, test.want) {
				t.Errorf("read %q, want %q", got, test.want)
			}
		})
	}
}
