#!/usr/bin/env bash
# Go module golang.org/x/oauth2 0.37.0 ends a device's sign-in at the first answer that does not come, or is 503 or 429.
#
# Expected: a device polls for minutes, and lives through a server that starts again: a client that meets a connection timeout "MUST
#           unilaterally reduce [its] polling frequency before retrying" (RFC 8628 §3.5), and Retry-After with 503 or 429 names the
#           time of the next try (RFC 9110 §10.2.3, RFC 6585 §4).
# Seen:     DeviceAccessToken returns at the first of them, while the user is typing the code. A caller that calls it again with
#           the same DeviceAuthResponse goes on, but at the first interval: the seconds that slow_down added are forgotten.
# Source:   Go module golang.org/x/oauth2 v0.37.0; RFC 8628 §3.5. The server is a few lines on the loopback address.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"golang.org/x/oauth2"
)

// polls has an answer for each poll, and then the token; it notes when each poll came.
type polls struct {
	answers []http.HandlerFunc
	at      []time.Time
}

func (p *polls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := len(p.at)
	p.at = append(p.at, time.Now())
	w.Header().Set("Content-Type", "application/json")
	if n < len(p.answers) {
		p.answers[n](w, r)
		return
	}
	fmt.Fprint(w, `{"access_token": "token", "token_type": "bearer"}`)
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(code)
	}
}

func refusal(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error": %q}`, name)
	}
}

// lost ends the connection without an answer, as a server does that is started again.
func lost(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	conn.Close()
}

// try polls with an interval of 1 s, calls times at the most.
func try(name string, calls int, answers ...http.HandlerFunc) {
	p := &polls{answers: answers}
	server := httptest.NewServer(p)
	defer server.Close()
	config := &oauth2.Config{ClientID: "app", Endpoint: oauth2.Endpoint{TokenURL: server.URL, AuthStyle: oauth2.AuthStyleInParams}}
	device := &oauth2.DeviceAuthResponse{DeviceCode: "device", UserCode: "BCDF-GHJK", Interval: 1, Expiry: time.Now().Add(10 * time.Minute)}
	outcome := "error"
	for range calls {
		if _, err := config.DeviceAccessToken(context.Background(), device); err == nil {
			outcome = "token"
			break
		}
	}
	fmt.Printf("%s: %s after %d polls", name, outcome, len(p.at))
	for n := 1; n < len(p.at); n++ {
		if p.at[n].Sub(p.at[n-1]) < 4*time.Second {
			fmt.Print(", after 1 s")
		} else {
			fmt.Print(", after 6 s")
		}
	}
	fmt.Println()
}

func main() {
	try("authorization_pending", 1, refusal("authorization_pending"))
	try("503 with Retry-After", 1, status(http.StatusServiceUnavailable))
	try("429 with Retry-After", 1, status(http.StatusTooManyRequests))
	try("lost connection", 1, lost)
	try("lost connection, called again", 2, lost)
	try("slow_down, then pending", 1, refusal("slow_down"), refusal("authorization_pending"))
	try("slow_down, then lost, called again", 2, refusal("slow_down"), lost)
}
GO
{ go mod init seen && go get golang.org/x/oauth2@v0.37.0 && go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with golang.org/x/oauth2 0.37.0" >&2; exit 2; }
cat >expected <<'TXT'
authorization_pending: token after 2 polls, after 1 s
503 with Retry-After: error after 1 polls
429 with Retry-After: error after 1 polls
lost connection: error after 1 polls
lost connection, called again: token after 2 polls, after 1 s
slow_down, then pending: token after 3 polls, after 6 s, after 6 s
slow_down, then lost, called again: token after 3 polls, after 6 s, after 1 s
TXT
timeout 120 ./program | tee seen
diff expected seen && echo "As described: golang.org/x/oauth2 0.37.0 ends a device's polling at the first hiccup."
