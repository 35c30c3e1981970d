package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// wire sees every request and answer of a visit, and knows by name what is secret in
// them.
type wire struct {
	mutex sync.Mutex // guards everything below
	urls  []string
	seen  []secret
	sent  []sentRequest // with client authentication
	back  http.Handler  // the server
}

// sentRequest can be sent once more.
type sentRequest struct {
	method, path string
	header       http.Header
	body         []byte
}

func newWire() *wire { return &wire{} }

// What carries which secret.
var (
	secretParameters = map[string]string{
		"device_code": "device code", "user_code": "user code", "access_token": "access token", "refresh_token": "refresh token",
		"token": "token", "client_assertion": "client assertion", "id_token": "ID token", "code_verifier": "code verifier",
		"document_number": "document number",
	}
	secretCookies = map[string]string{"countersign": "session cookie"}
)

// proxy is what stands in front of a server on an address.
func (w *wire) proxy(address string) http.Handler {
	target := &url.URL{Scheme: "http", Host: address}
	w.back = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
		r.SetXForwarded()
	}}
	return w.watch(w.back)
}

// watch notes what passes by on its way to a handler.
func (w *wire) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
			return
		}
		w.noteRequest(r, body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		recorded := httptest.NewRecorder()
		next.ServeHTTP(recorded, r)
		result := recorded.Result()
		w.noteAnswer(result, recorded.Body.Bytes())
		for name, values := range result.Header {
			answer.Header()[name] = values
		}
		answer.WriteHeader(result.StatusCode)
		_, _ = answer.Write(recorded.Body.Bytes())
	})
}

func (w *wire) noteRequest(r *http.Request, body []byte) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.urls = append(w.urls, r.URL.String(), r.Referer())
	if strings.HasSuffix(r.URL.Path, "/callback") {
		w.note("authorization code", r.URL.Query().Get("code"))
	}
	form, _ := url.ParseQuery(string(body))
	for name, kind := range secretParameters {
		w.note(kind, form.Get(name))
	}
	w.note("DPoP proof", r.Header.Get("DPoP"))
	if _, credentials, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		w.note("access token", credentials)
	}
	w.noteCookies(r.Cookies())
	if form.Has("client_assertion") || r.Header.Get("DPoP") != "" {
		w.sent = append(w.sent, sentRequest{r.Method, r.URL.Path, r.Header.Clone(), body})
	}
}

func (w *wire) noteAnswer(answer *http.Response, body []byte) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if location := answer.Header.Get("Location"); location != "" {
		w.urls = append(w.urls, location)
	}
	var members map[string]any
	if json.Unmarshal(body, &members) == nil {
		for name, kind := range secretParameters {
			text, _ := members[name].(string)
			w.note(kind, text)
		}
	}
	w.noteCookies(answer.Cookies())
}

func (w *wire) noteCookies(cookies []*http.Cookie) {
	for _, cookie := range cookies {
		kind := secretCookies[cookie.Name]
		if strings.HasPrefix(cookie.Name, "countersign-sign-in-") {
			kind = "sign-in cookie"
		}
		w.note(kind, cookie.Value)
	}
}

// note keeps a secret once. What is shorter than a user code was typed by mistake.
func (w *wire) note(kind, text string) {
	if kind == "user code" && len(strings.ReplaceAll(text, "-", "")) != 8 {
		return
	}
	s := secret{kind: kind, text: text}
	if kind != "" && text != "" && !slices.Contains(w.seen, s) {
		w.seen = append(w.seen, s)
	}
}

func (w *wire) secrets() []secret {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return slices.Clone(w.seen)
}

// addresses are all that were requested, redirected to, or named as the referrer. The one
// secret that OpenID Connect itself puts into an address is taken out: the authorization
// code on the way back from the provider, single use and worthless without the verifier.
func (w *wire) addresses() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var list []string
	for _, address := range w.urls {
		parsed, err := url.Parse(address)
		if err == nil && parsed.Path == "/sign-in/callback" {
			query := parsed.Query()
			query.Del("code")
			parsed.RawQuery = query.Encode()
			address = parsed.String()
		}
		list = append(list, address)
	}
	return list
}

// replay sends everything with an assertion or a proof once more. None of it may work.
func (w *wire) replay(t *testing.T) {
	t.Helper()
	w.mutex.Lock()
	again := slices.Clone(w.sent)
	w.mutex.Unlock()
	for _, old := range again {
		request := httptest.NewRequestWithContext(t.Context(), old.method, old.path, bytes.NewReader(old.body))
		request.Header = old.header
		recorded := httptest.NewRecorder()
		w.back.ServeHTTP(recorded, request)
		if recorded.Code < 400 {
			t.Errorf("%s %s worked twice", old.method, old.path)
		}
	}
}
