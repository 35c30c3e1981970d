package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/oauth/deviceclient"

	"github.com/alecthomas/kong"
)

const (
	phoneDeviceCode = "device-code-of-the-test"
	phoneToken      = "access-token-of-the-test"
)

// phonePeer is an authorization server that answers polls by script. What it
// would check is tested beside the client itself.
type phonePeer struct {
	*httptest.Server
	mu    sync.Mutex
	polls []string // error codes, with a reason behind a blank, "tokens", or "down"; the last one repeats
	asked int
	api   int
	knows int // how many further requests for a code the registered client may make; below 0 it is not known
}

func newPhonePeer(t *testing.T, polls ...string) *phonePeer {
	p := &phonePeer{polls: polls, api: http.StatusOK, knows: 100}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/oauth-authorization-server", func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, 200, map[string]any{"issuer": p.URL, "token_endpoint": p.URL + "/token",
			"device_authorization_endpoint": p.URL + "/device_authorization", "registration_endpoint": p.URL + "/register"})
	})
	mux.HandleFunc("/register", func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.knows = max(p.knows, 1)
		answerJSON(w, 201, map[string]any{"client_id": "client-1"})
	})
	mux.HandleFunc("/device_authorization", func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.knows--; p.knows < 0 {
			answerJSON(w, 401, map[string]any{"error": "invalid_client"})
			return
		}
		answerJSON(w, 200, map[string]any{"device_code": phoneDeviceCode, "user_code": "WDJB-MJHT",
			"verification_uri": p.URL + "/device", "expires_in": 604800, "interval": 30})
	})
	mux.HandleFunc("/token", p.token)
	mux.HandleFunc("/api/whoami", func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, p.api, map[string]any{"account": "anna"})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *phonePeer) token(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	poll := p.polls[min(p.asked, len(p.polls)-1)]
	p.asked++
	switch poll {
	case "tokens":
		answerJSON(w, 200, map[string]any{"access_token": phoneToken, "token_type": "DPoP", "expires_in": 600,
			"refresh_token": "refresh-of-the-test"})
	case "down":
		w.WriteHeader(http.StatusBadGateway)
	default:
		code, reason, _ := strings.Cut(poll, " ")
		answerJSON(w, 400, map[string]any{"error": code, "countersign_decline_reason": reason})
	}
}

func (p *phonePeer) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// phoneRun is what a person sees of one run.
type phoneRun struct {
	code   int
	screen string // standard output
	words  string // the error's
}

// phoneShell runs phone commands on one state file and one clock.
type phoneShell struct {
	t      *testing.T
	state  string
	clock  time.Time
	ctx    context.Context
	onWait func()
}

func newPhoneShell(t *testing.T) *phoneShell {
	zone := time.FixedZone("CET", 3600)
	return &phoneShell{t: t, state: filepath.Join(t.TempDir(), "phone.json"), ctx: t.Context(),
		clock: time.Date(2026, time.November, 9, 14, 5, 0, 0, zone)}
}

func (s *phoneShell) run(args ...string) phoneRun {
	s.t.Helper()
	var screen bytes.Buffer
	env := &Environment{Context: s.ctx, Args: args, Stdout: &screen, Stderr: io.Discard,
		Now: func() time.Time { return s.clock }, Wait: s.wait}
	var program struct {
		Phone PhoneCmd `cmd:""`
	}
	parser, err := kong.New(&program)
	if err != nil {
		s.t.Fatal(err)
	}
	parsed, err := parser.Parse(append(append([]string{"phone"}, args...), "--state", s.state))
	if err != nil {
		s.t.Fatal(err)
	}
	result := phoneRun{screen: ""}
	if err := parsed.Run(env); err != nil {
		exit, ok := errors.AsType[*exitError](err)
		if !ok {
			s.t.Fatalf("not an exitError: %v", err)
		}
		result.code, result.words = exit.code, exit.Error()
	}
	result.screen = screen.String()
	for _, secret := range []string{phoneDeviceCode, phoneToken, "refresh-of-the-test"} {
		if strings.Contains(result.screen+result.words, secret) {
			s.t.Errorf("the screen shows %q", secret)
		}
	}
	return result
}

