package device_test

import (
	"net/http"
	"slices"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/oauth"
)

// RFC 7009 section 2.1: the refresh token takes the binding and its access tokens along.
func TestRevokeRefreshToken(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	granted := connect(t, s, phone)
	later := readTokens(t, phone.Refresh(granted.Refresh, nil))
	before := s.LastEvent()
	phone.Revoke(granted.Refresh).Succeeded(t, http.StatusOK)
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.DeviceBindingRevoked}) {
		t.Errorf("events are %v", got)
	}
	for _, token := range []string{granted.Access, later.Access} {
		dead(t, phone, token)
		inactive(t, phone.Introspect(token))
	}
	inactive(t, phone.Introspect(granted.Refresh))
	refused(t, phone.Refresh(granted.Refresh, nil), oauth.ErrInvalidGrant)
	phone.Revoke(granted.Refresh).Succeeded(t, http.StatusOK) // once more is no error
}

// RFC 7009 section 2.1: an access token dies alone.
func TestRevokeAccessToken(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	granted := connect(t, s, phone)
	phone.Revoke(granted.Access).Succeeded(t, http.StatusOK)
	dead(t, phone, granted.Access)
	inactive(t, phone.Introspect(granted.Access))
	alive(t, phone, readTokens(t, phone.Refresh(granted.Refresh, nil)).Access)
}

// RFC 7009 section 2.2 and 2.1: an unknown token is dead already; another client's is
// refused where it can be told, and lives on either way. Another client's refresh token
// cannot be told from an unknown one, so that nothing is learned of it.
func TestRevokeWhatIsNotTheirs(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone, other := s.Phone(), s.Phone()
	granted := connect(t, s, phone)
	s.Unchanged(t, "the requests", func() {
		other.Revoke("x").Succeeded(t, http.StatusOK)
		other.Revoke(granted.Refresh).Succeeded(t, http.StatusOK)
		refused(t, other.Revoke(granted.Access), oauth.ErrInvalidGrant)
		refused(t, other.Revoke(""), oauth.ErrInvalidRequest)
	})
	alive(t, phone, granted.Access)
	readTokens(t, phone.Refresh(granted.Refresh, nil))
}

// RFC 7009 section 2.1: token_type_hint is a hint, whatever it says.
func TestTokenTypeHintIsOnlyAHint(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	for _, hint := range []string{"access_token", "refresh_token", "nonsense"} {
		granted := connect(t, s, phone)
		phone.Post(handlerstest.Request{Path: oauth.PathRevocation, NoProof: true,
			Form: map[string]string{"token": granted.Refresh, "token_type_hint": hint}}).Succeeded(t, http.StatusOK)
		dead(t, phone, granted.Access)
	}
}
