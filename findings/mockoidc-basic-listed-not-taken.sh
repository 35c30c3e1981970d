#!/usr/bin/env bash
# Go module github.com/oauth2-proxy/mockoidc of 14 February 2024 lists client_secret_basic, and takes client_secret_post only.
#
# Expected: a client obeys token_endpoint_auth_methods_supported (OpenID Connect Discovery 1.0 §3) and takes the first way
#           that it knows, client_secret_basic, which is the default as well.
# Seen:     the metadata lists client_secret_basic first and client_secret_post second. A token request with the right secret
#           in the Authorization header is 400 invalid_request; the same in the form is answered with tokens.
#           golang.org/x/oauth2 hides it: where nobody says which way, it tries both.
# Source:   Go module github.com/oauth2-proxy/mockoidc v0.0.0-20240214162133-caebfff84d25; RFC 6749 §2.3.1.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/oauth2-proxy/mockoidc"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// code signs somebody in and returns the authorization code.
func code(m *mockoidc.MockOIDC) string {
	m.QueueUser(mockoidc.DefaultUser())
	query := url.Values{"response_type": {"code"}, "client_id": {m.ClientID}, "scope": {"openid"}, "state": {"s"}, "redirect_uri": {"http://127.0.0.1/callback"}}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(m.AuthorizationEndpoint() + "?" + query.Encode())
	check(err)
	answer.Body.Close()
	back, err := answer.Location()
	check(err)
	return back.Query().Get("code")
}

func main() {
	m, err := mockoidc.Run()
	check(err)
	defer m.Shutdown()
	answer, err := http.Get(m.DiscoveryEndpoint())
	check(err)
	var metadata struct {
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	check(json.NewDecoder(answer.Body).Decode(&metadata))
	answer.Body.Close()
	fmt.Println("SEEN listed:", strings.Join(metadata.Methods, " "))
	for _, method := range metadata.Methods {
		form := url.Values{"grant_type": {"authorization_code"}, "code": {code(m)}, "redirect_uri": {"http://127.0.0.1/callback"}}
		if method == "client_secret_post" {
			form.Set("client_id", m.ClientID)
			form.Set("client_secret", m.ClientSecret)
		}
		request, err := http.NewRequest(http.MethodPost, m.TokenEndpoint(), strings.NewReader(form.Encode()))
		check(err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if method == "client_secret_basic" {
			request.SetBasicAuth(m.ClientID, m.ClientSecret)
		}
		answer, err := http.DefaultClient.Do(request)
		check(err)
		var body struct {
			Error string `json:"error"`
		}
		_ = json.NewDecoder(answer.Body).Decode(&body)
		answer.Body.Close()
		fmt.Println("SEEN", strings.TrimSpace(fmt.Sprint(method, ": ", answer.StatusCode, " ", body.Error)))
	}
}
GO
cat >expected <<'TXT'
listed: client_secret_basic client_secret_post
client_secret_basic: 400 invalid_request
client_secret_post: 200
TXT
{ go mod init seen && go get github.com/oauth2-proxy/mockoidc@v0.0.0-20240214162133-caebfff84d25 && go mod tidy; } >log 2>&1 || { cat log >&2; echo "could not install mockoidc" >&2; exit 2; }
go run . 2>log | sed -n 's/^SEEN //p' | tee seen
diff expected seen && echo "As described: mockoidc lists client_secret_basic, and takes client_secret_post only."
