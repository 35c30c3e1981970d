package oauth_test

import (
	"maps"
	"net/url"
	"testing"

	"countersign/oauth"
)

// RFC 6749 §3.2 and RFC 8628 §3.1: empty is omitted, unknown is ignored. RFC 8707 §2: resource may be repeated.
func TestReadParametersAccepts(t *testing.T) {
	for name, tc := range map[string]struct {
		form url.Values
		want oauth.Parameters
	}{
		"none":            {nil, oauth.Parameters{}},
		"one":             {url.Values{"scope": {"a b"}}, oauth.Parameters{"scope": "a b"}},
		"empty":           {url.Values{"scope": {""}, "login_hint": {"x"}}, oauth.Parameters{"login_hint": "x"}},
		"no value at all": {url.Values{"scope": nil}, oauth.Parameters{}},
		"unknown":         {url.Values{"acr_values": {"1"}}, oauth.Parameters{"acr_values": "1"}},
		"one resource":    {url.Values{"resource": {"https://a.example"}}, oauth.Parameters{"resource": "https://a.example"}},
		"two resources": {url.Values{"resource": {"https://a.example", "", "https://b.example"}},
			oauth.Parameters{"resource": "https://a.example https://b.example"}},
		"no resource": {url.Values{"resource": {"", ""}}, oauth.Parameters{}},
		"not Latin":   {url.Values{"instance_name": {"電話"}}, oauth.Parameters{"instance_name": "電話"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.ReadParameters(tc.form)
			accepted(t, err)
			if !maps.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
			if got.Get("absent") != "" {
				t.Error("an absent parameter has a value")
			}
		})
	}
}

// RFC 6749 §3.2: parameters must not be repeated. docs/protocol.md §6 hostile-text: NUL and invalid UTF-8.
func TestReadParametersRefuses(t *testing.T) {
	for name, form := range map[string]url.Values{
		"repeated":                 {"client_id": {"a", "a"}},
		"repeated with an empty":   {"client_id": {"", "a"}},
		"repeated and unknown":     {"x": {"1", "2"}},
		"NUL in a value":           {"login_hint": {"a\x00b"}},
		"NUL in a name":            {"login\x00hint": {"a"}},
		"invalid UTF-8 in a value": {"login_hint": {"\xff"}},
		"invalid UTF-8 in a name":  {"\xc3\x28": {"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := oauth.ReadParameters(form)
			refused(t, err, oauth.ErrInvalidRequest)
		})
	}
}

// RFC 8707 §2: what is not a URI is no target. Two in one value are not two.
func TestReadParametersRefusesResources(t *testing.T) {
	for _, value := range []string{"https://a.example https://b.example", " https://a.example", "https://a.example\t", " "} {
		_, err := oauth.ReadParameters(url.Values{"resource": {value}})
		refused(t, err, oauth.ErrInvalidTarget)
	}
	_, err := oauth.ReadParameters(url.Values{"resource": {"https://a.example", "\xff"}})
	refused(t, err, oauth.ErrInvalidRequest)
}
