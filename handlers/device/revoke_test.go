package device_test

import (
	"net/http"
	"slices"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/oauth"
)

// RFC 7009 §2.1: the refresh token takes the binding and its access tokens along.
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

// RFC 7009 §2.1: an access token dies alone.
func TestRevokeAccessToken(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	granted := connect(t, s, phone)
	phone.Revoke(granted.Access).Succeeded(t, http.StatusOK)
	dead(t, phone, granted.Access)
	inactive(t, phone.Introspect(granted.Access))
	alive(t, phone, readTokens(t, phone.Refresh(granted.Refresh, nil)).Access)
}

// RFC 7009 §2.2 and 2.1: an unknown token is dead already; another client's, access
// or refresh, is refused and lives on. That somebody has it is an alert, one for each
// client that comes with it.
func TestRevokeWhatIsNotTheirs(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone, other := s.Phone(), s.Phone()
	granted := connect(t, s, phone)
	s.Unchanged(t, "the requests", func() {
		other.Revoke("x").Succeeded(t, http.StatusOK)
		refused(t, other.Revoke(""), oauth.ErrInvalidRequest)
	})
	third, before := s.Phone(), s.LastEvent()
	for range 3 {
		refused(t, other.Revoke(granted.Refresh), oauth.ErrInvalidGrant)
		refused(t, third.Revoke(granted.Access), oauth.ErrInvalidGrant)
	}
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.ForeignTokenPresented, audit.ForeignTokenPresented}) {
		t.Errorf("events are %v", got)
	}
	alerts, err := s.Store.Alerts(t.Context())
	if err != nil || alerts.Count != 2 || alerts.Newest[1].Event.Facts.Client != other.ClientID {
		t.Errorf("alerts are %+v, %v", alerts, err)
	}
	alive(t, phone, granted.Access)
	readTokens(t, phone.Refresh(granted.Refresh, nil))
}

// RFC 7009 §2.1: a token is ended also when the resource that it is for is no longer
// configured, here by a process that was started without it.
func TestRevokeTokenOfARemovedResource(t *testing.T) {
	s := withResources(t)
	phone := s.Phone()
	_, token := granted(t, s, phone, letters)
	policy := s.Store.Policy()
	policy.Resources = slices.DeleteFunc(slices.Clone(policy.Resources), func(r oauth.Resource) bool { return r.URI == letters })
	request := phone.NewRequest(handlerstest.Request{Path: oauth.PathRevocation, NoProof: true,
		Form: map[string]string{"token": token.Access}})
	request.URL.Host = s.AnotherWith(policy)
	before := s.LastEvent()
	s.Do(request).Succeeded(t, http.StatusOK)
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.AccessTokenRevoked}) {
		t.Errorf("events are %v", got)
	}
	inactive(t, phone.Introspect(token.Access))
}

// RFC 7009 §2.1: token_type_hint is a hint, whatever it says.
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
