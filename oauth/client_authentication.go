package oauth

import (
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// maxClientID bounds a client_id, in bytes.
const maxClientID = 255

// ClientCredential is how a request says which client it comes from. Nothing of it is proved until
// VerifyClientAssertion has judged the assertion with the keys of ClientID.
type ClientCredential struct {
	ClientID  string
	Assertion string

	read *signedJWT // the assertion
}

// Verify is VerifyClientAssertion of a credential's assertion, which is not read anew.
func (c ClientCredential) Verify(keys jose.JSONWebKeySet, rules AssertionRules) (ClientAssertion, *Error) {
	if c.read == nil {
		return ClientAssertion{}, UnknownClient()
	}
	return judgeAssertion(c.read, keys, rules)
}

// ReadClientAuthentication reads private_key_jwt, the only method here (RFC 7521 §4.2, RFC 7523 §2.2), from a
// request's parameters and Authorization header. No method, another method, an assertion that cannot be read and a
// client_id parameter other than the assertion's sub are invalid_client; more than one method at once is
// invalid_request, as RFC 6749 §5.2 says.
func ReadClientAuthentication(p Parameters, authorizationHeader string) (ClientCredential, *Error) {
	assertion := p.Get(ParamClientAssertion)
	another := authorizationHeader != "" || p.Get(ParamClientSecret) != ""
	switch {
	case assertion != "" && another:
		return ClientCredential{}, Errorf(ErrInvalidRequest, "more than one way of client authentication is used")
	case assertion == "":
		return ClientCredential{}, Errorf(ErrInvalidClient, "client authentication by private_key_jwt is required")
	case p.Get(ParamClientAssertionType) != ClientAssertionTypeJWTBearer:
		return ClientCredential{}, Errorf(ErrInvalidClient, "%s must be %s", ParamClientAssertionType, ClientAssertionTypeJWTBearer)
	}
	read, subject, err := claimedSubject(assertion)
	if err != nil {
		return ClientCredential{}, Errorf(ErrInvalidClient, "%s: %v", ParamClientAssertion, err)
	}
	if id := p.Get(ParamClientID); id != "" && id != subject {
		return ClientCredential{}, Errorf(ErrInvalidClient, "%s is not the assertion's sub", ParamClientID)
	}
	return ClientCredential{ClientID: subject, Assertion: assertion, read: read}, nil
}

// claimedSubject is the sub that an assertion claims, not yet verified: it only says whose keys to verify with.
func claimedSubject(assertion string) (*signedJWT, string, error) {
	jws, err := parseJWT(assertion, clientAlgorithms())
	if err != nil {
		return nil, "", err
	}
	var claims subjectClaim
	if err := unmarshalClaims(jws.payload, &claims); err != nil {
		return nil, "", err
	}
	if !isClientID(claims.Subject) {
		return nil, "", errClaims
	}
	return jws, claims.Subject, nil
}

type subjectClaim struct {
	Subject string `json:"sub"`
}

// readPlain is part of plainClaims.
func (c *subjectClaim) readPlain(payload string) bool {
	return readPlain(payload, func(p *plainJSON, name string) bool {
		if name == "sub" {
			return p.text(&c.Subject)
		}
		return p.other()
	})
}

// isClientID checks 1 to 255 VSCHARs (RFC 6749 appendix A.1).
func isClientID(s string) bool {
	return s != "" && len(s) <= maxClientID && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e })
}
