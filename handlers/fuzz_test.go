package handlers_test

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/oauth"
	"countersign/views"
)

// docs/protocol.md §6 hostile-text, slow-and-huge, at the real endpoints: whatever body or header is sent,
// the answer is never a fault of the server, and it is an answer of its kind.

// FuzzForms sends any form to any route that reads one: to those of clients with a
// client's authentication in front of it, to those of staff in a signed-in session.
func FuzzForms(f *testing.F) {
	w := begin(f)
	phone := w.Phone()
	routes := slices.DeleteFunc(slices.Clone(w.Routes), func(r web.Route) bool {
		// Signing out would end the session for all that follow.
		return r.Method != http.MethodPost || r.Path == oauth.PathRegistration || r.Path == views.PathSignOut
	})
	for i := range routes {
		for _, body := range []string{
			"", "&", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=x", "grant_type=refresh_token&refresh_token=x",
			"login_hint=a&instance_name=%E2%80%AE&instance_description=x", "login_hint=a&login_hint=b", "token=x&token_type_hint=y",
			"resource=%00&scope=+", "code=WDJB-MJHT", "q=a&query=b", "%zz=;&=&a", "name=\xff\xfe", "reason=other&confirm=on",
		} {
			f.Add(uint8(i), body)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		route := routes[int(which)%len(routes)]
		paths := w.addresses(route)
		if isClients(route.Access) {
			request := w.request(http.MethodPost, paths[0], nil)
			request.Header.Set(oauth.HeaderDPoP, phone.Proof(http.MethodPost, paths[0], "", handlerstest.Forge{}))
			sendForm(t, w, request, authenticated(phone)+"&"+body)
			return
		}
		who := &w.operator
		if route.Access == web.Supervisor {
			who = &w.supervisor
		}
		sendForm(t, w, w.request(http.MethodPost, paths[len(paths)-1], who), body)
	})
}

// authenticated begins a form with valid client authentication.
func authenticated(phone *handlerstest.Phone) string {
	return url.Values{"client_id": {phone.ClientID}, "client_assertion": {phone.Assertion(handlerstest.Forge{})},
		"client_assertion_type": {oauth.ClientAssertionTypeJWTBearer}}.Encode()
}

func sendForm(t *testing.T, w atWork, request *http.Request, body string) {
	t.Helper()
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Body, request.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	noFault(t, w, request)
}

// FuzzRegistration sends any body to the registration endpoint.
func FuzzRegistration(f *testing.F) {
	w := begin(f)
	valid, _ := json.Marshal(handlerstest.Metadata(handlerstest.NewKey()))
	f.Add(valid)
	for _, body := range []string{
		"", "{}", "[]", "null", `{"jwks":{"keys":[{}]}}`, `{"jwks_uri":"http://127.0.0.1/"}`, `{"software_statement":"e30.e30."}`,
		`{"client_name":"` + "\u202e" + `","client_name":""}`, `{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		request := w.request(http.MethodPost, oauth.PathRegistration, nil)
		request.Header.Set("Content-Type", "application/json")
		request.Body, request.ContentLength = io.NopCloser(strings.NewReader(string(body))), int64(len(body))
		status, answer := noFault(t, w, request)
		if status == http.StatusCreated && answer["client_id"] == nil {
			t.Errorf("registered without a client_id: %v", answer)
		}
	})
}

// FuzzCredentials sends any credentials to the sample API and to the token endpoint.
func FuzzCredentials(f *testing.F) {
	w := begin(f)
	phone := w.Phone()
	proof := phone.Proof(http.MethodGet, oauth.PathWhoAmI, "x", handlerstest.Forge{})
	for _, c := range [][2]string{
		{"DPoP x", proof}, {"DPoP e30.e30.", "e30.e30."}, {"Basic Og==", ""}, {"Bearer", "\""},
		{"DPoP " + phone.Assertion(handlerstest.Forge{}), proof},
	} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, authorization, proof string) {
		call, token := w.request(http.MethodGet, oauth.PathWhoAmI, nil), w.request(http.MethodPost, oauth.PathToken, nil)
		token.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		form := authenticated(phone) + "&grant_type=refresh_token&refresh_token=x"
		token.Body, token.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
		for _, request := range []*http.Request{call, token} {
			request.Header["Authorization"], request.Header["Dpop"] = []string{authorization}, []string{proof}
			if status, _ := noFault(t, w, request); status == http.StatusOK {
				t.Errorf("%s took %q with %q", request.URL.Path, authorization, proof)
			}
		}
	})
}

// noFault sends a request and demands an answer: no fault, and for clients JSON with a
// code when it is a refusal. What HTTP itself cannot carry is not sent.
func noFault(t *testing.T, w atWork, request *http.Request) (int, map[string]any) {
	t.Helper()
	response, err := w.HTTP.Do(request.WithContext(t.Context()))
	if err != nil {
		if strings.Contains(err.Error(), "invalid header") {
			return 0, nil
		}
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode == http.StatusInternalServerError {
		t.Fatalf("%s %s: %d %s, %v", request.Method, request.URL.Path, response.StatusCode, body, err)
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind != "application/json" {
		return response.StatusCode, nil
	}
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s: %.300q is no JSON object", request.URL.Path, body)
	}
	code, _ := answer["error"].(string)
	challenge := response.Header.Get("WWW-Authenticate") // alone, where no token was sent: RFC 6750 §3.1
	asked := response.StatusCode == http.StatusUnauthorized && challenge != "" && !strings.Contains(challenge, "error") && len(answer) == 0
	if response.StatusCode >= http.StatusBadRequest && response.StatusCode != http.StatusNotFound && code == "" && !asked {
		t.Errorf("%s refuses with %d and says no code: %s", request.URL.Path, response.StatusCode, body)
	}
	return response.StatusCode, answer
}
