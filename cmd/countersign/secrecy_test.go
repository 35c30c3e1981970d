package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/oauth/deviceclient"
	"countersign/views"
)

// docs/protocol.md §6 secrets-told, second-redemption: a whole visit with all that goes wrong in one, served at
// debug level. What was secret on the wire or personal in the file is then looked for in
// the log, in every address that was requested, in every notice that was mailed, and in
// every audit event; the codes and tokens also in the database's files.
func TestNothingSecretIsLoggedOrPutIntoAddressesOrEvents(t *testing.T) {
	t.Parallel()
	visit := startWatchedVisit(t)
	visit.goThrough(t)
	secrets := visit.secrets(t)
	visit.requireEverythingHappened(t, secrets)

	events := visit.events(t)
	notices := visit.mails.wait(t, "A device was approved for your account", "A device was connected to your account",
		"A device was disconnected from your account", "1 alert: Unusually many wrong codes")
	for place, found := range map[string][]string{
		"notice":  findSecrets(notices, secrets),
		"log":     findSecrets(strings.Split(visit.server.log.String(), "\n"), secrets),
		"address": findSecrets(visit.wire.addresses(), secrets),
		"event":   findSecrets(events, secrets),
		"span":    findSecrets(visit.spans(t), append(secrets, visit.identifiers(t)...)),
	} {
		for _, one := range found {
			t.Errorf("%s: %s", place, one)
		}
	}
	for _, one := range findSecrets(visit.files(t), slices.DeleteFunc(slices.Clone(secrets), secret.mayBeStored)) {
		t.Errorf("database file: %s", one)
	}
}

// watchedVisit is a production whose every request goes through wire.
type watchedVisit struct {
	server   *production
	mails    *mailSink
	wire     *wire
	operator *operatorBrowser
	phone    deviceclient.FileState
	traces   *handlerstest.Collector
	key      string // of the registration that sends a private key by mistake
}

func startWatchedVisit(t *testing.T) *watchedVisit {
	t.Helper()
	v := &watchedVisit{wire: newWire(), mails: startMailSink(t), phone: deviceclient.FileState{Path: filepath.Join(t.TempDir(), "phone.json")}}
	v.traces = handlerstest.StartCollector(t)
	listen := newAddress(t)
	front := serveHandler(t, v.wire.proxy(listen))
	v.server = startProduction(t, productionConfig{
		listen: listen, issuer: front.URL, flags: append(v.mails.flags(), "--poll-interval", "1s", "--trusted-proxy", "127.0.0.0/8",
			"--alert-mail", "duty@harbour.example", "--wrong-codes-alert", "1"),
		provider: demoStaffProvider(t, front.URL, v.wire.watch),
		environ:  []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + v.traces.URL, "OTEL_BSP_SCHEDULE_DELAY=50", "OTEL_PROPAGATORS=tracecontext"},
	})
	operator, err := newOperatorBrowser(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	v.operator = operator
	return v
}

// goThrough is the visit, and around it what goes wrong in visits.
func (v *watchedVisit) goThrough(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	v.runPhone(t, exitPending)
	code := v.state(t).Authorization.UserCode.Reveal()
	v.runPhone(t, exitPending)
	v.strangers(t, code)

	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(v.operator.SignIn(ctx, "Jonas Eriksen"))
	check(v.operator.OpenCounter(ctx, productionCounter))
	check(v.operator.Search(ctx, productionHint[:5]))
	check(v.operator.Open(ctx, views.PathCounter))
	check(v.operator.Search(ctx, productionHint))
	for _, wrong := range []string{wrongCode(code), wrongCode(code), "what?"} {
		if v.operator.Match(ctx, wrong) == nil {
			t.Fatal("a wrong code matched")
		}
	}
	v.server.approve(t, v.operator, code)
	v.runPhone(t, 0)

	state := v.state(t)
	phone := &deviceclient.Client{State: state, Save: v.phone.Save}
	check(phone.Refresh(ctx))
	v.server.run(t, nil, "phone", "call", v.server.issuer+"/api/whoami", "--state", v.phone.Path)
	v.wire.replay(t)
	check(phone.Revoke(ctx))
	v.declineForTheName(t)
	check(v.operator.Submit(ctx, v.operator.formWithButton("Sign out")))

	supervisor, err := newOperatorBrowser(v.server.issuer)
	check(err)
	check(supervisor.Open(ctx, views.PathReviewEvents))
	check(supervisor.Submit(ctx, supervisor.formWithButton("Sign in")))
	people := supervisor.formWithField("person")
	check(people.Choose("person", "Beatriz Carvalho"))
	check(supervisor.Submit(ctx, people))
	if supervisor.status != http.StatusOK || supervisor.address.Path != views.PathReviewEvents {
		t.Fatal(supervisor.unexpected("audit trail"))
	}
}

