package device_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
)

func decode(t *testing.T, text string, dest any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), dest); err != nil {
		t.Fatal(err)
	}
}

// call is a request to the sample API with these headers.
func call(s *handlerstest.Server, authorization, proof string) handlerstest.Answer {
	request, _ := http.NewRequest(http.MethodGet, s.Endpoint(oauth.PathWhoAmI), nil)
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	if proof != "" {
		request.Header.Set("DPoP", proof)
	}
	return s.Do(request)
}

// challenged demands 401 with a DPoP challenge that names the algorithms and this error
// (RFC 9449 §7.1); "" is a challenge with no error (RFC 6750 §3.1).
func challenged(t *testing.T, answer handlerstest.Answer, code string) {
	t.Helper()
	challenge := answer.Header.Get("WWW-Authenticate")
	if answer.Status != http.StatusUnauthorized || !strings.HasPrefix(challenge, `DPoP algs="ES256 Ed25519 EdDSA PS256"`) {
		t.Fatalf("answered %d %s with the challenge %q", answer.Status, answer.Text, challenge)
	}
	if want := `error="` + code + `"`; code != "" && !strings.Contains(challenge, want) || code == "" && strings.Contains(challenge, "error") {
		t.Errorf("the challenge %q, want %s", challenge, want)
	}
	if answer.Code() != code {
		t.Errorf("the body says %q, want %q", answer.Code(), code)
	}
}

func TestWhoAmI(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(map[string]string{"scope": "profile"})
	approval := s.Approve(t, codes.UserCode)
	granted := readTokens(t, phone.Poll(codes.DeviceCode))
	answer := phone.WhoAmI(granted.Access).Succeeded(t, http.StatusOK)
	want := handlerstest.Object{"account": s.Account.ID, "client_id": phone.ClientID, "binding": approval.Binding.ID, "scope": "profile"}
	if len(answer.JSON) != len(want) {
		t.Errorf("members are %v", answer.Members())
	}
	for member, value := range want {
		if answer.JSON[member] != value {
			t.Errorf("%s is %v, want %v", member, answer.JSON[member], value)
		}
	}
}

// RFC 9449 §7: the token with a fresh proof by its key for this request, or 401.
func TestRefusedCalls(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone, other := s.Phone(), s.Phone()
	token := connect(t, s, phone).Access
	proof := func(forge handlerstest.Forge) string {
		return phone.Proof(http.MethodGet, oauth.PathWhoAmI, token, forge)
	}
	good := func() string { return proof(handlerstest.Forge{}) }
	parts := strings.Split(token, ".")
	for _, c := range []struct{ name, authorization, proof, code string }{
		{"no token", "", "", ""},
		{"no token but a proof", "", good(), ""},
		{"as a bearer token", "Bearer " + token, "", ""},
		{"as a bearer token with a proof", "Bearer " + token, good(), ""},
		{"another scheme", "Basic eDp5", "", ""},
		{"no token of ours", "DPoP x.y.z", good(), oauth.ErrInvalidToken},
		{"without its signature", "DPoP " + parts[0] + "." + parts[1] + ".", good(), oauth.ErrInvalidToken},
		{"a client assertion", "DPoP " + phone.Assertion(handlerstest.Forge{}), good(), oauth.ErrInvalidToken},
		{"no proof", "DPoP " + token, "", oauth.ErrInvalidDPoPProof},
		{"another key's proof", "DPoP " + token, other.Proof(http.MethodGet, oauth.PathWhoAmI, token, handlerstest.Forge{}),
			oauth.ErrInvalidDPoPProof},
		{"a proof without ath", "DPoP " + token, proof(handlerstest.Forge{Claims: handlerstest.Object{"ath": nil}}), oauth.ErrInvalidDPoPProof},
		{"a proof of another token", "DPoP " + token, phone.Proof(http.MethodGet, oauth.PathWhoAmI, "another", handlerstest.Forge{}),
			oauth.ErrInvalidDPoPProof},
		{"a proof of another request", "DPoP " + token, phone.Proof(http.MethodPost, oauth.PathToken, token, handlerstest.Forge{}),
			oauth.ErrInvalidDPoPProof},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.Unchanged(t, "the call", func() { challenged(t, call(s, c.authorization, c.proof), c.code) })
		})
	}
	for name, forge := range forgedProofs(s) {
		t.Run(name, func(t *testing.T) { challenged(t, call(s, "DPoP "+token, proof(forge)), oauth.ErrInvalidDPoPProof) })
	}
	once := good()
	call(s, "dpop "+token, once).Succeeded(t, http.StatusOK) // a scheme's name has no case
	challenged(t, call(s, "DPoP "+token, once), oauth.ErrInvalidDPoPProof)
}

