package handlers_test

import (
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"countersign/handlers"
	"countersign/handlers/handlerstest"
	"countersign/handlers/tlog"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// atWork is a server in the middle of a visit, so that every route has something to
// show: an approved request and one that waits.
type atWork struct {
	*handlerstest.Server
	operator, supervisor, beginner handlerstest.Staff // the beginner has opened no counter
	visit, waiting                 string
	binding                        string
	administrator                  handlerstest.Staff
}

func begin(t testing.TB) atWork {
	t.Helper()
	return beginWith(t, handlerstest.Config{})
}

func beginWith(t testing.TB, config handlerstest.Config) atWork {
	t.Helper()
	s := handlerstest.Start(t, config)
	phone := s.Phone()
	approved, waiting := phone.Ask(nil), phone.Ask(nil)
	operator := s.Operator("Olga Operator")
	approval := s.ApproveFor(t, operator, s.Account.ID, approved.UserCode)
	return atWork{
		Server: s, operator: operator, supervisor: s.Supervisor("Sara Supervisor"),
		beginner: s.SignIn(models.Identity{Subject: "Ben Beginner", Name: "Ben Beginner", Roles: []models.Role{models.Operator}}),
		visit:    approval.Binding.DeviceAuthorizationID, binding: approval.Binding.ID,
		waiting:       s.Match(t, operator, waiting.UserCode).ID,
		administrator: s.Administrator("Ada Administrator"),
	}
}

// addresses are what a route's path can be: with identifiers that exist.
func (w atWork) addresses(route web.Route) []string {
	path := strings.Replace(route.Path, "*", "app.css", 1)
	switch {
	case !strings.Contains(path, ":id"):
		return []string{path}
	case strings.Contains(path, "/accounts/"):
		return []string{strings.Replace(path, ":id", w.Account.ID, 1)}
	case strings.Contains(path, "/bindings/"):
		return []string{strings.Replace(path, ":id", w.binding, 1)}
	}
	return []string{strings.Replace(path, ":id", w.visit, 1), strings.Replace(path, ":id", w.waiting, 1)}
}

// request is a plain one, by somebody who is signed in when there is a cookie.
func (w atWork) request(method, path string, who *handlerstest.Staff) *http.Request {
	request, _ := http.NewRequest(method, w.Endpoint(path), nil)
	if who != nil {
		who.AddTo(request)
	}
	return request
}

func isUnsafe(route web.Route) bool { return route.Method != http.MethodGet }

func isClients(access web.Access) bool { return access == web.Client || access == web.Introspector }

func isStaffs(access web.Access) bool {
	return access == web.SignedIn || access == web.Operator || access == web.AtCounter ||
		access == web.Supervisor || access == web.Administrator
}

// Every line of the table has a rule that somebody thought of: no zero value by accident,
// no cookie where the origin is not checked, no body on a GET.
func TestEveryRouteHasItsRules(t *testing.T) {
	w := begin(t)
	public := map[string]bool{ // what anybody may use, on purpose
		"GET " + views.PathNotMe + ":token": true, "POST " + views.PathNotMe + ":token": true,
		"GET " + oauth.PathMetadata: true, "GET " + oauth.PathJWKS: true, "POST " + oauth.PathRegistration: true,
		"GET " + oauth.PathVerification: true, "GET " + views.PathSignIn: true, "POST " + views.PathSignIn: true,
		"POST " + views.PathLanguage: true, "GET " + views.PathSignedOut: true,
		"POST " + views.PathSignIn + "/backchannel-logout": true,
		"GET " + handlers.PathSignInCallback:               true, "GET /static/*": true, "GET " + views.PathPhone: true,
		"GET " + views.PathPhoneWorker: true, "GET " + views.PathPhoneManifest: true,
		"GET /healthz": true, "GET /readyz": true, "GET " + views.PathHelp: true, "GET " + views.HelpPath("operator", ""): true,
		"GET " + views.HelpPath("supervisor", ""): true, "GET " + views.HelpPath("administrator", ""): true,
		"GET " + views.HelpPath("phone", ""): true,
		"GET " + tlog.PathCheckpoint:         true, "GET " + tlog.PathKeys: true, "GET " + tlog.PathTile: true,
	}
	seen := map[string]bool{}
	for _, route := range w.Routes {
		name := route.Method + " " + route.Path
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
		if (route.Access == web.Public) != public[name] {
			t.Errorf("%s: public is %v", name, route.Access == web.Public)
		}
		if isStaffs(route.Access) && route.Origins != web.SameOrigin {
			t.Errorf("%s takes a cookie from any origin", name)
		}
		if (route.Body != web.NoBody) != isUnsafe(route) {
			t.Errorf("%s reads a body of %d", name, route.Body)
		}
		if route.Method != http.MethodGet && route.Method != http.MethodPost && route.Audience == web.People {
			t.Errorf("%s: a plain form cannot send it", name)
		}
		if program := isClients(route.Access) || route.Access == web.Token || route.Access == web.Manager; program &&
			route.Audience != web.Clients {
			t.Errorf("%s answers a client with a page", name)
		}
	}
}

// Nobody gets past an access rule: staff routes lead to the sign-in or answer 401,
// client routes are invalid_client, and nothing is changed.
func TestAnonymousRequestsAreTurnedAway(t *testing.T) {
	w := begin(t)
	for _, route := range w.Routes {
		for _, path := range w.addresses(route) {
			w.Unchanged(t, route.Method+" "+path, func() {
				if route.Access != web.Public {
					turnedAway(t, route, path, w.Do(w.request(route.Method, path, nil)))
				}
			})
		}
	}
}

func turnedAway(t *testing.T, route web.Route, path string, answer handlerstest.Answer) {
	t.Helper()
	switch {
	case isClients(route.Access):
		answer.Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
	case route.Access == web.Token, route.Access == web.Manager, isUnsafe(route):
		if answer.Status != http.StatusUnauthorized {
			t.Errorf("%s %s: %d, want 401", route.Method, path, answer.Status)
		}
	default:
		location := answer.Header.Get("Location")
		if answer.Status != http.StatusSeeOther || !strings.HasPrefix(location, views.PathSignIn+"?return_to=") {
			t.Errorf("%s %s: %d to %q, want the sign-in", route.Method, path, answer.Status, location)
		}
	}
}

// A cookie that is no session's, a session that has ended and one that idled too long
// are nobody (ASVS 5.0.0, sessions).
func TestEndedSessionsAreNobody(t *testing.T) {
	w := begin(t)
	ended := w.Operator("Ended")
	if err := w.Store.EndSession(t.Context(), ended.SessionID); err != nil {
		t.Fatal(err)
	}
	forged := handlerstest.Staff{Cookie: strings.Repeat("A", 43)}
	idle := w.operator
	for name, who := range map[string]*handlerstest.Staff{"forged": &forged, "ended": &ended} {
		if got := w.Do(w.request(http.MethodGet, views.PathCounter, who)).Status; got != http.StatusSeeOther {
			t.Errorf("%s: %d, want 303", name, got)
		}
	}
	w.Clock.Advance(w.Store.Policy().SessionIdle)
	if got := w.Do(w.request(http.MethodPost, views.PathSearch, &idle)).Status; got != http.StatusUnauthorized {
		t.Errorf("idle: %d, want 401", got)
	}
}

// Each role gets its own routes and 403 for the others'; an operator without a counter
// is led to open one.
func TestRolesAreEnforced(t *testing.T) {
	w := begin(t)
	for _, route := range w.Routes {
		for _, path := range w.addresses(route) {
			for name, c := range map[string]struct {
				who     *handlerstest.Staff
				refused bool
			}{
				"supervisor":    {&w.supervisor, route.Access == web.Operator || route.Access == web.AtCounter || route.Access == web.Administrator},
				"operator":      {&w.operator, route.Access == web.Supervisor || route.Access == web.Administrator},
				"administrator": {&w.administrator, isStaffs(route.Access) && route.Access != web.Administrator && route.Access != web.SignedIn},
			} {
				if !c.refused {
					continue
				}
				w.Unchanged(t, name+" at "+path, func() {
					if got := w.Do(w.request(route.Method, path, c.who)).Status; got != http.StatusForbidden {
						t.Errorf("%s %s as %s: %d, want 403", route.Method, path, name, got)
					}
				})
			}
			if route.Access == web.AtCounter {
				answer := w.Do(w.request(route.Method, path, &w.beginner))
				if answer.Status != http.StatusSeeOther || !strings.HasPrefix(answer.Header.Get("Location"), views.PathOpenCounter) {
					t.Errorf("%s %s without a counter: %d to %q", route.Method, path, answer.Status, answer.Header.Get("Location"))
				}
			}
		}
	}
}

// A counter with networks is used from these only, whatever X-Forwarded-For says (docs/protocol.md §6 forged-address).
func TestCounterIsUsedFromItsNetwork(t *testing.T) {
	w := begin(t)
	counter, err := w.Store.AddCounter(t.Context(), models.NewCounter{Name: "Airport", TimeZone: "UTC", Networks: []string{"192.0.2.0/24"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Store.OpenCounter(t.Context(), w.beginner.SessionID, counter.ID, netip.MustParseAddr("192.0.2.7")); err != nil {
		t.Fatal(err)
	}
	for _, forwarded := range []string{"", "192.0.2.7"} {
		request := w.request(http.MethodGet, views.PathCounter, &w.beginner)
		request.Header.Set("X-Forwarded-For", forwarded)
		if got := w.Do(request).Status; got != http.StatusForbidden {
			t.Errorf("from elsewhere with X-Forwarded-For %q: %d, want 403", forwarded, got)
		}
	}
}

// docs/protocol.md §6 get-changes-nothing: loading any page with GET changes nothing, signed in or not. The
// way back from the provider is the one exception, and counts only with its cookie.
func TestGetChangesNothing(t *testing.T) {
	w := begin(t)
	if _, err := w.Store.Sequence(t.Context()); err != nil { // so that the log has the decisions
		t.Fatal(err)
	}
	if err := w.Store.Sweep(t.Context()); err != nil { // so that what is counted beside the trail is counted
		t.Fatal(err)
	}
	w.Clock.Advance(w.Interval()) // within the minute in which a session is not noted as seen
	for _, route := range w.Routes {
		if isUnsafe(route) || route.Path == handlers.PathSignInCallback {
			continue
		}
		for _, path := range w.addresses(route) {
			for name, who := range map[string]*handlerstest.Staff{
				"nobody": nil, "operator": &w.operator, "supervisor": &w.supervisor, "beginner": &w.beginner,
				"administrator": &w.administrator,
			} {
				w.Unchanged(t, "GET "+path+" as "+name, func() {
					if got := w.Do(w.request(http.MethodGet, path, who)).Status; got >= 500 && route.Path != "/readyz" {
						t.Errorf("GET %s as %s: %d", path, name, got)
					}
				})
			}
		}
	}
}

// A form from another site is refused before anything is looked at (ASVS 5.0, 3.5.1).
// Requests that take no cookie do not care where they come from.
func TestCrossOriginFormsAreRefused(t *testing.T) {
	w := begin(t)
	for _, route := range w.Routes {
		if !isUnsafe(route) {
			continue
		}
		for _, path := range w.addresses(route) {
			for _, header := range []struct{ name, value string }{
				{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
				{"Origin", "https://evil.example"}, {"Origin", "null"},
			} {
				request := w.request(route.Method, path, &w.operator)
				request.Header.Set(header.name, header.value)
				w.Unchanged(t, path+" with "+header.name+" "+header.value, func() {
					answer := w.Do(request)
					if forbidden := answer.Status == http.StatusForbidden; forbidden != (route.Origins == web.SameOrigin) {
						t.Errorf("%s with %s %s: %d", path, header.name, header.value, answer.Status)
					}
				})
			}
		}
	}
}

// docs/protocol.md §6 slow-and-huge: no route reads more than its limit, whether the length is
// declared or not.
func TestBodiesAreLimited(t *testing.T) {
	w := begin(t)
	for _, route := range w.Routes {
		for _, path := range w.addresses(route) {
			request := w.request(route.Method, path, &w.operator)
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			long := "a=" + strings.Repeat("x", int(route.Body)+1)
			request.Body, request.ContentLength = io.NopCloser(strings.NewReader(long)), int64(len(long))
			if got := w.Do(request).Status; got != http.StatusRequestEntityTooLarge {
				t.Errorf("%s %s: %d, want 413", route.Method, path, got)
			}
			if !isClients(route.Access) {
				continue
			}
			request.Body, request.ContentLength = io.NopCloser(strings.NewReader(long)), -1
			if got := w.Do(request).Status; got != http.StatusRequestEntityTooLarge {
				t.Errorf("%s %s without a length: %d, want 413", route.Method, path, got)
			}
		}
	}
}

// Every answer carries the security headers, also errors (ASVS 5.0, 3.4).
func TestSecurityHeaders(t *testing.T) {
	w := begin(t)
	paths := []string{"/nowhere", "/counter/accounts/nobody"}
	for _, route := range w.Routes {
		paths = append(paths, w.addresses(route)...)
	}
	for _, path := range paths {
		answer := w.Do(w.request(http.MethodGet, path, &w.operator))
		policy := answer.Header.Get("Content-Security-Policy")
		for _, directive := range []string{"default-src 'none'", "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'",
			"form-action 'self'"} {
			if !strings.Contains(policy, directive) {
				t.Errorf("%s: the policy lacks %s: %q", path, directive, policy)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

// A page that staff see is not kept by the browser.
func TestStaffPagesAreNotKept(t *testing.T) {
	w := begin(t)
	for _, route := range w.Routes {
		if !isStaffs(route.Access) || isUnsafe(route) {
			continue
		}
		for _, path := range w.addresses(route) {
			for _, who := range []*handlerstest.Staff{&w.operator, &w.supervisor} {
				if got := w.Do(w.request(http.MethodGet, path, who)).Header.Get("Cache-Control"); got != "no-store" {
					t.Errorf("%s: Cache-Control is %q", path, got)
				}
			}
		}
	}
}

// Staff come to their part of the console.
func TestHome(t *testing.T) {
	w := begin(t)
	both := w.SignIn(models.Identity{Subject: "both", Name: "Both", Roles: []models.Role{models.Operator, models.Supervisor}})
	for want, who := range map[string]*handlerstest.Staff{views.PathCounter: &w.operator, views.PathReviewEvents: &w.supervisor,
		views.PathPublishers: &w.administrator} {
		if got := w.Do(w.request(http.MethodGet, "/", who)).Header.Get("Location"); got != want {
			t.Errorf("home leads to %q, want %q", got, want)
		}
	}
	if got := w.Do(w.request(http.MethodGet, "/", &both)).Header.Get("Location"); got != views.PathCounter {
		t.Errorf("home leads to %q", got)
	}
}
