package signin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/signin"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"
)

// lines returns what the log has had since, of one message.
func lines(s *handlerstest.Server, since int, message string) []string {
	var found []string
	for line := range strings.Lines(s.Log()[since:]) {
		if strings.Contains(line, message) {
			found = append(found, line)
		}
	}
	return found
}

// Every refusal of staff writes one line with the request's id and its cause, and never a
// code or a name.
func TestRefusalsSayTheirCause(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	back := func(who handlerstest.Person, change url.Values) func(b *handlerstest.Browser) {
		return func(b *handlerstest.Browser) {
			provider.Next(who)
			address := mustParse(t, throughProvider(b, begin(b, "/")))
			query := address.Query()
			for name, values := range change {
				query[name] = values
			}
			address.RawQuery = query.Encode()
			b.Step(http.MethodGet, address.String(), nil)
		}
	}
	invalidScope, elsewhere := url.Values{"error": {"invalid_scope"}, "code": nil}, url.Values{"iss": {"https://elsewhere.example"}}
	nora := func(roles any) handlerstest.Person { return handlerstest.Person{Name: "Nora Nobody", Roles: roles} }
	for cause, come := range map[string]func(*handlerstest.Browser){
		`there is no claim \"roles\"`:                                                      back(nora(nil), nil),
		`the claim \"roles\" is of JSON type number`:                                       back(nora(7), nil),
		`the claim \"roles\" is of JSON type array, and none of its 2 values means a role`: back(nora([]string{"a", "b"}), nil),
		"it said error=invalid_scope":                                                      back(olga(), invalidScope),
		"it said error=(something that is no error code)":                                  back(olga(), url.Values{"error": {"<b>"}}),
		`iss is \"https://elsewhere.example\"`:                                             back(olga(), elsewhere),
		"it sent no code":                                                                  back(olga(), url.Values{"code": {""}}),
		`the token endpoint said \"invalid_grant\"`:                                        back(olga(), url.Values{"code": {"unknown"}}),
	} {
		since := len(s.Log())
		come(s.Browser(t))
		told := lines(s, since, "level=WARN")
		if len(told) != 1 || !strings.Contains(told[0], cause) || !strings.Contains(told[0], "request_id=") || strings.Contains(told[0], "Nora") {
			t.Errorf("%s: logged %q", cause, told)
		}
	}
}

// A provider that will never let anybody in is not one to try again in a minute: the page
// says so, and the log has the cause beside the reference.
func TestProviderThatDoesNotFit(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	none := func(*http.Response) error { return nil }
	wrongPath := withAnswers(provider, none)
	wrongPath.Issuer += "/elsewhere"
	for cause, staff := range map[string]web.StaffProvider{
		"did not match the issuer URL": withMetadata(provider, func(m map[string]any) { m["issuer"] = "https://elsewhere.example" }),
		"metadata: the organisation's provider and this server are not set up for each other: it answered 404": wrongPath,
		"takes private_key_jwt, and this server has a client_secret": withMetadata(provider, func(m map[string]any) {
			m["token_endpoint_auth_methods_supported"] = []string{"private_key_jwt"}
		}),
	} {
		s := handlerstest.Start(t, handlerstest.Config{Staff: staff})
		page := s.Browser(t).Get(views.PathSignIn).Form(views.PathSignIn).Submit()
		page.Wants(http.StatusServiceUnavailable, "is not set up for this server")
		told := lines(s, 0, "sign-in failed")
		if strings.Contains(page.Source, "in a minute") || len(told) != 1 || !strings.Contains(told[0], cause) {
			t.Errorf("%s: logged %q", cause, told)
		}
		_, id, _ := strings.Cut(told[0], "request_id=")
		if id = strings.TrimSpace(id); id == "" || !strings.Contains(page.Source, id) {
			t.Errorf("%s: the page does not name %q", cause, id)
		}
	}
}

// The UserInfo endpoint's status is told, and a refusal there does not pass by itself.
func TestUserInfoIsRefused(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	for status, heading := range map[int]string{
		http.StatusForbidden: "is not set up for this server", http.StatusBadGateway: "does not answer",
	} {
		staff := withAnswers(provider, func(answer *http.Response) error {
			if strings.HasSuffix(answer.Request.URL.Path, "/userinfo") {
				answer.StatusCode, answer.Status = status, fmt.Sprint(status)
			}
			return nil
		})
		s := handlerstest.Start(t, handlerstest.Config{Staff: staff})
		provider.Next(olga())
		b := s.Browser(t)
		b.Get(views.PathSignIn).Form(views.PathSignIn).Submit().Wants(http.StatusServiceUnavailable, heading)
		if told := lines(s, 0, "sign-in failed"); len(told) != 1 || !strings.Contains(told[0], fmt.Sprintf("it answered %d", status)) {
			t.Errorf("%d: logged %q", status, told)
		}
	}
}

