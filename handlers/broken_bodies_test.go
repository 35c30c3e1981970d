package handlers_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/handlers"
	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/oauth"
	"countersign/views"
)

// brokenBodies are heads and bodies of requests that end too early, or are no form.
func brokenBodies() map[string]string {
	const form, multipart = "Content-Type: application/x-www-form-urlencoded\r\n", "Content-Type: multipart/form-data; boundary=b\r\n"
	return map[string]string{
		"shorter than it says":      form + "Content-Length: 100\r\n\r\nreason=x",
		"chunks that stop":          form + "Transfer-Encoding: chunked\r\n\r\n8\r\nreason=x\r\n20\r\nabc",
		"a chunk of no length":      form + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		"an escape that is none":    form + "Content-Length: 5\r\n\r\na=%zz",
		"parts that stop":           multipart + "Content-Length: 60\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc",
		"parts without a boundary":  "Content-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc",
		"parts that are none":       multipart + "Content-Length: 3\r\n\r\nabc",
		"JSON that stops":           "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"client_name\":",
		"chunks of JSON that stop":  "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n",
		"a type that is no type":    "Content-Type: ;;;\r\nContent-Length: 1\r\n\r\na",
		"a body that never begins":  form + "Content-Length: 5\r\n\r\n",
		"more than one wrong thing": "Content-Type: application/json; charset=%\r\nContent-Length: 9\r\n\r\n{",
	}
}

// Whatever strangers and staff send half of is their mistake: 4xx at INFO on every route,
// never a fault of ours.
func TestBrokenBodies(t *testing.T) {
	w := begin(t)
	for _, route := range w.Routes {
		if !isUnsafe(route) {
			continue
		}
		for name, rest := range brokenBodies() {
			for _, who := range []*handlerstest.Staff{nil, &w.operator, &w.administrator} {
				cookie := http.Header{}
				if who != nil {
					request := w.request(route.Method, "/", who)
					cookie = request.Header
				}
				path := w.addresses(route)[0]
				status := raw(t, w.Issuer, fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nCookie: %s\r\n%s", route.Method, path, cookie.Get("Cookie"), rest))
				down := path == views.PathSignIn && status == http.StatusServiceUnavailable // there is no provider here
				if (status >= 500 || status < 300) && !down {
					t.Errorf("%s %s, %s: %d", route.Method, path, name, status)
				}
			}
		}
	}
	if strings.Contains(w.Log(), "level=ERROR") {
		t.Errorf("somebody's broken body is logged as a fault: %s", w.Log())
	}
}

// raw sends a request and nothing more, and returns the status of the answer.
func raw(t *testing.T, issuer, request string) int {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(issuer, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("no answer to %q: %v", request, err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// A client that hung up is no fault, whatever the database says of it.
func TestClientThatHungUp(t *testing.T) {
	w := begin(t)
	log := &strings.Builder{}
	handler := handlerOf(t, w.Server, log)
	for _, path := range []string{oauth.PathJWKS, views.PathNotMe + "some-token", oauth.PathVerification} {
		ctx, hangUp := context.WithCancel(t.Context())
		hangUp()
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
		if got := log.String(); recorder.Code >= 500 || strings.Contains(got, "level=ERROR") || !strings.Contains(got, "level=INFO") {
			t.Errorf("%s: %d, logged %s", path, recorder.Code, got)
		}
		log.Reset()
	}
}

// A phone polls for days: what is logged at INFO is what happened.
func TestPendingPollIsNotLogged(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	before := len(s.Log())
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrAuthorizationPending)
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrSlowDown)
	lines := strings.Split(strings.TrimSpace(s.Log()[before:]), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "level=DEBUG") || !strings.Contains(lines[1], "level=INFO") {
		t.Errorf("logged %q", lines)
	}
}

// Form fields are read from the body: a link to a page of ours fills in nothing.
func TestFieldsComeFromTheBody(t *testing.T) {
	w := begin(t)
	b := w.BrowserOf(t, w.operator)
	query := "?" + url.Values{"identifier": {"anna@example.org"}, "language": {"de"}, "reason": {"suspicious"}, "counter": {w.Counter.ID},
		"return_to": {"/counter"}, "user_code": {"BBBB-BBBB"}, "document_number": {"L01X00T47"}}.Encode()
	for _, path := range []string{views.PathSearch, views.PathLanguage, views.PathOpenCounter, views.MatchPath(w.Account.ID),
		views.DeclinePath(w.waiting),
		views.ProofPath(w.waiting)} {
		without := b.Step(http.MethodPost, w.Endpoint(path), nil)
		cookies := strings.Join(without.Header.Values("Set-Cookie"), "\n")
		with := b.Step(http.MethodPost, w.Endpoint(path+query), nil)
		if without.Location != with.Location || without.Status != with.Status {
			t.Errorf("%s: %d to %q, with a query %d to %q", path, without.Status, without.Location, with.Status, with.Location)
		}
		if !strings.Contains(cookies, "language") && strings.Contains(strings.Join(with.Header.Values("Set-Cookie"), "\n"), "-language=de") {
			t.Errorf("%s: the query chose a language", path)
		}
	}
}

// No handler reads a form in a way that takes the address's query for it.
func TestFormsAreReadInOnePlace(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") ||
			strings.HasPrefix(path, "handlerstest") || path == filepath.Join("web", "form.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, way := range []string{".FormValue(", ".FormParams(", ".ParseForm(", ".ParseMultipartForm(", "Request().Form",
			".PostForm", ".Bind("} {
			if strings.Contains(string(source), way) && path != filepath.Join("web", "client.go") {
				t.Errorf("%s: %s is for web/form.go", path, way)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func handlerOf(t *testing.T, s *handlerstest.Server, log io.Writer) http.Handler {
	t.Helper()
	handler, err := handlers.New(web.Config{Store: s.Store, Issuer: s.Issuer, Log: textLog(log)})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

func textLog(to io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