// nameOnTheDocument is what a document says that differs from the record.
const nameOnTheDocument = "Quirina Zebulonsdottir"

// declineForTheName is another visit: the name on the document differs, and is written down for a second person.
func (v *watchedVisit) declineForTheName(t *testing.T) {
	t.Helper()
	first := v.phone
	defer func() { v.phone = first }()
	v.phone.Path = filepath.Join(t.TempDir(), "other-phone.json")
	v.runPhone(t, exitPending)
	ctx, b := t.Context(), v.operator
	code := v.state(t).Authorization.UserCode
	steps := []func() error{
		func() error { return b.Open(ctx, views.PathCounter) },
		func() error { return b.Search(ctx, productionHint) },
		func() error { return b.Match(ctx, code.Reveal()) },
		func() error {
			form := b.formWithField("document_type")
			if err := form.Fill("document_type", "passport", "document_issuer", "SE", "document_number", "XA4406129",
				"document_expiry", "2049-05-31",
				"name_matches", views.ResultDiffers, "name_reason", "changed name", "document_name", nameOnTheDocument,
				"birth_matches", views.ResultMatches, "photo_matches", "yes", "document_handled", "yes"); err != nil {
				return err
			}
			return b.submitFor(ctx, form, "page to decide on", b.hasButton("Ask for a second person"))
		},
		func() error { return b.Decline(ctx, "details_differ") },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i+1, err)
		}
	}
}

// runPhone is the phone command with --no-wait.
func (v *watchedVisit) runPhone(t *testing.T, code int) {
	t.Helper()
	var screen strings.Builder
	got := run(t.Context(), []string{"phone", "--issuer", v.server.issuer, "--login-hint", productionHint, "--name", "Blue phone",
		"--software-id", productionSoftware, "--state", v.phone.Path, "--no-wait"}, nil, strings.NewReader(""), &screen, &screen)
	if got != code {
		t.Fatalf("the phone ended with exit code %d, not %d: %s", got, code, screen.String())
	}
}

