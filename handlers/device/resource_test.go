package device_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/oauth"
)

const (
	letters  = "https://letters.example"
	payments = "https://payments.example/v1"
)

// withResources is a server with the sample API and two more.
func withResources(t *testing.T) *handlerstest.Server {
	t.Helper()
	return handlerstest.Start(t, handlerstest.Config{Resources: oauth.Resources{
		{URI: "/api"}, {URI: letters, Scope: oauth.Scope{"profile"}}, {URI: payments, Scope: oauth.Scope{"accounts:read"}},
	}})
}

// granted is what a phone gets that asks for these resources, in one visit.
func granted(t *testing.T, s *handlerstest.Server, phone *handlerstest.Phone, resources ...string) (handlerstest.Codes, tokens) {
	t.Helper()
	answer := phone.AskRaw(handlerstest.Request{Resources: resources}).Succeeded(t, http.StatusOK)
	codes := handlerstest.Codes{DeviceCode: answer.String("device_code"), UserCode: answer.String("user_code")}
	s.Approve(t, codes.UserCode)
	return codes, readTokens(t, phone.Poll(codes.DeviceCode))
}

func wantAudience(t *testing.T, phone *handlerstest.Phone, token tokens, resource, scope string) {
	t.Helper()
	answer := phone.Introspect(token.Access).Succeeded(t, http.StatusOK)
	if answer.String("aud") != resource || answer.String("scope") != scope || token.answer.String("scope") != scope {
		t.Errorf("the token is for %q with %q (told %q), want %q with %q",
			answer.String("aud"), answer.String("scope"), token.answer.String("scope"), resource, scope)
	}
}

// RFC 8707 §2.2: several resources in one request; each token is for one of them, the
// first when none is named, with what of the scope means something there.
func TestSeveralResources(t *testing.T) {
	s := withResources(t)
	phone := s.Phone()
	_, first := granted(t, s, phone, payments, letters)
	wantAudience(t, phone, first, payments, "accounts:read")
	refresh := func(resource string) tokens {
		t.Helper()
		return readTokens(t, phone.Refresh(first.Refresh, map[string]string{"resource": resource}))
	}
	wantAudience(t, phone, refresh(""), payments, "accounts:read")
	wantAudience(t, phone, refresh(letters), letters, "profile")
	wantAudience(t, phone, refresh(payments), payments, "accounts:read")

	s.Unchanged(t, "a refused refresh", func() {
		refused(t, phone.Refresh(first.Refresh, map[string]string{"resource": s.Issuer + "/api"}), oauth.ErrInvalidTarget)
		refused(t, phone.Refresh(first.Refresh, map[string]string{"resource": letters, "scope": "accounts:read"}), oauth.ErrInvalidScope)
		refused(t, phone.Post(handlerstest.Request{Path: oauth.PathToken, Resources: []string{letters, payments},
			Form: map[string]string{"grant_type": oauth.GrantTypeRefreshToken, "refresh_token": first.Refresh}}), oauth.ErrInvalidTarget)
	})
}

// RFC 8707 §2.2: at redemption one of what was asked for; a wrong one is invalid_target
// from the first poll on, and costs nothing.
func TestResourceAtRedemption(t *testing.T) {
	s := withResources(t)
	phone := s.Phone()
	answer := phone.AskRaw(handlerstest.Request{Resources: []string{letters, payments}}).Succeeded(t, http.StatusOK)
	code := answer.String("device_code")
	wrong := func() {
		t.Helper()
		for _, resources := range [][]string{{s.Issuer + "/api"}, {"https://elsewhere.example"}, {letters, payments}, {"two in one"}} {
			s.Unchanged(t, strings.Join(resources, " "), func() {
				refused(t, phone.PollRaw(code, handlerstest.Request{Resources: resources}), oauth.ErrInvalidTarget)
			})
		}
	}
	wrong()
	refused(t, phone.PollRaw(code, handlerstest.Request{Resources: []string{payments}}), oauth.ErrAuthorizationPending)
	s.Approve(t, answer.String("user_code"))
	wrong()
	token := readTokens(t, phone.PollRaw(code, handlerstest.Request{Resources: []string{payments}}))
	wantAudience(t, phone, token, payments, "accounts:read")
}

// RFC 8707 §2: what a device authorization may ask for. One that names nothing is for
// the first resource.
func TestResourceAtDeviceAuthorization(t *testing.T) {
	s := withResources(t)
	phone := s.Phone()
	_, plain := granted(t, s, phone)
	wantAudience(t, phone, plain, s.Issuer+"/api", handlerstest.AllScopes())
	_, one := granted(t, s, phone, letters, "", letters)
	wantAudience(t, phone, one, letters, "profile")
	for name, c := range map[string]struct {
		resources []string
		scope     string
		code      string
	}{
		"unknown":                          {[]string{letters, "https://elsewhere.example"}, "", oauth.ErrInvalidTarget},
		"not the same string":              {[]string{letters + "/"}, "", oauth.ErrInvalidTarget},
		"no URI":                           {[]string{"letters"}, "", oauth.ErrInvalidTarget},
		"with a fragment":                  {[]string{letters + "#x"}, "", oauth.ErrInvalidTarget},
		"two in one value":                 {[]string{letters + " " + payments}, "", oauth.ErrInvalidTarget},
		"a scope that means nothing there": {[]string{letters}, "profile accounts:read", oauth.ErrInvalidScope},
		"a resource that takes nothing":    {[]string{letters, payments}, "profile", oauth.ErrInvalidScope},
	} {
		t.Run(name, func(t *testing.T) {
			s.Unchanged(t, "the request", func() {
				refused(t, phone.AskRaw(handlerstest.Request{Resources: c.resources, Form: map[string]string{"scope": c.scope}}), c.code)
			})
		})
	}
}

// RFC 8707 §3, RFC 9068 §4: the sample API takes tokens for itself only.
func TestSampleAPITakesItsOwnTokens(t *testing.T) {
	s := withResources(t)
	phone := s.Phone()
	_, other := granted(t, s, phone, letters)
	dead(t, phone, other.Access)
	_, both := granted(t, s, phone, letters, s.Issuer+"/api")
	dead(t, phone, both.Access)
	alive(t, phone, readTokens(t, phone.Refresh(both.Refresh, map[string]string{"resource": s.Issuer + "/api"})).Access)
	phone.Revoke(other.Access).Succeeded(t, http.StatusOK)
	inactive(t, phone.Introspect(other.Access))
}

// The trail says what a request and a binding are for.
func TestResourcesAreOnRecord(t *testing.T) {
	s := withResources(t)
	granted(t, s, s.Phone(), payments, letters)
	rows, err := s.Store.Trail(t.Context(), audit.Filter{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	said := map[audit.Type]string{}
	for _, row := range rows {
		said[row.Event.Type] = row.Event.Facts.Resource
	}
	for _, kind := range []audit.Type{audit.DeviceAuthorizationRequested, audit.DeviceBindingApproved} {
		if said[kind] != payments+" "+letters {
			t.Errorf("%s says %q", kind, said[kind])
		}
	}
}
