package oauth_test

import (
	"strings"
	"testing"
	"time"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

func statementClaims() object {
	return object{
		"iss": "Example Bank", "software_id": "example.pocketbank", "client_name": "Pocket Bank", "scope": "profile",
		"presence_proof_required": true, "iat": at(-time.Hour), "exp": at(time.Hour),
	}
}

func statement(t testing.TB, changes object) string {
	t.Helper()
	return sign(t, jose.ES256, ecKey(), object{"typ": "JWT"}, toJSON(statementClaims().With(changes)))
}

func statementRules() oauth.StatementRules { return oauth.StatementRules{Issuer: issuer, Now: now} }

// RFC 7591 §2.3: a signed statement says what the app is.
func TestVerifySoftwareStatement(t *testing.T) {
	raw := statement(t, nil)
	if publisher, err := oauth.StatementPublisher(raw); err != nil || publisher != "Example Bank" {
		t.Errorf("from %q, %v", publisher, err)
	}
	got, err := oauth.VerifySoftwareStatement(raw, keySet(public(otherECKey()), public(ecKey())), statementRules())
	accepted(t, err)
	if got.Raw != raw || got.Publisher != "Example Bank" || got.SoftwareID != "example.pocketbank" ||
		!got.PresenceRequired || !got.ExpiresAt.Equal(now.Add(time.Hour)) {
		t.Errorf("got %+v", got)
	}
	for name, changes := range map[string]object{
		"for us": {"aud": issuer}, "for several": {"aud": []string{"https://other.example", issuer}}, "no iat": {"iat": nil},
		"a claim that nobody knows": {"logo": 1}, "no optional claims": {"client_name": nil, "scope": nil, "presence_proof_required": nil},
	} {
		_, err := oauth.VerifySoftwareStatement(statement(t, changes), keySet(public(ecKey())), statementRules())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, alg := range []struct {
		alg jose.SignatureAlgorithm
		key any
	}{{jose.EdDSA, edKey()}, {jose.PS256, rsaKey()}} {
		raw := sign(t, alg.alg, alg.key, object{"typ": "software-statement+jwt"}, toJSON(statementClaims()))
		_, err := oauth.VerifySoftwareStatement(raw, keySet(public(alg.key)), statementRules())
		accepted(t, err)
	}
}

// RFC 7591 §3.2.2: everything else is invalid_software_statement.
func TestVerifySoftwareStatementRefuses(t *testing.T) {
	signed := func(header object, payload string) string { return sign(t, jose.ES256, ecKey(), header, payload) }
	good := statement(t, nil)
	for name, raw := range map[string]string{
		"expired": statement(t, object{"exp": at(0)}), "no exp": statement(t, object{"exp": nil}),
		"not yet": statement(t, object{"nbf": at(2 * time.Minute)}), "from the future": statement(t, object{"iat": at(2 * time.Minute)}),
		"no iss": statement(t, object{"iss": nil}), "no software_id": statement(t, object{"software_id": nil}),
		"for another server":        statement(t, object{"aud": "https://other.example"}),
		"a bool as text":            statement(t, object{"presence_proof_required": "true"}),
		"an access token":           signed(object{"typ": "at+jwt"}, toJSON(statementClaims())),
		"a client assertion":        signed(object{"typ": "client-authentication+jwt"}, toJSON(statementClaims())),
		"another key":               sign(t, jose.ES256, otherECKey(), nil, toJSON(statementClaims())),
		"broken":                    good[:len(good)-4] + "AAAA",
		"none":                      unsigned(object{"alg": "none"}, statementClaims(), ""),
		"HS256 with the public key": sign(t, jose.HS256, []byte(toJSON(public(ecKey()))), nil, toJSON(statementClaims())),
		"text":                      "statement",
		"claims twice":              signed(nil, strings.Replace(toJSON(statementClaims()), "{", `{"iss":"Other",`, 1)),
		"a JWT bomb":                statement(t, object{"x": strings.Repeat("x", 9000)}),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.VerifySoftwareStatement(raw, keySet(public(ecKey())), statementRules())
			refused(t, err, oauth.ErrInvalidSoftwareStatement)
			if got != (oauth.SoftwareStatement{}) {
				t.Error("a refused statement was returned")
			}
		})
	}
	if _, err := oauth.VerifySoftwareStatement(good, keySet(), statementRules()); err == nil {
		t.Error("accepted without keys")
	}
	// What a publisher has signed is told what else is wrong with it.
	named := public(ecKey())
	named.KeyID = "2026"
	for says, raw := range map[string]string{
		"kid is not that of the registered key": signed(object{"kid": "2025"}, toJSON(statementClaims())),
		"exp must be a number of seconds":       statement(t, object{"exp": "tomorrow"}),
	} {
		_, err := oauth.VerifySoftwareStatement(raw, keySet(named), statementRules())
		refused(t, err, oauth.ErrInvalidSoftwareStatement)
		if err == nil || !strings.HasSuffix(err.Description, says) {
			t.Errorf("%v, want %s", err, says)
		}
	}
}

