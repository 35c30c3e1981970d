package device_test

import (
	"crypto"
	"net/http"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/oauth"
)

// RFC 6749 §6, FAPI 2.0: the refresh token is not rotated, so that the answer has
// none; it is bound to client and key; the scope may be narrowed and never widened.
func TestRefresh(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	first := connect(t, s, phone)
	second := readTokens(t, phone.Refresh(first.Refresh, nil))
	if want := []string{"access_token", "expires_in", "scope", "token_type"}; !slices.Equal(second.answer.Members(), want) {
		t.Errorf("members are %v, want %v", second.answer.Members(), want)
	}
	alive(t, phone, first.Access)
	alive(t, phone, second.Access)
	narrow := readTokens(t, phone.Refresh(first.Refresh, map[string]string{"scope": "profile"}))
	if got := phone.WhoAmI(narrow.Access).String("scope"); got != "profile" {
		t.Errorf("the narrowed token says %q", got)
	}
	whole := readTokens(t, phone.Refresh(first.Refresh, nil))
	if got := whole.answer.String("scope"); got != handlerstest.AllScopes() {
		t.Errorf("narrowing once narrowed for good: %q", got)
	}
	s.Unchanged(t, "a refused refresh", func() {
		refused(t, phone.Refresh(first.Refresh, map[string]string{"scope": "profile admin"}), oauth.ErrInvalidScope)
		refused(t, phone.Refresh(first.Refresh, map[string]string{"resource": "https://elsewhere.example"}), oauth.ErrInvalidTarget)
		refused(t, phone.Refresh(first.Access, nil), oauth.ErrInvalidGrant)
	})
	refused(t, s.Phone().Refresh(first.Refresh, nil), oauth.ErrInvalidGrant)
	alive(t, phone, whole.Access)
}

// RFC 9449 §5, docs/architecture.md §6: a refresh token that comes with the right client
// and another key was stolen, and so was the client's key: everything ends at once, in
// introspection too.
func TestRefreshWithAnotherKeyRevokesAtOnce(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	granted := connect(t, s, phone)
	before := s.LastEvent()
	refused(t, phone.Post(handlerstest.Request{Path: oauth.PathToken, Proof: handlerstest.Forge{Key: handlerstest.NewKey()},
		Form: map[string]string{"grant_type": oauth.GrantTypeRefreshToken, "refresh_token": granted.Refresh}}), oauth.ErrInvalidGrant)
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.WrongKeyUsed, audit.DeviceBindingRevoked}) {
		t.Errorf("events are %v", got)
	}
	dead(t, phone, granted.Access)
	inactive(t, phone.Introspect(granted.Access))
	inactive(t, phone.Introspect(granted.Refresh))
	refused(t, phone.Refresh(granted.Refresh, nil), oauth.ErrInvalidGrant)
}

// RFC 9700 §4.14.2, docs/protocol.md §6 missing-lifetime: idle and absolute ends, at the end
// −1 s and at the end. Every use moves the idle end on, never past the absolute one.
func TestRefreshTokenEnds(t *testing.T) {
	idle, whole := 30*24*time.Hour, 365*24*time.Hour
	t.Run("idle", func(t *testing.T) {
		s := handlerstest.Start(t, handlerstest.Config{})
		phone := s.Phone()
		token := connect(t, s, phone).Refresh
		for range 2 {
			s.Clock.Advance(idle - time.Second)
			readTokens(t, phone.Refresh(token, nil))
		}
		s.Clock.Advance(idle)
		inactive(t, phone.Introspect(token))
		refused(t, phone.Refresh(token, nil), oauth.ErrInvalidGrant)
	})
	t.Run("absolute", func(t *testing.T) {
		s := handlerstest.Start(t, handlerstest.Config{})
		phone := s.Phone()
		end := s.Clock.Now().Add(whole)
		token := connect(t, s, phone).Refresh
		for s.Clock.Now().Add(idle - time.Hour).Before(end) {
			s.Clock.Advance(idle - time.Hour)
			readTokens(t, phone.Refresh(token, nil))
		}
		s.Clock.Set(end.Add(-time.Second))
		readTokens(t, phone.Refresh(token, nil))
		s.Clock.Set(end)
		refused(t, phone.Refresh(token, nil), oauth.ErrInvalidGrant)
	})
}

// A phone with one key for everything that replaces it (RFC 7592 §2.2, or at its
// jwks_uri) goes on with its refresh token: no alert, and the token is the new key's. A
// key that nobody registered still ends everything.
func TestRefreshAfterTheKeyWasReplaced(t *testing.T) {
	replaced := map[string]func(t *testing.T) (*handlerstest.Server, *handlerstest.Phone, func(fresh crypto.Signer)){
		"by PUT": func(t *testing.T) (*handlerstest.Server, *handlerstest.Phone, func(crypto.Signer)) {
			s := handlerstest.Start(t, handlerstest.Config{})
			r := manage(t, s)
			return s, r.Phone, func(fresh crypto.Signer) {
				r.replace(handlerstest.Metadata(fresh).With(handlerstest.Object{"client_id": r.ClientID})).Succeeded(t, http.StatusOK)
			}
		},
		"at jwks_uri": func(t *testing.T) (*handlerstest.Server, *handlerstest.Phone, func(crypto.Signer)) {
			host, key := startKeyHost(t), handlerstest.NewKey()
			s := trusting(t, host)
			host.holds(key)
			return s, s.PhoneOf(s.Register(at(host.URL)).Succeeded(t, http.StatusCreated), key), func(fresh crypto.Signer) { host.holds(fresh) }
		},
	}
	for name, begin := range replaced {
		t.Run(name, func(t *testing.T) {
			s, phone, replace := begin(t)
			granted, fresh := connect(t, s, phone), handlerstest.NewKey()
			s.Clock.Advance(time.Hour)
			replace(fresh)
			phone.Key, phone.DPoP = fresh, fresh
			before := s.LastEvent()
			for range 2 {
				alive(t, phone, readTokens(t, phone.Refresh(granted.Refresh, nil)).Access)
			}
			got := slices.DeleteFunc(s.Events(before), func(event audit.Type) bool { return event == audit.ClientUpdated })
			if !slices.Equal(got, []audit.Type{audit.RefreshTokenRebound}) {
				t.Errorf("events are %v", got)
			}
			phone.DPoP = handlerstest.NewKey()
			refused(t, phone.Refresh(granted.Refresh, nil), oauth.ErrInvalidGrant)
			phone.DPoP = fresh
			refused(t, phone.Refresh(granted.Refresh, nil), oauth.ErrInvalidGrant)
		})
	}
}
