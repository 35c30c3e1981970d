package handlers_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"countersign/handlers"
	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/oauth"
	"countersign/views"
)

// RFC 9110 §9.1, §9.3.2: HEAD wherever GET is, with the same status and the same headers of
// substance, and no body; but not where a GET does something.
func TestHeadIsAnsweredAsGet(t *testing.T) {
	w := begin(t)
	for _, route := range w.Routes {
		if route.Method != http.MethodGet {
			continue
		}
		for _, who := range []*handlerstest.Staff{nil, &w.operator, &w.supervisor, &w.administrator} {
			path := strings.Replace(w.addresses(route)[0], ":token", "some-token", 1)
			head := w.Do(w.request(http.MethodHead, path, who))
			if route.Path == handlers.PathSignInCallback {
				if head.Status != http.StatusMethodNotAllowed {
					t.Errorf("HEAD %s: %d: the way back from the provider counts", path, head.Status)
				}
				continue
			}
			get := w.Do(w.request(http.MethodGet, path, who))
			if head.Status != get.Status || head.Text != "" || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") ||
				head.Header.Get("Cache-Control") != get.Header.Get("Cache-Control") || head.Header.Get("Location") != get.Header.Get("Location") {
				t.Errorf("HEAD %s: %d with %d characters; GET: %d", path, head.Status, len(head.Text), get.Status)
			}
		}
	}
}

// Fetch §3.2: pages of any origin read what programs are answered, refusals included, and no
// page reads what staff are shown.
func TestCrossOriginReading(t *testing.T) {
	w := begin(t)
	for _, route := range w.Routes {
		path := strings.Replace(w.addresses(route)[0], ":token", "some-token", 1)
		request := w.request(route.Method, path, &w.operator)
		request.Header.Set("Origin", "https://app.example")
		header := w.Do(request).Header
		allowed, credentials := header.Get("Access-Control-Allow-Origin"), header.Get("Access-Control-Allow-Credentials")
		exposed := header.Get("Access-Control-Expose-Headers")
		switch program := route.Audience == web.Clients; {
		case program && (allowed != "*" || credentials != ""):
			t.Errorf("%s %s: allowed %q, with credentials %q", route.Method, path, allowed, credentials)
		case program && exposed != "DPoP-Nonce, Retry-After, WWW-Authenticate, Date":
			t.Errorf("%s %s exposes %q", route.Method, path, exposed)
		case !program && (allowed != "" || exposed != ""):
			t.Errorf("%s %s: %q may read it", route.Method, path, allowed)
		}
	}
}

// So it is where a program has no route: a page that looks for metadata by another name has to see that it is not there.
func TestCrossOriginReadingOfNoRoute(t *testing.T) {
	w := begin(t)
	for address, status := range map[string]int{
		"GET /.well-known/openid-configuration": http.StatusNotFound, "POST /token/": http.StatusNotFound, "GET /register/": http.StatusNotFound,
		"GET /token": http.StatusMethodNotAllowed, "PATCH /register/x": http.StatusMethodNotAllowed,
	} {
		method, path, _ := strings.Cut(address, " ")
		request := w.request(method, path, nil)
		request.Header.Set("Accept", "*/*")
		answer := w.Do(request)
		if answer.Status != status || answer.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d, %v", address, answer.Status, answer.Header)
		}
	}
}

// Fetch §3.2.2: a browser that asks first is told the methods of the path, and the headers
// that a client sends.
func TestPreflights(t *testing.T) {
	w := begin(t)
	for path, methods := range map[string]string{
		oauth.PathToken: "POST, OPTIONS", oauth.PathMetadata: "GET, HEAD, OPTIONS", oauth.PathWhoAmI: "GET, HEAD, OPTIONS",
		oauth.PathClientConfiguration + "x": "GET, HEAD, PUT, DELETE, OPTIONS",
	} {
		request := w.request(http.MethodOptions, path, nil)
		request.Header.Set("Origin", "https://app.example")
		request.Header.Set("Access-Control-Request-Method", http.MethodPost)
		request.Header.Set("Access-Control-Request-Headers", "authorization,content-type,dpop")
		answer := w.Do(request)
		if answer.Status != http.StatusNoContent || answer.Header.Get("Access-Control-Allow-Methods") != methods ||
			answer.Header.Get("Access-Control-Allow-Headers") != "Authorization, Content-Type, DPoP" ||
			answer.Header.Get("Access-Control-Allow-Origin") != "*" || answer.Header.Get("Access-Control-Max-Age") == "" {
			t.Errorf("%s: %d, %v", path, answer.Status, answer.Header)
		}
	}
	if header := w.Do(w.request(http.MethodOptions, views.PathCounter, nil)).Header; header.Get("Access-Control-Allow-Methods") != "" ||
		header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a page for people answers OPTIONS with %v", header)
	}
}