// RFC 7591 §2.3, §3.1.1: values of the statement win over those beside it, and the statement comes back unmodified
// (§3.2.1).
func TestStatementValuesWin(t *testing.T) {
	raw := statement(t, nil)
	verified, err := oauth.VerifySoftwareStatement(raw, keySet(public(ecKey())), statementRules())
	accepted(t, err)
	body := []byte(toJSON(registration(public(ecKey())).With(object{
		"software_statement": raw, "client_name": "Another", "software_id": nil, "scope": "admin", "software_version": "7",
	})))
	if read, err := oauth.ReadSoftwareStatement(body); err != nil || read != raw {
		t.Errorf("read %q, %v", read, err)
	}
	got, err := oauth.ParseClientMetadata(body, verified)
	accepted(t, err)
	if got.ClientName != "Pocket Bank" || got.SoftwareID != "example.pocketbank" || got.Scope != "profile" ||
		got.SoftwareVersion != "7" || got.SoftwareStatement != raw {
		t.Errorf("got %+v", got)
	}
	for _, body := range []string{`{"software_statement":""}`, `{"software_statement":1}`, `{"software_statement":{}}`} {
		_, err := oauth.ReadSoftwareStatement([]byte(body))
		refused(t, err, oauth.ErrInvalidSoftwareStatement)
	}
	for _, body := range []string{`{}`, `{"software_statement":null}`, `[]`, ""} {
		if read, err := oauth.ReadSoftwareStatement([]byte(body)); err != nil || read != "" {
			t.Errorf("%s: %q, %v", body, read, err)
		}
	}
}

// RFC 7591 §3.1.1: the statement's value MUST take precedence, whatever member it is; one that cannot be had here is
// refused, and never passed over for what stands beside it.
func TestEveryStatementValueWins(t *testing.T) {
	parse := func(t *testing.T, changes object) (oauth.ClientMetadata, *oauth.Error) {
		t.Helper()
		verified, err := oauth.VerifySoftwareStatement(statement(t, changes), keySet(public(ecKey())), statementRules())
		accepted(t, err)
		return oauth.ParseClientMetadata([]byte(toJSON(registration(public(ecKey())).With(object{"scope": "profile"}))), verified)
	}
	for name, changes := range map[string]object{
		"another method": {"token_endpoint_auth_method": "none"}, "a response type": {"response_types": []string{"code"}},
		"another grant": {"grant_types": []string{"authorization_code"}}, "another algorithm": {"token_endpoint_auth_signing_alg": "PS256"},
		"a jwks_uri beside jwks": {"jwks_uri": "https://keys.example/"}, "two keys": {"jwks": keySet(public(ecKey()), public(otherECKey()))},
		"unbound tokens": {"dpop_bound_access_tokens": false}, "a version of another type": {"software_version": 7},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(t, changes)
			refused(t, err, oauth.ErrInvalidClientMetadata)
		})
	}
	got, err := parse(t, object{
		"grant_types": []string{oauth.GrantTypeDeviceCode}, "software_version": "9", "jwks": keySet(public(edKey())),
		"token_endpoint_auth_signing_alg": "EdDSA",
		"scope":                           "", "client_name": nil, "software_statement": "x",
	})
	accepted(t, err)
	if len(got.GrantTypes) != 1 || got.SoftwareVersion != "9" || toJSON(got.JWKS) != toJSON(keySet(public(edKey()))) ||
		got.TokenEndpointAuthSigningAlg != "EdDSA" {
		t.Errorf("got %s", toJSON(got))
	}
	if got.ClientName != registration(public(ecKey()))["client_name"] || got.Scope != "profile" || got.SoftwareStatement == "x" {
		t.Errorf("what the statement leaves out is %q, %q", got.ClientName, got.Scope)
	}
}

// What a publisher signs is held to the same rules as what a client sends (docs/protocol.md §6 hostile-text).
func TestHostileStatementValues(t *testing.T) {
	for name, changes := range map[string]object{
		"an override": {"client_name": "Pocket\u202eknaB"}, "a malformed scope": {"scope": "a  b"},
		"a long software_id": {"software_id": strings.Repeat("x", 129)},
	} {
		t.Run(name, func(t *testing.T) {
			verified, err := oauth.VerifySoftwareStatement(statement(t, changes), keySet(public(ecKey())), statementRules())
			accepted(t, err)
			_, err = oauth.ParseClientMetadata([]byte(toJSON(registration(public(ecKey())))), verified)
			refused(t, err, oauth.ErrInvalidClientMetadata)
		})
	}
}

func FuzzVerifySoftwareStatement(f *testing.F) {
	f.Add(statement(f, nil))
	f.Add("a.b.c")
	keys := keySet(public(ecKey()))
	f.Fuzz(func(t *testing.T, raw string) {
		_, _ = oauth.StatementPublisher(raw)
		if got, err := oauth.VerifySoftwareStatement(raw, keys, statementRules()); err == nil && got.Publisher != "Example Bank" {
			t.Errorf("accepted %q", raw)
		}
	})
}
