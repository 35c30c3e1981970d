package handlers_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"countersign/handlers"
	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/oauth"
	"countersign/static"

	"github.com/labstack/echo/v4"
)

// What a request is logged by is ours: a stranger's identifier goes nowhere.
func TestRequestIDIsOurs(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	request, _ := http.NewRequest(http.MethodGet, s.Endpoint("/healthz"), nil)
	request.Header.Set(echo.HeaderXRequestID, "stranger")
	first, second := s.Do(request), s.Get("/healthz")
	id := first.Header.Get(echo.HeaderXRequestID)
	if !regexp.MustCompile(`^[a-z2-7]{16}$`).MatchString(id) || id == second.Header.Get(echo.HeaderXRequestID) {
		t.Errorf("the identifier is %q", id)
	}
	if strings.Contains(s.Log(), "stranger") || !strings.Contains(s.Log(), "request_id="+id) {
		t.Error("the log does not go by our identifier")
	}
}

// The log has a line for every request, with the route and never the address as typed.
func TestRequestsAreLoggedByRoute(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Get("/device?user_code=BCDF-GHJK")
	s.Get("/nowhere/anna@example.org")
	for _, want := range []string{"route=/device status=200", "status=404"} {
		if !strings.Contains(s.Log(), want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	for _, typed := range []string{"BCDF", "anna@example.org"} {
		if strings.Contains(s.Log(), typed) {
			t.Errorf("the log says %q", typed)
		}
	}
}

// Nothing at an address, or the wrong method, is told in the words of who asks.
func TestUnknownAddresses(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Get("/nowhere").Refused(t, http.StatusNotFound, oauth.ErrInvalidRequest)
	s.Get(oauth.PathToken).Refused(t, http.StatusMethodNotAllowed, oauth.ErrInvalidRequest)
	request, _ := http.NewRequest(http.MethodGet, s.Endpoint("/nowhere"), nil)
	request.Header.Set("Accept", "text/html")
	answer := s.Do(request)
	if answer.Status != http.StatusNotFound || !strings.Contains(answer.Text, ">There is nothing at this address</h1>") {
		t.Errorf("a person is answered %d %s", answer.Status, answer.Text)
	}
}

// The style sheet comes with a long life under its hashed address.
func TestStaticFiles(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	answer := s.Get(static.URL("app.css"))
	if answer.Status != http.StatusOK || !strings.Contains(answer.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("answered %d, %q", answer.Status, answer.Header.Get("Cache-Control"))
	}
	for _, path := range []string{"/static/", "/static/../server.go", "/static/%2e%2e/server.go"} {
		if got := s.Get(path).Status; got != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, got)
		}
	}
}

// A panic is a fault: 500 with a reference, and the log has where it was but not what it
// said.
func TestPanicIsAFault(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	var log strings.Builder
	config := web.Config{Store: s.Store, Issuer: s.Issuer, Log: slog.New(slog.NewTextHandler(&log, nil))}
	handler, err := handlers.New(config)
	if err != nil {
		t.Fatal(err)
	}
	handler.(*echo.Echo).GET("/panic", func(echo.Context) error { panic("secret words") })
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/panic", nil))
	id := recorder.Header().Get(echo.HeaderXRequestID)
	if recorder.Code != http.StatusInternalServerError || !strings.Contains(recorder.Body.String(), id) ||
		!strings.Contains(recorder.Body.String(), oauth.ErrServerError) {
		t.Errorf("answered %d %s", recorder.Code, recorder.Body)
	}
	if strings.Contains(log.String()+recorder.Body.String(), "secret words") || !strings.Contains(log.String(), "server_test.go") {
		t.Errorf("the log is %s", &log)
	}
}

// New says what is wrong with a configuration, before anything is served.
func TestNewRefuses(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	log := slog.New(slog.DiscardHandler)
	for name, config := range map[string]web.Config{
		"no store":             {Issuer: s.Issuer, Log: log},
		"no log":               {Store: s.Store, Issuer: s.Issuer},
		"no issuer":            {Store: s.Store, Log: log},
		"a slash at the end":   {Store: s.Store, Log: log, Issuer: s.Issuer + "/"},
		"a path":               {Store: s.Store, Log: log, Issuer: s.Issuer + "/oauth"},
		"a query":              {Store: s.Store, Log: log, Issuer: s.Issuer + "?x=y"},
		"no scheme":            {Store: s.Store, Log: log, Issuer: "id.example"},
		"another issuer":       {Store: s.Store, Log: log, Issuer: "https://id.example"},
		"a scheme of its own":  {Store: s.Store, Log: log, Issuer: "ftp://id.example"},
		"something unreadable": {Store: s.Store, Log: log, Issuer: "https://[::1"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := handlers.New(config); err == nil {
				t.Error("accepted")
			}
		})
	}
}
