package handlers_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models/modelstest"
	"countersign/oauth"
	"countersign/views"
)

// While somebody else writes, no route of any audience answers with a fault: what only reads is shown, and what has to write is
// 503 with whole seconds, whatever is sent and whoever sends it.
func TestNoRouteIsAFaultWhileTheDatabaseIsBusy(t *testing.T) {
	w := beginWith(t, handlerstest.Config{LockWait: 10 * time.Millisecond})
	form := url.Values{"identifier": {"anna@example.org"}, "user_code": {"BCDFGHJK"}, "reason": {"suspicious"}, "label": {"Phone"},
		"counter": {w.Counter.ID}, "name": {"North"}, "time_zone": {"Europe/Berlin"}, "status": {"suspended"}, "confirm": {"yes"},
		"token": {"x"}, "logout_token": {"x"}, "client_name": {"x"}}
	if _, err := w.Store.Sequence(t.Context()); err != nil { // so that the log has the decisions
		t.Fatal(err)
	}
	w.Clock.Advance(2 * time.Minute) // it is to be noted that everybody was seen
	defer modelstest.Hold(t, w.Address)()
	unavailable := 0
	for _, route := range w.Routes {
		if route.Path == "/readyz" || strings.HasPrefix(route.Path, views.PathSignIn) { // there are neither probes nor a provider here
			continue
		}
		for _, path := range w.addresses(route) {
			for _, who := range []*handlerstest.Staff{nil, &w.operator, &w.supervisor, &w.administrator} {
				status, after := w.answer(t, route.Method, path, form, who)
				if status == http.StatusServiceUnavailable {
					unavailable++
				}
				if status == http.StatusInternalServerError || (status == http.StatusServiceUnavailable) != (after == "5") {
					t.Errorf("%s %s: %d, Retry-After %q", route.Method, path, status, after)
				}
			}
		}
	}
	if unavailable < 20 {
		t.Errorf("only %d answers were 503", unavailable)
	}
	if strings.Contains(w.Log(), "level=ERROR msg=fault") {
		t.Errorf("logged %s", w.Log())
	}
}

// Nor does any step of a phone.
func TestNoStepOfAPhoneIsAFaultWhileTheDatabaseIsBusy(t *testing.T) {
	for _, dialect := range []handlerstest.Dialect{handlerstest.SQLite, handlerstest.PostgreSQL} {
		t.Run(string(dialect), func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{Dialect: dialect, LockWait: 20 * time.Millisecond})
			phone, waits := s.Phone(), s.Phone()
			codes := phone.Ask(nil)
			s.Approve(t, codes.UserCode)
			tokens := phone.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK).JSON
			access, refresh := tokens["access_token"].(string), tokens["refresh_token"].(string)
			configuration := strings.TrimPrefix(waits.Registration.String("registration_client_uri"), s.Issuer)
			bearer := waits.Registration.String("registration_access_token")
			renamed := handlerstest.Metadata(waits.Key).With(handlerstest.Object{"client_id": waits.ClientID, "client_name": "Another"})
			pending := waits.Ask(nil)
			release := modelstest.Hold(t, s.Address)
			defer release()
			for name, answer := range map[string]handlerstest.Answer{
				"a request": phone.AskRaw(handlerstest.Request{}), "a refresh": phone.Refresh(refresh, nil), "a revocation": phone.Revoke(refresh),
				"the first use of a token": phone.WhoAmI(access), "a registration": s.Register(handlerstest.Metadata(handlerstest.NewKey())),
				"a changed registration": s.Manage(http.MethodPut, configuration, bearer, renamed),
				"a removed registration": s.Manage(http.MethodDelete, configuration, bearer, nil),
			} {
				if after := answer.Header.Get("Retry-After"); answer.Status != http.StatusServiceUnavailable || after != "5" {
					t.Errorf("%s: %d, Retry-After %q, %s", name, answer.Status, after, answer.Text)
				}
			}
			waits.Poll(pending.DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrAuthorizationPending)
		})
	}
}

// answer sends a form as a browser does, and returns the status and Retry-After of the answer.
func (w atWork) answer(t *testing.T, method, path string, form url.Values, who *handlerstest.Staff) (status int, retryAfter string) {
	t.Helper()
	request := w.request(method, path, who)
	if method != http.MethodGet {
		request.Body = io.NopCloser(strings.NewReader(form.Encode()))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode, response.Header.Get("Retry-After")
}