func (v *watchedVisit) state(t *testing.T) deviceclient.State {
	t.Helper()
	state, err := v.phone.Load()
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// strangers put secrets where no page of ours puts them: into addresses, methods, cookies,
// broken forms. They ask the server itself, so that their addresses are not on the wire.
func (v *watchedVisit) strangers(t *testing.T, code string) {
	t.Helper()
	state := v.state(t)
	deviceCode := state.Authorization.DeviceCode.Reveal()
	key, err := state.Key.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	v.key = string(key)
	form, text := "application/x-www-form-urlencoded", "application/json"
	for _, r := range []struct{ method, path, kind, body string }{
		{"GET", "/device?user_code=" + code, "", ""},
		{"GET", "/counter/accounts/" + code, "", ""},
		{"GET", "/" + code + "/" + deviceCode, "", ""},
		{"GET", "/sign-in/callback?code=" + deviceCode + "&state=" + code, "", ""},
		{"POST", "/token?device_code=" + deviceCode, form, "device_code=" + deviceCode},
		{"POST", "/token", form, "client_assertion=" + deviceCode + "&client_assertion=" + code},
		{"POST", "/token", form, "grant_type=" + deviceCode + "&client_assertion_type=" + code + "&%zz"},
		{"POST", "/register", text, `{"client_name":"` + code + `","jwks":{"keys":[` + v.key + `]}}`},
		{"POST", "/register", text, `{"jwks":` + v.key},
		{"POST", "/counter/search", form, "identifier=" + deviceCode},
		{code, "/", "", ""},
	} {
		request, err := http.NewRequestWithContext(t.Context(), r.method, "http://"+v.server.listen+r.path, strings.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", r.kind)
		request.Header.Set("Authorization", "Bearer "+deviceCode)
		request.Header.Set("DPoP", code)
		request.Header.Set("User-Agent", code)
		request.Header.Set("X-Request-Id", deviceCode)
		request.AddCookie(&http.Cookie{Name: "countersign", Value: deviceCode})
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
}

// wrongCode differs from the code in one letter.
func wrongCode(code string) string {
	last := "B"
	if strings.HasSuffix(code, last) {
		last = "C"
	}
	return code[:len(code)-1] + last
}

// secrets are what went over the wire, and what only the files of the two sides know.
func (v *watchedVisit) secrets(t *testing.T) []secret {
	t.Helper()
	var key struct{ D string }
	if err := json.Unmarshal([]byte(v.key), &key); err != nil {
		t.Fatal(err)
	}
	return append(v.wire.secrets(),
		secret{kind: "private key", text: key.D},
		secret{kind: "name", text: nameOnTheDocument, personal: true},
		secret{kind: "master key", text: strings.TrimPrefix(v.server.store[2], "COUNTERSIGN_MASTER_KEY=")},
		secret{kind: "client secret", text: staffClientSecret},
		secret{kind: "document number", text: productionCard.Number},
		secret{kind: "name", text: "Wilhelmina Oxenstierna", personal: true},
		secret{kind: "date of birth", text: "1971-03-09", personal: true},
		secret{kind: "contact", text: "w.oxenstierna@post.example", personal: true},
		secret{kind: "account identifier", text: productionHint, personal: true},
	)
}

// events are the rows of the trail, column by column, and what was signed, decoded.
func (v *watchedVisit) events(t *testing.T) []string {
	t.Helper()
	database := openSQLite(t, v.server.database())
	rows, err := queryLines(database, "SELECT * FROM audit_events")
	if err != nil {
		t.Fatal(err)
	}
	sets, err := queryLines(database, keptTokens)
	if err != nil {
		t.Fatal(err)
	}
	texts := strings.Split(strings.TrimSpace(rows), "\n")
	for set := range strings.FieldsSeq(sets) {
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(tokenOf(set), ".")[1])
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(payload))
	}
	return texts
}

// files are the database's files as they lie on the disk.
func (v *watchedVisit) files(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(v.server.database() + "*")
	if err != nil || len(names) == 0 {
		t.Fatal("no database", err)
	}
	var texts []string
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(content))
	}
	return texts
}

// requireEverythingHappened keeps the test from passing because nothing was looked at.
func (v *watchedVisit) requireEverythingHappened(t *testing.T, secrets []secret) {
	t.Helper()
	kinds := map[string]bool{}
	for _, s := range secrets {
		if len(s.text) < 8 {
			t.Errorf("the %s is too short to be looked for", s.kind)
		}
		kinds[s.kind] = true
	}
	for _, kind := range []string{"device code", "user code", "access token", "refresh token", "client assertion", "DPoP proof",
		"session cookie", "sign-in cookie", "authorization code", "ID token", "code verifier"} {
		if !kinds[kind] {
			t.Errorf("no %s was on the wire", kind)
		}
	}
	log := v.server.log.String()
	for _, route := range []string{"/register", "/device_authorization", "/token", "/sign-in/callback", views.PathSearch,
		views.MatchPath(":id"), views.ProofPath(":id"), views.ApprovePath(":id"), "/api/whoami", "/revoke", views.PathReviewEvents, "(none)"} {
		if !strings.Contains(log, "route="+route+" ") {
			t.Errorf("the log has no request for %s", route)
		}
	}
	events := strings.Join(v.events(t), "\n")
	for _, event := range []string{"device-authorization-requested", "account-searched", "code-match-failed", "code-matched",
		"identity-proofed",
		"device-binding-approved", "device-binding-redeemed", "device-binding-revoked", "staff-signed-in", "staff-signed-out",
		"accounts-imported"} {
		if !strings.Contains(events, event) {
			t.Errorf("there is no event %s", event)
		}
	}
}