// OpenID Connect Discovery 1.0 §3: metadata is read again every hour, beside the requests. A
// provider that does not answer then keeps nobody out.
func TestMetadataIsReadHourly(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	var version, read atomic.Int32
	var down atomic.Bool
	staff := withMetadata(provider, func(metadata map[string]any) {
		read.Add(1)
		if down.Load() {
			metadata["issuer"] = "https://elsewhere.example"
		}
		metadata["authorization_endpoint"] = fmt.Sprint(metadata["authorization_endpoint"], "?version=", version.Load())
	})
	s := handlerstest.Start(t, handlerstest.Config{Staff: staff})
	asks := func() string { return begin(s.Browser(t), "/").Query().Get("version") }
	becomes := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); asks() != want; {
			if time.Now().After(deadline) {
				t.Fatalf("it asks version %s, want %s", asks(), want)
			}
		}
	}
	becomes("0")
	version.Store(1)
	s.Clock.Advance(time.Hour - time.Millisecond)
	if asks() != "0" || read.Load() != 1 {
		t.Errorf("the metadata was read %d times within the hour", read.Load())
	}
	s.Clock.Advance(time.Millisecond)
	becomes("1")
	down.Store(true)
	version.Store(2)
	s.Clock.Advance(time.Hour)
	before := read.Load()
	for deadline := time.Now().Add(time.Minute); len(lines(s, 0, "could not be read again")) == 0 && time.Now().Before(deadline); {
		if asks() != "1" {
			t.Fatal("what was known counts no more")
		}
	}
	if got := lines(s, 0, "could not be read again"); len(got) != 1 || read.Load() != before+1 {
		t.Errorf("read %d times, logged %q", read.Load()-before, got)
	}
}

// OpenID Connect Discovery 1.0 §3: the way to authenticate is the one that the provider
// lists, and no other is tried. (This one takes the form only, whatever it lists.)
func TestTokenEndpointAuthMethod(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	for method, header := range map[string]bool{"client_secret_basic": true, "client_secret_post": false} {
		var asked []bool // whether each request had the header
		staff := withMetadata(provider, func(m map[string]any) { m["token_endpoint_auth_methods_supported"] = []string{method} })
		inner := staff.HTTP.Transport
		staff.HTTP.Transport = watching(func(request *http.Request) (*http.Response, error) {
			if strings.HasSuffix(request.URL.Path, "/token") {
				_, _, basic := request.BasicAuth()
				asked = append(asked, basic)
			}
			return inner.RoundTrip(request)
		})
		s := handlerstest.Start(t, handlerstest.Config{Staff: staff})
		provider.Next(olga())
		b := s.Browser(t)
		b.Step(http.MethodGet, throughProvider(b, begin(b, "/")), nil)
		if len(asked) != 1 || asked[0] != header {
			t.Errorf("%s: asked by %v", method, asked)
		}
	}
}

type watching func(*http.Request) (*http.Response, error)

func (w watching) RoundTrip(request *http.Request) (*http.Response, error) { return w(request) }

// What will keep staff out is warned of when the server starts, and refuses no start.
func TestProviderIsCheckedAtTheStart(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	good := withMetadata(provider, func(map[string]any) {})
	poor := withMetadata(provider, func(m map[string]any) {
		m["code_challenge_methods_supported"], m["scopes_supported"] = []string{"plain"}, []string{"openid"}
		m["acr_values_supported"] = []string{"silver"}
	})
	for name, test := range map[string]struct {
		staff web.StaffProvider
		want  []string
	}{
		"good":   {good, nil},
		"absent": {handlerstest.AbsentProvider(), []string{"staff cannot sign in"}},
		"poor": {poor, []string{"code_challenge_methods_supported does not list S256", "scopes_supported does not list profile",
			"scopes_supported does not list email", "acr_values_supported does not list gold"}},
	} {
		s := handlerstest.Start(t, handlerstest.Config{Staff: test.staff, Policy: models.Policy{StepUp: models.StepUp{ACR: []string{"gold"}}}})
		since := len(s.Log())
		signin.CheckProvider(t.Context(), s.App())
		told := strings.Join(lines(s, since, "level=WARN"), "")
		for _, want := range test.want {
			if !strings.Contains(told, want) {
				t.Errorf("%s: %q is not among %q", name, want, told)
			}
		}
		if got := strings.Count(told, "\n"); got != len(test.want) {
			t.Errorf("%s: warned of %q", name, told)
		}
	}
}
