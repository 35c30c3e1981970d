package device_test

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/oauth"
)

// RFC 8628 §3.2: these members and no others. There is no
// verification_uri_complete (docs/architecture.md §4.4).
func TestDeviceAuthorizationAnswer(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	answer := s.Phone().Ask(nil).Answer
	want := []string{"device_code", "expires_in", "interval", "user_code", "verification_uri"}
	if !slices.Equal(answer.Members(), want) {
		t.Errorf("members are %v, want %v", answer.Members(), want)
	}
	if got := answer.String("verification_uri"); got != s.Issuer+"/device" {
		t.Errorf("verification_uri is %q", got)
	}
	if _, err := oauth.ParseUserCode(answer.String("user_code")); err != nil || len(answer.String("user_code")) != 9 {
		t.Errorf("user_code is not shown as XXXX-XXXX: %v", err)
	}
	if len(answer.String("device_code")) != 51 {
		t.Error("device_code is not a time and 256 bits in base64url")
	}
}

// docs/protocol.md §6 missing-lifetime: a client that says nothing of lifetimes gets the defaults,
// never 0 and never "for ever".
func TestDefaultLifetimes(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	if got := codes.Answer.Number("expires_in"); got != 604800 {
		t.Errorf("expires_in is %v, want 604800", got)
	}
	if got := codes.Answer.Number("interval"); got != 30 {
		t.Errorf("interval is %v, want 30", got)
	}
	s.Approve(t, codes.UserCode)
	granted := readTokens(t, phone.Poll(codes.DeviceCode))
	if got := granted.answer.Number("expires_in"); got != 600 {
		t.Errorf("the access token's expires_in is %v, want 600", got)
	}
	now, end := s.Clock.Now(), phone.Introspect(granted.Refresh).Number("exp")
	if got := time.Unix(int64(end), 0).Sub(now); got != 30*24*time.Hour {
		t.Errorf("an idle refresh token lives %v, want 30 days", got)
	}
}

// docs/architecture.md §4.1: an identifier that names no account is answered like one that
// does, and its request simply belongs to nobody.
func TestUnknownAccountIsAnsweredAlike(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	known, unknown := phone.Ask(nil), phone.Ask(map[string]string{"login_hint": "nobody@example.org"})
	if known.Answer.Status != unknown.Answer.Status || !slices.Equal(known.Answer.Members(), unknown.Answer.Members()) ||
		len(known.Answer.Text) != len(unknown.Answer.Text) {
		t.Errorf("answers differ: %d %v (%d bytes) and %d %v (%d bytes)",
			known.Answer.Status, known.Answer.Members(), len(known.Answer.Text),
			unknown.Answer.Status, unknown.Answer.Members(), len(unknown.Answer.Text))
	}
	for _, member := range []string{"expires_in", "interval", "verification_uri"} {
		if known.Answer.JSON[member] != unknown.Answer.JSON[member] {
			t.Errorf("%s differs", member)
		}
	}
	for name := range known.Answer.Header {
		if _, has := unknown.Answer.Header[name]; !has {
			t.Errorf("header %s tells them apart", name)
		}
	}
	for range 3 {
		s.Clock.Advance(s.Interval())
		refused(t, phone.Poll(known.DeviceCode), oauth.ErrAuthorizationPending)
		refused(t, phone.Poll(unknown.DeviceCode), oauth.ErrAuthorizationPending)
	}
}

// RFC 8628 §3.1, RFC 6749 §3.2 and 3.3, RFC 8707,
// draft-richer-oauth-instance-00 §2.
func TestDeviceAuthorizationRequests(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	for _, c := range []struct {
		name string
		form map[string]string
		code string // "" means accepted
	}{
		{"unknown parameters are ignored", map[string]string{"colour": "blue"}, ""},
		{"scope is optional", map[string]string{"scope": ""}, ""},
		{"a scope that the client registered", map[string]string{"scope": "profile"}, ""},
		{"a scope that it did not", map[string]string{"scope": "profile admin"}, oauth.ErrInvalidScope},
		{"a malformed scope", map[string]string{"scope": "profile  admin"}, oauth.ErrInvalidScope},
		{"the resource of this server", map[string]string{"resource": s.Issuer + "/api"}, ""},
		{"another resource", map[string]string{"resource": "https://elsewhere.example"}, oauth.ErrInvalidTarget},
		{"no login_hint", map[string]string{"login_hint": ""}, oauth.ErrInvalidRequest},
		{"an instance name", map[string]string{"instance_name": "Anna's phone", "instance_description": "the blue one"}, ""},
		{"an instance description alone", map[string]string{"instance_description": "the blue one"}, oauth.ErrInvalidRequest},
		{"an instance name of 65 characters", map[string]string{"instance_name": strings.Repeat("é", 65)}, oauth.ErrInvalidRequest},
		{"an instance description of 257", map[string]string{"instance_name": "x", "instance_description": strings.Repeat("y", 257)},
			oauth.ErrInvalidRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := phone.AskRaw(handlerstest.Request{Form: c.form})
			if c.code == "" {
				answer.Succeeded(t, http.StatusOK)
				return
			}
			refused(t, answer, c.code)
		})
	}
}

