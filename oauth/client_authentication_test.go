package oauth_test

import (
	"strings"
	"testing"

	"countersign/oauth"
)

func authentication(t testing.TB, changes map[string]string) oauth.Parameters {
	p := oauth.Parameters{
		oauth.ParamClientAssertionType: oauth.ClientAssertionTypeJWTBearer,
		oauth.ParamClientAssertion:     assertion(t, nil, nil),
	}
	for name, value := range changes {
		p[name] = value
	}
	return p
}

// RFC 7521 §4.2: client_id is optional beside an assertion.
func TestReadClientAuthentication(t *testing.T) {
	for name, changes := range map[string]map[string]string{
		"without client_id": nil,
		"with client_id":    {oauth.ParamClientID: clientID},
	} {
		t.Run(name, func(t *testing.T) {
			p := authentication(t, changes)
			got, err := oauth.ReadClientAuthentication(p, "")
			accepted(t, err)
			if got.ClientID != clientID || got.Assertion != p.Get(oauth.ParamClientAssertion) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// RFC 6749 §5.2, RFC 7521 §4.2, RFC 7523 §3; docs/protocol.md §6 no-assertion, unsigned-assertion.
func TestReadClientAuthenticationRefuses(t *testing.T) {
	const basic = "Basic Y2xpZW50LTE6c2VjcmV0"
	for name, tc := range map[string]struct {
		p             oauth.Parameters
		authorization string
		code          string
	}{
		"nothing":              {oauth.Parameters{}, "", oauth.ErrInvalidClient},
		"only client_id":       {oauth.Parameters{oauth.ParamClientID: clientID}, "", oauth.ErrInvalidClient},
		"client_secret_basic":  {oauth.Parameters{}, basic, oauth.ErrInvalidClient},
		"client_secret_post":   {oauth.Parameters{oauth.ParamClientID: clientID, oauth.ParamClientSecret: "x"}, "", oauth.ErrInvalidClient},
		"assertion and Basic":  {authentication(t, nil), basic, oauth.ErrInvalidRequest},
		"assertion and Bearer": {authentication(t, nil), "Bearer x", oauth.ErrInvalidRequest},
		"assertion and secret": {authentication(t, map[string]string{oauth.ParamClientSecret: "x"}), "", oauth.ErrInvalidRequest},
		"no type":              {authentication(t, map[string]string{oauth.ParamClientAssertionType: ""}), "", oauth.ErrInvalidClient},
		"SAML": {authentication(t,
			map[string]string{oauth.ParamClientAssertionType: "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}), "",
			oauth.ErrInvalidClient},
		"a type and nothing else": {oauth.Parameters{oauth.ParamClientAssertionType: oauth.ClientAssertionTypeJWTBearer}, "",
			oauth.ErrInvalidClient},
		"client_id of another": {authentication(t, map[string]string{oauth.ParamClientID: "client-2"}), "", oauth.ErrInvalidClient},
		"not a JWT":            {authentication(t, map[string]string{oauth.ParamClientAssertion: "x"}), "", oauth.ErrInvalidClient},
		"alg none": {authentication(t,
			map[string]string{oauth.ParamClientAssertion: unsigned(object{"alg": "none"}, assertionClaims, "")}), "", oauth.ErrInvalidClient},
		"no sub": {authentication(t, map[string]string{oauth.ParamClientAssertion: assertion(t, nil, object{"sub": nil})}),
			"", oauth.ErrInvalidClient},
		"a sub that is an array": {authentication(t,
			map[string]string{oauth.ParamClientAssertion: assertion(t, nil, object{"sub": []string{clientID}})}), "", oauth.ErrInvalidClient},
		"a sub with NUL": {authentication(t,
			map[string]string{oauth.ParamClientAssertion: assertion(t, nil, object{"sub": "a\x00"})}), "", oauth.ErrInvalidClient},
		"an assertion of a megabyte": {authentication(t, map[string]string{oauth.ParamClientAssertion: strings.Repeat("x", 1<<20)}), "",
			oauth.ErrInvalidClient},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.ReadClientAuthentication(tc.p, tc.authorization)
			refused(t, err, tc.code)
			if got != (oauth.ClientCredential{}) {
				t.Error("a refused credential was returned")
			}
		})
	}
}
