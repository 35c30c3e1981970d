#!/usr/bin/env bash
# Go module github.com/cli/oauth 1.2.2, the device flow of GitHub's command line: it gives up at the second slow_down, and needs an interval.
#
# Expected: slow_down adds 5 seconds to the interval for this and all later requests, and polling goes on (RFC 8628 §3.5);
#           an answer without interval means 5 seconds (§3.2, where interval is OPTIONAL).
# Seen:     the first slow_down is obeyed. The second one in the life of a device code, however much later, ends the flow with
#           "too many slow_down responses; detected clock drift". An answer without interval is the error "could not parse interval".
#           A code that lives for a week meets a second slow_down sooner than one that lives for 15 minutes.
# Source:   Go module github.com/cli/oauth v1.2.2, package device; RFC 8628 §3.2, §3.5.
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
	"strings"

	"github.com/cli/oauth/device"
)

// server answers a device authorization request with the members given, and polls with one error after the other.
func server(members string, errors ...string) (*httptest.Server, *int) {
	polls := 0
	mux := http.NewServeMux()
	mux.HandleFunc("/device_authorization", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"device_code":"d","user_code":"BCDF-GHJK","verification_uri":"https://login.example/device",%s}`, members)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		polls++
		if polls <= len(errors) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error":%q}`, errors[polls-1])
			return
		}
		fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","scope":"profile"}`)
	})
	return httptest.NewServer(mux), &polls
}

// until is the text before the first mark.
func until(text, mark string) string { first, _, _ := strings.Cut(text, mark); return first }

func connect(name, members string, errors ...string) {
	s, polls := server(members, errors...)
	defer s.Close()
	code, err := device.RequestCode(http.DefaultClient, s.URL+"/device_authorization", "phone", []string{"profile"})
	if err != nil {
		fmt.Printf("%s: %s\n", name, until(err.Error(), " as integer"))
		return
	}
	end := "token"
	if _, err = device.Wait(context.Background(), http.DefaultClient, s.URL+"/token", device.WaitOptions{ClientID: "phone", DeviceCode: code}); err != nil {
		end = until(err.Error(), ";")
	}
	fmt.Printf("%s: %s, asked %d times\n", name, end, *polls)
}

func main() {
	connect("pending, slow_down", `"expires_in":604800,"interval":1`, "authorization_pending", "slow_down")
	connect("slow_down, pending, slow_down", `"expires_in":604800,"interval":1`, "slow_down", "authorization_pending", "slow_down")
	connect("no interval", `"expires_in":604800`)
}
GO
cat >expected <<'TXT'
pending, slow_down: token, asked 3 times
slow_down, pending, slow_down: too many slow_down responses, asked 3 times
no interval: could not parse interval=""
TXT
{ go mod init seen && go get github.com/cli/oauth@v1.2.2 && go mod tidy; } >log 2>&1 || { cat log >&2; echo "could not install cli/oauth" >&2; exit 2; }
go run . | tee seen
diff expected seen && echo "As described: cli/oauth 1.2.2 ends at the second slow_down, and refuses an answer without interval."