// RFC 8628 §3.1: no scope means everything that the client registered.
func TestScopeDefaultsToTheRegisteredOne(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	granted := connect(t, s, s.Phone())
	if got := granted.answer.String("scope"); got != handlerstest.AllScopes() {
		t.Errorf("granted %q, want %q", got, handlerstest.AllScopes())
	}
}

// docs/protocol.md §6 hostile-text, the protocol's part: hostile text is refused, and nothing is
// kept of it.
func TestHostileTextIsRefused(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	for name, text := range map[string]string{
		"NUL": "a\x00b", "invalid UTF-8": "a\xff", "right-to-left override": "anna\u202egro.elpmaxe",
		"zero width": "an\u200bna", "line break": "a\nb", "long": strings.Repeat("a", 255),
	} {
		for _, parameter := range []string{"login_hint", "instance_name"} {
			t.Run(name+" in "+parameter, func(t *testing.T) {
				s.Unchanged(t, "the request", func() {
					refused(t, phone.AskRaw(handlerstest.Request{Form: map[string]string{parameter: text}}), oauth.ErrInvalidRequest)
				})
			})
		}
	}
	huge := handlerstest.Request{Form: map[string]string{"instance_name": strings.Repeat("a", 1<<20)}}
	phone.AskRaw(huge).Refused(t, http.StatusRequestEntityTooLarge, oauth.ErrInvalidRequest)
}

// RFC 6749 §3.2: no parameter more than once; parameters in the URL do not count.
func TestRepeatedParametersAndQuery(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	twice := phone.NewRequest(handlerstest.Request{Path: oauth.PathDeviceAuthorization,
		Form: map[string]string{"login_hint": "anna@example.org"}})
	body, _ := twice.GetBody()
	refused(t, s.Do(withBody(twice, body, "&login_hint=b")), oauth.ErrInvalidRequest)

	query := phone.NewRequest(handlerstest.Request{Path: oauth.PathDeviceAuthorization})
	query.URL.RawQuery = "login_hint=anna@example.org"
	refused(t, s.Do(query), oauth.ErrInvalidRequest)
}

// docs/protocol.md §6 forged-address: X-Forwarded-For from a stranger does not change the address
// that operators and the trail see.
func TestAddressIsTheConnections(t *testing.T) {
	forwarded := http.Header{"X-Forwarded-For": {"203.0.113.9"}, "X-Real-Ip": {"203.0.113.9"}}
	for _, c := range []struct {
		name    string
		proxies []netip.Prefix
		want    string
	}{
		{"from a stranger", nil, "127.0.0.1"},
		{"from another than the proxy", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, "127.0.0.1"},
		{"from the proxy", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "203.0.113.9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{TrustedProxies: c.proxies})
			phone := s.Phone()
			phone.AskRaw(handlerstest.Request{Header: forwarded}).Succeeded(t, http.StatusOK)
			account, err := s.Store.Account(t.Context(), s.Account.ID)
			if err != nil || account.Requests[0].Address != c.want {
				t.Errorf("the operator sees %v, want %s (%v)", account.Requests, c.want, err)
			}
			rows, err := s.Store.Trail(t.Context(), audit.Filter{Limit: 1})
			if err != nil || rows[0].Event.Facts.Address != c.want {
				t.Errorf("the trail says %s, want %s (%v)", rows[0].Event.Facts.Address, c.want, err)
			}
			if !strings.Contains(s.Log(), "address="+c.want) {
				t.Error("the log says another address")
			}
		})
	}
}

// docs/protocol.md §6 moving-deadline: the phone's deadline and the counter's are the same, and no
// call moves it.
func TestDeadlineIsTheSameForAllAndStays(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	onPhone := s.Clock.Now().Add(time.Duration(codes.Answer.Number("expires_in")) * time.Second)
	atCounter := func() time.Time {
		account, err := s.Store.Account(t.Context(), s.Account.ID)
		if err != nil {
			t.Fatal(err)
		}
		return account.Requests[0].Deadline().Time()
	}
	for range 5 {
		s.Clock.Advance(24 * time.Hour)
		refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAuthorizationPending)
		if got := atCounter(); !got.Equal(onPhone) {
			t.Fatalf("the counter says %v, the phone %v", got, onPhone)
		}
	}
	approval := s.Approve(t, codes.UserCode)
	if got, want := atCounter(), s.Clock.Now().Add(7*24*time.Hour); !got.Equal(want) || !approval.RedeemUntil.Time().Equal(want) {
		t.Errorf("approved: the counter says %v, the approval %v, want %v", got, approval.RedeemUntil.Time(), want)
	}
}

// A request is one event, a refused one none.
func TestEventOfARequest(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	before := s.LastEvent()
	phone.Ask(nil)
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.DeviceAuthorizationRequested}) {
		t.Errorf("events are %v", got)
	}
	before = s.LastEvent()
	phone.AskRaw(handlerstest.Request{Form: map[string]string{"scope": "admin"}})
	if got := s.Events(before); len(got) != 0 {
		t.Errorf("a refused request left %v", got)
	}
}