// RFC 9449 §4.3, RFC 9110 §9.3.2: a proof is about the method that was sent. HEAD is answered as
// GET is, to a proof of a HEAD.
func TestHeadNeedsItsOwnProof(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	token := connect(t, s, phone).Access
	for sent, status := range map[string]int{http.MethodHead: http.StatusOK, http.MethodGet: http.StatusUnauthorized} {
		request, _ := http.NewRequest(http.MethodHead, s.Endpoint(oauth.PathWhoAmI), nil)
		request.Header.Set("Authorization", "DPoP "+token)
		request.Header.Set(oauth.HeaderDPoP, phone.Proof(sent, oauth.PathWhoAmI, token, handlerstest.Forge{}))
		if answer := s.Do(request); answer.Status != status || answer.Text != "" {
			t.Errorf("HEAD with a proof of %s: %d %s", sent, answer.Status, answer.Text)
		}
	}
}

// RFC 6750 §3.1: what cannot be understood is invalid_request, 400: the scheme
// without a token, and two Authorization headers.
func TestCallsThatCannotBeUnderstood(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	token := connect(t, s, phone).Access
	for name, c := range map[string]struct {
		path, scheme string
		headers      []string
	}{
		"the scheme alone":                      {oauth.PathWhoAmI, "DPoP ", []string{"DPoP"}},
		"an empty token":                        {oauth.PathWhoAmI, "DPoP ", []string{"DPoP  "}},
		"two headers":                           {oauth.PathWhoAmI, "DPoP ", []string{"DPoP " + token, "DPoP " + token}},
		"two schemes":                           {oauth.PathWhoAmI, "DPoP ", []string{"DPoP " + token, "Bearer " + token}},
		"two headers at the registration":       {oauth.PathClientConfiguration + phone.ClientID, "Bearer ", []string{"Bearer a", "Bearer b"}},
		"the scheme alone, at the registration": {oauth.PathClientConfiguration + phone.ClientID, "Bearer ", []string{"Bearer"}},
	} {
		request, _ := http.NewRequest(http.MethodGet, s.Endpoint(c.path), nil)
		request.Header["Authorization"] = c.headers
		request.Header.Set(oauth.HeaderDPoP, phone.Proof(http.MethodGet, c.path, token, handlerstest.Forge{}))
		answer := s.Do(request)
		refused(t, answer, oauth.ErrInvalidRequest)
		if got := answer.Header.Get("WWW-Authenticate"); !strings.HasPrefix(got, c.scheme) || !strings.Contains(got, `error="invalid_request"`) {
			t.Errorf("%s: challenged with %q", name, got)
		}
	}
}

// A call with a token that is over, or whose binding has ended, is invalid_token.
func TestDeadTokensAreRefused(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, s *handlerstest.Server, binding models.Binding){
		"over": func(_ *testing.T, s *handlerstest.Server, _ models.Binding) { s.Clock.Advance(10 * time.Minute) },
		"its binding revoked": func(t *testing.T, s *handlerstest.Server, binding models.Binding) {
			revokeBinding(t, s, binding)
		},
		"its account suspended": func(_ *testing.T, s *handlerstest.Server, _ models.Binding) { s.SetStatus(models.AccountSuspended) },
	} {
		t.Run(name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{})
			phone := s.Phone()
			codes := phone.Ask(nil)
			approval := s.Approve(t, codes.UserCode)
			granted := readTokens(t, phone.Poll(codes.DeviceCode))
			alive(t, phone, granted.Access)
			end(t, s, approval.Binding)
			challenged(t, phone.WhoAmI(granted.Access), oauth.ErrInvalidToken)
		})
	}
}

// RFC 8628 §3.3: the verification URI is a page for people. It has no field, and
// what an address carries does not get into it.
func TestVerificationPage(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{RedemptionWindow: 36 * time.Hour}})
	answer := s.Get(oauth.PathVerification + "?user_code=BCDF-GHJK")
	if answer.Status != http.StatusOK || answer.Header.Get("Content-Type") != "text/html; charset=UTF-8" {
		t.Fatalf("answered %d, %s", answer.Status, answer.Header.Get("Content-Type"))
	}
	for _, want := range []string{"Market Square", "1 Market Square", "Monday to Friday", "7 days", "36 hours"} {
		if !strings.Contains(answer.Text, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	fields := strings.Count(answer.Text, "<input") - strings.Count(answer.Text, `<input type="hidden" name="return_to" value="/device">`)
	if fields != 0 || strings.Contains(answer.Text, "BCDF") || strings.Contains(s.Log(), "BCDF") {
		t.Error("the page takes or shows a code")
	}
	if !slices.Contains([]string{"", "no-store"}, answer.Header.Get("Cache-Control")) {
		t.Errorf("Cache-Control is %q", answer.Header.Get("Cache-Control"))
	}
}