// RFC 9111 §5.4: what may be kept is not told by Pragma to be kept nowhere.
func TestWhatMayBeKept(t *testing.T) {
	w := begin(t)
	for _, path := range []string{oauth.PathMetadata, oauth.PathJWKS} {
		if header := w.Get(path).Header; header.Get("Cache-Control") != "public, max-age=300" || header.Get("Pragma") != "" {
			t.Errorf("%s: %q, %q", path, header.Get("Cache-Control"), header.Get("Pragma"))
		}
	}
}

// RFC 6749 §3.2, §5.2: a body that is no form is the client's mistake, and not a failed
// authentication; one with a Content-Encoding is 415 (RFC 9110 §15.5.16), and the answer
// says what would be taken.
func TestBodiesThatAreNoForm(t *testing.T) {
	w := begin(t)
	phone := w.Phone()
	for _, path := range []string{oauth.PathToken, oauth.PathDeviceAuthorization, oauth.PathIntrospection, oauth.PathRevocation} {
		for kind, body := range map[string]string{
			"application/json": `{"grant_type":"x"}`, "text/plain": "grant_type=x", "multipart/form-data; boundary=b": "--b--", "": "grant_type=x",
			"application/x-www-form-urlencoded": "grant_type=%zz",
		} {
			answer := w.Do(withBody(w, path, body, http.Header{"Content-Type": {kind}}))
			answer.Refused(t, http.StatusBadRequest, oauth.ErrInvalidRequest)
		}
		form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		for coding, status := range map[string]int{
			"gzip": http.StatusUnsupportedMediaType, "br, gzip": http.StatusUnsupportedMediaType, "identity": http.StatusUnauthorized,
		} {
			form.Set("Content-Encoding", coding)
			answer := w.Do(withBody(w, path, "grant_type=x", form))
			if answer.Status != status || (answer.Header.Get("Accept-Encoding") == "identity") != (status == http.StatusUnsupportedMediaType) {
				t.Errorf("%s, %s: %d, %v", path, coding, answer.Status, answer.Header)
			}
		}
	}
	encoded := w.Do(withBody(w, oauth.PathRegistration, "{}", http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}))
	encoded.Refused(t, http.StatusUnsupportedMediaType, oauth.ErrInvalidRequest)

	request := phone.NewRequest(handlerstest.Request{Path: oauth.PathDeviceAuthorization, Form: map[string]string{"login_hint": "nobody"}})
	request.Header.Set("Content-Type", "Application/X-WWW-Form-URLEncoded; charset=UTF-8")
	w.Do(request).Succeeded(t, http.StatusOK)
}

func withBody(w atWork, path, body string, header http.Header) *http.Request {
	request, _ := http.NewRequest(http.MethodPost, w.Endpoint(path), strings.NewReader(body))
	request.Header = header.Clone()
	if header.Get("Content-Type") == "" {
		delete(request.Header, "Content-Type")
	}
	return request
}

// RFC 6749 §3.2, WHATWG URL §5.1: what stands in the address neither counts nor spoils the
// body, and a semicolon in a body is a character. So it is for people's forms.
func TestQueriesAndSemicolons(t *testing.T) {
	w := begin(t)
	phone := w.Phone()
	for _, query := range []string{"?utm=a;b", "?%zz", "?x=%00", "?grant_type=a&grant_type=b"} {
		request := phone.NewRequest(handlerstest.Request{Path: oauth.PathDeviceAuthorization, Form: map[string]string{"login_hint": "nobody"}})
		request.URL.RawQuery = strings.TrimPrefix(query, "?")
		w.Do(request).Succeeded(t, http.StatusOK)
	}
	request := phone.NewRequest(handlerstest.Request{Path: oauth.PathDeviceAuthorization, Form: map[string]string{
		"login_hint": "anna@example.org", "instance_name": "A;B"}})
	body, err := io.ReadAll(request.Body)
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.ReplaceAll(string(body), "%3B", ";")
	if !strings.Contains(plain, "A;B") {
		t.Fatalf("the body is %q", plain)
	}
	request.Body, request.ContentLength = io.NopCloser(strings.NewReader(plain)), int64(len(plain))
	codes := w.Do(request).Succeeded(t, http.StatusOK)
	if named := w.Match(t, w.operator, codes.String("user_code")).InstanceName; named != "A;B" {
		t.Errorf("the device is named %q", named)
	}

	b := w.BrowserOf(t, w.operator)
	form := url.Values{"identifier": {"K-1;2"}}
	for _, query := range []string{"", "?utm=a;b", "?identifier=anna%40example.org"} {
		request, _ := http.NewRequest(http.MethodPost, w.Endpoint(views.PathSearch+query), strings.NewReader("identifier=K-1;2"))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w.operator.AddTo(request)
		got, want := w.Do(request), b.Step(http.MethodPost, w.Endpoint(views.PathSearch), form)
		if got.Status != want.Status || got.Header.Get("Location") != want.Location {
			t.Errorf("%q: %d to %q, want %d to %q", query, got.Status, got.Header.Get("Location"), want.Status, want.Location)
		}
	}
}