func (s *phoneShell) wait(ctx context.Context, d time.Duration) error {
	s.clock = s.clock.Add(d)
	if s.onWait != nil {
		s.onWait()
	}
	return ctx.Err()
}

func (r phoneRun) want(t *testing.T, code int, texts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d", r.code, code)
	}
	for _, text := range texts {
		if !strings.Contains(r.screen+r.words, text) {
			t.Errorf("%q is missing from:\n%s%s", text, r.screen, r.words)
		}
	}
}

func TestPhoneWaitsAndConnects(t *testing.T) {
	p, s := newPhonePeer(t, "authorization_pending", "down", "slow_down", "tokens"), newPhoneShell(t)
	run := s.run("--issuer", p.URL, "--login-hint", "anna@example.org", "--name", "Anna's phone")
	run.want(t, 0,
		"Registered this phone with "+p.URL,
		"Code:      WDJB-MJHT",
		"Deadline:  Monday 16 November 2026, 14:05 CET (in 7 days)",
		"Counters:  "+p.URL+"/device",
		"asking every 30 seconds",
		"The server answered HTTP 502. Trying again in 1 minute",
		"asking every 35 seconds",
		"Connected.",
		"countersign phone call "+p.URL+"/api/whoami --state "+s.state)
	s.run("--issuer", p.URL).want(t, 0, "connected to the account anna@example.org already")
	s.run("--issuer", p.URL, "--login-hint", "ben@example.org").want(t, 2, "another --state")
	s.run("call", p.URL+"/api/whoami").want(t, 0, `{"account":"anna"}`)
	p.api = http.StatusForbidden
	s.run("call", p.URL+"/api/whoami", "--method", "DELETE").want(t, 1, "HTTP 403")
}

func TestPhoneWithoutWaiting(t *testing.T) {
	p, s := newPhonePeer(t, "authorization_pending", "tokens"), newPhoneShell(t)
	first := s.run("--issuer", p.URL, "--login-hint", "anna@example.org", "--no-wait")
	first.want(t, 3, "Code:      WDJB-MJHT", "--no-wait")
	if p.count() != 0 {
		t.Error("polled at once")
	}
	s.run("--no-wait").want(t, 3, "Going on with the request of Monday 9 November 2026, 14:05 CET", "not decided yet",
		"--issuer "+p.URL+" --login-hint anna@example.org")
	s.run("--no-wait").want(t, 0, "asking in 30 seconds", "Connected.")
	if p.count() != 2 {
		t.Errorf("polled %d times", p.count())
	}
}

func TestPhoneEndings(t *testing.T) {
	for code, words := range map[string]string{
		"access_denied":  "declined",
		"expired_token":  "too late",
		"invalid_grant":  "does not know this request",
		"invalid_client": "date and time",
		"invalid_scope":  "invalid_scope",
	} {
		t.Run(code, func(t *testing.T) {
			p, s := newPhonePeer(t, code), newPhoneShell(t)
			run := s.run("--issuer", p.URL, "--login-hint", "anna@example.org", "--name", "Anna's phone")
			run.want(t, 1, words, `countersign phone --issuer `+p.URL+` --login-hint anna@example.org --name 'Anna'\''s phone' --state `+s.state)
		})
	}
}

// The reason that the server told, and what to do about it; without one, to ask.
func TestPhoneSaysWhyItWasDeclined(t *testing.T) {
	for reason, words := range map[string]string{
		deviceclient.DeclinedDocumentExpired:     "bring one that is valid",
		deviceclient.DeclinedDocumentNotAccepted: "bring another one that is valid and undamaged",
		deviceclient.DeclinedCounterTrouble:      "go to a counter once more",
		"a-later-reason":                         "ask at the counter why",
	} {
		p, s := newPhonePeer(t, "access_denied "+reason), newPhoneShell(t)
		s.run("--issuer", p.URL, "--login-hint", "anna@example.org").want(t, 1, "declined: ", words, "countersign phone --issuer")
	}
}

