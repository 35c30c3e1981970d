package device_test

import (
	"net/http"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/oauth"
)

// forgedProofs are proofs that RFC 9449 §4.3 refuses, each wrong in one thing.
func forgedProofs(s *handlerstest.Server) map[string]handlerstest.Forge {
	now := s.Clock.Now()
	claims := func(o handlerstest.Object) handlerstest.Forge { return handlerstest.Forge{Claims: o} }
	header := func(o handlerstest.Object) handlerstest.Forge { return handlerstest.Forge{Header: o} }
	private := handlerstest.PublicJWK(handlerstest.NewKey())
	private["d"] = "AAAA"
	return map[string]handlerstest.Forge{
		"another typ":               header(handlerstest.Object{"typ": "JWT"}),
		"no typ":                    header(handlerstest.Object{"typ": nil}),
		"alg none":                  header(handlerstest.Object{"alg": "none"}),
		"alg HS256":                 header(handlerstest.Object{"alg": "HS256"}),
		"no jwk":                    header(handlerstest.Object{"jwk": nil}),
		"a private jwk":             header(handlerstest.Object{"jwk": private}),
		"another key than signed":   header(handlerstest.Object{"jwk": handlerstest.PublicJWK(handlerstest.NewKey())}),
		"broken signature":          {Broken: true},
		"no jti":                    claims(handlerstest.Object{"jti": nil}),
		"another method":            claims(handlerstest.Object{"htm": "PUT"}),
		"no htm":                    claims(handlerstest.Object{"htm": nil}),
		"another path":              claims(handlerstest.Object{"htu": s.Endpoint("/elsewhere")}),
		"another host":              claims(handlerstest.Object{"htu": "https://elsewhere.example/token"}),
		"no htu":                    claims(handlerstest.Object{"htu": nil}),
		"no iat":                    claims(handlerstest.Object{"iat": nil}),
		"5 minutes old":             claims(handlerstest.Object{"iat": now.Add(-5 * time.Minute).Unix()}),
		"more than 60 s in advance": claims(handlerstest.Object{"iat": now.Add(61 * time.Second).Unix()}),
	}
}

// RFC 9449 §4.3 at the token endpoint, and where the proof is optional: a bad one
// is invalid_dpop_proof, never taken for none.
func TestBadProofs(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Approve(t, codes.UserCode)
	for name, forge := range forgedProofs(s) {
		t.Run(name, func(t *testing.T) {
			s.Unchanged(t, "the requests", func() {
				refused(t, phone.PollRaw(codes.DeviceCode, handlerstest.Request{Proof: forge}), oauth.ErrInvalidDPoPProof)
				refused(t, phone.AskRaw(handlerstest.Request{Proof: forge}), oauth.ErrInvalidDPoPProof)
			})
		})
	}
	twice := http.Header{"Dpop": {phone.Proof(http.MethodPost, oauth.PathToken, "", handlerstest.Forge{})}}
	refused(t, phone.PollRaw(codes.DeviceCode, handlerstest.Request{Header: twice}), oauth.ErrInvalidDPoPProof)
	empty := http.Header{"Dpop": {""}}
	refused(t, phone.AskRaw(handlerstest.Request{NoProof: true, Header: empty}), oauth.ErrInvalidDPoPProof)
	readTokens(t, phone.Poll(codes.DeviceCode))
}

// RFC 9449 §4.3 (9): query and fragment of htu do not count; an equivalent
// spelling is the same URL.
func TestEquivalentTargets(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	for _, target := range []string{"/token?x=y", "/token#here", "/%74oken", "/./token"} {
		s.Clock.Advance(s.Interval())
		forge := handlerstest.Forge{Claims: handlerstest.Object{"htu": s.Issuer + target}}
		refused(t, phone.PollRaw(codes.DeviceCode, handlerstest.Request{Proof: forge}), oauth.ErrAuthorizationPending)
	}
}

// RFC 9449 §11.1: a proof counts once, in a process by its memory and between
// processes by the transaction that it pays for.
func TestProofCountsOnce(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	same := handlerstest.Forge{Claims: handlerstest.Object{"jti": "once"}}
	phone.AskRaw(handlerstest.Request{Proof: same}).Succeeded(t, http.StatusOK)
	s.Unchanged(t, "replays", func() {
		refused(t, phone.AskRaw(handlerstest.Request{Proof: same}), oauth.ErrInvalidDPoPProof)
		elsewhere := phone.NewRequest(handlerstest.Request{Path: oauth.PathDeviceAuthorization, Proof: same,
			Form: map[string]string{"login_hint": "anna@example.org"}})
		elsewhere.URL.Host = s.Another()
		refused(t, s.Do(elsewhere), oauth.ErrInvalidDPoPProof)
	})
	// Another phone may use the same identifier: it is unique to its key.
	s.Phone().AskRaw(handlerstest.Request{Proof: same}).Succeeded(t, http.StatusOK)
}
