package device_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
)

func verifiedServer(t *testing.T) *handlerstest.Server {
	return handlerstest.Start(t, handlerstest.Config{MoreScopes: []web.Scope{{Name: "verified_claims",
		Words: "See how your identity was checked"}}})
}

// connected is an access token of a phone with the scope.
func connected(t *testing.T, s *handlerstest.Server, phone *handlerstest.Phone, scope string) (token string, approval models.Approval) {
	t.Helper()
	codes := phone.Ask(map[string]string{"scope": scope})
	approval = s.Approve(t, codes.UserCode)
	return readTokens(t, phone.Poll(codes.DeviceCode)).Access, approval
}

func verifiedClaims(s *handlerstest.Server, phone *handlerstest.Phone, token string) handlerstest.Answer {
	request, _ := http.NewRequest(http.MethodGet, s.Endpoint(oauth.PathVerifiedClaims), nil)
	request.Header.Set("Authorization", "DPoP "+token)
	request.Header.Set("DPoP", phone.Proof(http.MethodGet, oauth.PathVerifiedClaims, token, handlerstest.Forge{}))
	return s.Do(request)
}

// OpenID Identity Assurance 1.0 §5: the binding's own client reads the proofing with
// the scope; name and date of birth come with profile (OpenID Connect Core §5.4).
func TestVerifiedClaims(t *testing.T) {
	s := verifiedServer(t)
	for _, scope := range []string{"verified_claims", "verified_claims profile"} {
		phone := s.Phone()
		token, _ := connected(t, s, phone, scope)
		answer := verifiedClaims(s, phone, token).Succeeded(t, http.StatusOK)
		var got struct {
			Sub      string                `json:"sub"`
			Verified models.VerifiedClaims `json:"verified_claims"`
		}
		decode(t, answer.Text, &got)
		want := models.VerifiedPerson{Subject: s.Account.ID}
		if strings.HasSuffix(scope, "profile") {
			want.Name, want.BirthDate = "Anna Example", "1984-02-29"
		}
		if got.Sub != s.Account.ID || got.Verified.Claims != want || got.Verified.Verification.TrustFramework != models.TrustFramework {
			t.Errorf("%s: %s", scope, answer.Text)
		}
		if e := got.Verified.Verification.Evidence; len(e) != 1 || len(e[0].Checks) != 2 || e[0].Checks[0].Organization != s.Counter.Name ||
			e[0].Document.Expires != "2031-01-31" {
			t.Errorf("evidence %+v", e)
		}
		if number := handlerstest.Proof().Number; strings.Contains(answer.Text, number) || strings.Contains(answer.Text, number[len(number)-4:]) {
			t.Errorf("the document's number shows: %s", answer.Text)
		}
		if answer.Header.Get("Cache-Control") != "no-store" {
			t.Error("the answer may be stored")
		}
	}
}

// RFC 6750 §3.1: without the scope 403 insufficient_scope, which names the scope.
func TestVerifiedClaimsNeedTheScope(t *testing.T) {
	s := verifiedServer(t)
	phone := s.Phone()
	token, _ := connected(t, s, phone, "profile")
	answer := verifiedClaims(s, phone, token)
	challenge := answer.Header.Get("WWW-Authenticate")
	if answer.Status != http.StatusForbidden || answer.Code() != oauth.ErrInsufficientScope {
		t.Errorf("answered %d %s", answer.Status, answer.Text)
	}
	for _, part := range []string{"DPoP ", `error="insufficient_scope"`, `scope="verified_claims"`} {
		if !strings.Contains(challenge, part) {
			t.Errorf("the challenge %q lacks %s", challenge, part)
		}
	}
	if strings.Contains(answer.Text, "Anna") || strings.Contains(answer.Text, "idcard") {
		t.Errorf("something is told: %s", answer.Text)
	}
}

// RFC 9449 §7.1: another phone's key, a proof for another address and none are
// refused; after the revocation nothing is told.
func TestVerifiedClaimsAreTheClientsOwn(t *testing.T) {
	s := verifiedServer(t)
	phone, other := s.Phone(), s.Phone()
	token, approval := connected(t, s, phone, "verified_claims profile")
	verifiedClaims(s, phone, token).Succeeded(t, http.StatusOK)
	challenged(t, verifiedClaims(s, other, token), oauth.ErrInvalidDPoPProof)
	for proof, code := range map[string]string{
		"": oauth.ErrInvalidDPoPProof,
		phone.Proof(http.MethodGet, oauth.PathWhoAmI, token, handlerstest.Forge{}): oauth.ErrInvalidDPoPProof,
	} {
		request, _ := http.NewRequest(http.MethodGet, s.Endpoint(oauth.PathVerifiedClaims), nil)
		request.Header.Set("Authorization", "DPoP "+token)
		if proof != "" {
			request.Header.Set("DPoP", proof)
		}
		challenged(t, s.Do(request), code)
	}
	supervisor := s.Supervisor("Sara Supervisor")
	if err := s.Store.RevokeBinding(t.Context(), supervisor.SessionID, approval.Binding.ID, "device_lost"); err != nil {
		t.Fatal(err)
	}
	challenged(t, verifiedClaims(s, phone, token), oauth.ErrInvalidToken)
}