func TestPhoneStartsAgainAfterADecline(t *testing.T) {
	p, s := newPhonePeer(t, "access_denied", "tokens"), newPhoneShell(t)
	s.run("--issuer", p.URL, "--login-hint", "anna@example.org").want(t, 1, "start again")
	again := s.run("--issuer", p.URL, "--login-hint", "anna@example.org")
	again.want(t, 0, "Asked ", "Connected.")
	if strings.Contains(again.screen, "Registered") {
		t.Error("registered twice")
	}
}

// docs/decisions/0029-sweeping.md: a phone whose registration was swept registers again by itself.
func TestPhoneRegistersAgain(t *testing.T) {
	peer := newPhonePeer(t, "access_denied", "tokens")
	shell := newPhoneShell(t)
	shell.run("--issuer", peer.URL, "--login-hint", "anna@example.org").want(t, 1, "start again")
	peer.mu.Lock()
	peer.knows = 0
	peer.mu.Unlock()
	shell.run("--issuer", peer.URL, "--login-hint", "anna@example.org").want(t, 0, "does not know this phone any more", "WDJB-MJHT")
}

func TestPhoneStoppedByHand(t *testing.T) {
	p, s := newPhonePeer(t, "authorization_pending", "authorization_pending", "tokens"), newPhoneShell(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.ctx = ctx
	s.onWait = func() {
		if p.count() == 1 {
			cancel()
		}
	}
	s.run("--issuer", p.URL, "--login-hint", "anna@example.org").want(t, 3, "Stopped. The request still stands.")
	s.ctx, s.onWait = t.Context(), nil
	s.clock = s.clock.Add(8 * 24 * time.Hour)
	s.run("--issuer", p.URL, "--login-hint", "anna@example.org").want(t, 0, "(passed)", "The deadline has passed", "Connected.")
}

func TestPhoneOffline(t *testing.T) {
	p, s := newPhonePeer(t, "tokens"), newPhoneShell(t)
	s.run("--issuer", p.URL, "--login-hint", "anna@example.org", "--no-wait")
	p.Close()
	s.run("--no-wait").want(t, 1, "Code:      WDJB-MJHT", "could not be reached", "nothing is lost")
}

func TestPhoneFlagsThatDoNotFit(t *testing.T) {
	s := newPhoneShell(t)
	s.run().want(t, 2, "--issuer URL")
	s.run("--issuer", "https://counter.example").want(t, 2, "--login-hint ID")
	s.run("--issuer", "https://counter.example", "--login-hint", "a", "--description", "b").want(t, 2, "needs a --name")
	s.run("--issuer", "http://counter.example", "--login-hint", "a").want(t, 1, "only https")
	s.run("call", "https://counter.example/api").want(t, 1, "not connected")
}

// What was called wrongly is answered with 2 and the command's own help.
func TestPhoneNamesItsHelp(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "phone.json")
	for _, test := range []struct{ args, wrong, help string }{
		{"phone --state " + state, "which server? Add --issuer URL", "Next: countersign phone connect --help\n"},
		{"phone --state " + state + " --isuer x", "--isuer: unknown flag. Did you mean --issuer?", "Next: countersign phone connect --help\n"},
		{"phone call --state " + state, "<url>", "Next: countersign phone call --help\n"},
		{"phone call http://localhost --sate " + state, "--sate: unknown flag. Did you mean --state?", "Next: countersign phone call --help\n"},
	} {
		got := runWith(t, nil, "", strings.Fields(test.args)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, test.wrong) || !strings.HasSuffix(got.stderr, test.help) {
			t.Errorf("%s: exit code %d, %q", test.args, got.code, got.stderr)
		}
	}
}
