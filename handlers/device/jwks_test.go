package device_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/models/keys"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// jwks is the published key set, by kid.
func jwks(t *testing.T, s *handlerstest.Server) []string {
	t.Helper()
	var keys jose.JSONWebKeySet
	answer := s.Get(oauth.PathJWKS)
	decode(t, answer.Text, &keys)
	var ids []string
	for _, key := range keys.Keys {
		if !key.IsPublic() || key.Use != "sig" || key.Algorithm != string(jose.ES256) {
			t.Errorf("key %s is published as %+v", key.KeyID, key)
		}
		ids = append(ids, key.KeyID)
	}
	return ids
}

func kid(t *testing.T, token string) string {
	t.Helper()
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Headers[0].KeyID
}

func rotate(t *testing.T, s *handlerstest.Server) {
	t.Helper()
	s.Clock.Advance(models.NextKeyPublished)
	if err := s.Store.RotateKey(t.Context(), keys.AccessToken, false); err != nil {
		t.Fatal(err)
	}
}

// A key signs only after everybody who keeps the JWKS for as long as its header allows
// has seen it; and every process publishes the same set.
func TestNextKeyIsInEveryCachedJWKS(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	answer := s.Get(oauth.PathJWKS)
	text, public := strings.CutPrefix(answer.Header.Get("Cache-Control"), "public, max-age=")
	seconds, err := strconv.Atoi(text)
	if maxAge := time.Duration(seconds) * time.Second; !public || err != nil || maxAge <= 0 || maxAge >= models.NextKeyPublished {
		t.Errorf("Cache-Control is %q, and a key signs %s after it is published", answer.Header.Get("Cache-Control"), models.NextKeyPublished)
	}
	before := jwks(t, s)
	phone := s.Phone()
	rotate(t, s)
	granted := connect(t, s, phone)
	if id := kid(t, granted.Access); !slices.Contains(before, id) || id == before[0] {
		t.Errorf("signed with %s, published before were %v", id, before)
	}
	request, _ := http.NewRequest(http.MethodGet, s.Endpoint(oauth.PathJWKS), nil)
	request.URL.Host = s.Another()
	if elsewhere := s.Do(request).Text; elsewhere != s.Get(oauth.PathJWKS).Text {
		t.Errorf("another process publishes %s", elsewhere)
	}
}

// A token that a retired key signed stays valid for its life, at the API, in
// introspection and for whoever has the published keys; and no longer.
func TestTokenOfARetiredKey(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		phone := s.Phone()
		s.Clock.Advance(models.NextKeyPublished)
		granted := connect(t, s, phone)
		old := kid(t, granted.Access)
		if err := s.Store.RotateKey(t.Context(), keys.AccessToken, false); err != nil {
			t.Fatal(err)
		}
		newer := readTokens(t, phone.Refresh(granted.Refresh, nil))
		if kid(t, newer.Access) == old {
			t.Error("the retired key still signs")
		}
		s.Clock.Advance(s.Store.Policy().AccessTokenLifetime - time.Second)
		for _, token := range []string{granted.Access, newer.Access} {
			alive(t, phone, token)
			if phone.Introspect(token).JSON["active"] != true {
				t.Error("introspection says that it is not active")
			}
		}
		if ids := jwks(t, s); len(ids) != 3 || ids[2] != old {
			t.Errorf("published %v, want %s last", ids, old)
		}
		s.Clock.Advance(time.Second)
		dead(t, phone, granted.Access)
		inactive(t, phone.Introspect(granted.Access))
	})
}

// A key that was ended before its time takes its tokens along, at once and in every
// process; the binding stands, and the phone gets a new token.
func TestTokenOfAnEndedKey(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	granted := connect(t, s, phone)
	rotate(t, s)
	token := readTokens(t, phone.Refresh(granted.Refresh, nil)).Access
	rotate := s.Store.RotateKey(t.Context(), keys.AccessToken, true)
	if err := s.Store.RetireKey(t.Context(), kid(t, token), true); rotate != nil || err != nil {
		t.Fatal(rotate, err)
	}
	dead(t, phone, token)
	inactive(t, phone.Introspect(token))
	alive(t, phone, readTokens(t, phone.Refresh(granted.Refresh, nil)).Access)
}

// refreshAt refreshes at another process.
func refreshAt(t *testing.T, s *handlerstest.Server, host string, phone *handlerstest.Phone, refreshToken string) string {
	t.Helper()
	request := phone.NewRequest(handlerstest.Request{Path: oauth.PathToken, Form: map[string]string{
		"grant_type": oauth.GrantTypeRefreshToken, "refresh_token": refreshToken}})
	request.URL.Host = host
	return readTokens(t, s.Do(request)).Access
}

// Of several processes one rotates; the others sign with the new key within a minute, and
// each takes the tokens of the others all the while.
func TestRotationReachesEveryProcess(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		phone, other := s.Phone(), s.Another()
		s.Clock.Advance(models.NextKeyPublished)
		granted := connect(t, s, phone)
		before := refreshAt(t, s, other, phone, granted.Refresh)
		if err := s.Store.RotateKey(t.Context(), keys.AccessToken, false); err != nil {
			t.Fatal(err)
		}
		late := refreshAt(t, s, other, phone, granted.Refresh) // has not heard of it yet
		s.Clock.Advance(time.Minute)
		after := refreshAt(t, s, other, phone, granted.Refresh)
		if kid(t, before) == kid(t, after) || kid(t, after) != kid(t, readTokens(t, phone.Refresh(granted.Refresh, nil)).Access) {
			t.Errorf("signed with %s before and %s after", kid(t, before), kid(t, after))
		}
		for _, token := range []string{granted.Access, before, late, after} {
			alive(t, phone, token)
		}
	})
}

// Under another master key everything goes on: tokens, nonces, and the user codes and
// requests that wait.
func TestAnotherMasterKeyChangesNothingElse(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		phone := s.Phone()
		granted := connect(t, s, phone)
		waiting := phone.Ask(nil)
		published := s.Get(oauth.PathJWKS).Text
		s.Reseal()
		other := s.Another()
		alive(t, phone, refreshAt(t, s, other, phone, granted.Refresh))
		alive(t, phone, granted.Access)
		if s.Get(oauth.PathJWKS).Text != published {
			t.Error("the published keys are others")
		}
		s.Approve(t, waiting.UserCode)
		poll := phone.NewRequest(handlerstest.Request{Path: oauth.PathToken, Form: map[string]string{
			"grant_type": oauth.GrantTypeDeviceCode, "device_code": waiting.DeviceCode}})
		poll.URL.Host = other
		readTokens(t, s.Do(poll))
	})
}
