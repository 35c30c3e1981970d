package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// An OAuth client that nobody here wrote does the whole flow: npm openid-client 6, as it
// comes (testdata/interop/device.mjs), with keys of P-256 and with Ed25519 by its own name
// (RFC 9864).
func TestOpenIDClientDoesTheWholeFlow(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"ES256", "Ed25519"} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			openIDClientFlow(t, algorithm)
		})
	}
}

func openIDClientFlow(t *testing.T, algorithm string) {
	t.Helper()
	folder := interopFolder(t)
	listen := newAddress(t)
	server := startProduction(t, productionConfig{
		listen: listen, flags: []string{"--poll-interval", "1s"},
		provider: demoStaffProvider(t, "http://"+listen, func(h http.Handler) http.Handler { return h }),
	})
	operator, err := newOperatorBrowser(server.issuer)
	if err != nil {
		t.Fatal(err)
	}
	if err := operator.SignIn(t.Context(), "Jonas Eriksen"); err != nil {
		t.Fatal(err)
	}
	phone := startNode(t, folder, "device.mjs", server.issuer, productionHint, productionSoftware, algorithm)

	phone.step("discover").want("issuer", server.issuer).want("device_authorization_endpoint", server.issuer+"/device_authorization")
	clientID := phone.step("register").want("token_endpoint_auth_method", "private_key_jwt").text("client_id")
	asked := phone.step("authorize").want("expires_in", 604800.0).want("interval", 1.0).want("verification_uri", server.issuer+"/device")
	phone.step("poll").want("status", 400.0).want("error", "authorization_pending")

	server.approve(t, operator, asked.text("user_code"))
	last := phone.step("poll")
	for last.facts["status"] == 400.0 { // asked while the operator worked
		last = phone.want(last, "error", "authorization_pending").step("poll")
	}
	last.want("status", 200.0)

	phone.step("tokens").want("token_type", "dpop").want("expires_in", 600.0).want("scope", "profile").want("refreshable",
		true).want("nonces", 1.0)
	account := phone.step("call").want("client_id", clientID).text("account")
	phone.step("refresh").want("token_type", "dpop").want("another_access_token", true).want("another_refresh_token", false)
	phone.step("call again").want("account", account)
	phone.step("introspect").want("active", true).want("client_id", clientID).want("sub", account).want("token_type",
		"DPoP").want("bound", true)

	phone.step("revoke")
	if gone := phone.step("introspect again").want("active", false); len(gone.facts) != 2 { // RFC 7662 §2.2
		t.Errorf("introspection of a revoked token says more than that: %v", gone.facts)
	}
	phone.step("refresh again").want("error", "invalid_grant").want("status", 400.0)
	phone.step("call after all").want("status", 401.0)
	phone.end()
}

// nodePhone is a running device.mjs or webapi.mjs.
type nodePhone struct {
	t      *testing.T
	lines  *bufio.Scanner
	errors *textBuffer
	wait   func() error
}

// nodeStep is a line that it printed.
type nodeStep struct {
	t     *testing.T
	name  string
	facts map[string]any
}

func startNode(t *testing.T, folder, script string, args ...string) *nodePhone {
	t.Helper()
	node := exec.CommandContext(t.Context(), "node", append([]string{script}, args...)...)
	node.Dir = folder
	return runNode(t, node)
}

func runNode(t *testing.T, node *exec.Cmd) *nodePhone {
	t.Helper()
	phone := &nodePhone{t: t, errors: &textBuffer{}, wait: node.Wait}
	node.Stderr = phone.errors
	output, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	phone.lines = bufio.NewScanner(output)
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	return phone
}

// step is the next line, which has to be about this step.
func (p *nodePhone) step(name string) nodeStep {
	p.t.Helper()
	if !p.lines.Scan() {
		p.t.Fatalf("it ended before %q: %v\n%s", name, p.wait(), p.errors)
	}
	step := nodeStep{t: p.t, name: name}
	if err := json.Unmarshal(p.lines.Bytes(), &step.facts); err != nil {
		p.t.Fatalf("%s: %v", p.lines.Text(), err)
	}
	if step.facts["step"] != name {
		p.t.Fatalf("the step %q came, not %q: %s", step.facts["step"], name, p.lines.Text())
	}
	return step
}

// want is the step's want, on the way to the next step.
func (p *nodePhone) want(s nodeStep, member string, value any) *nodePhone {
	p.t.Helper()
	s.want(member, value)
	return p
}

// end is after the last step.
func (p *nodePhone) end() {
	p.t.Helper()
	if p.lines.Scan() {
		p.t.Errorf("it went on: %s", p.lines.Text())
	}
	if err := p.wait(); err != nil {
		p.t.Errorf("it ended badly: %v\n%s", err, p.errors)
	}
}

func (s nodeStep) want(member string, value any) nodeStep {
	s.t.Helper()
	if s.facts[member] != value {
		s.t.Fatalf("%s: %s is %v, want %v (all of it: %v)", s.name, member, s.facts[member], value, s.facts)
	}
	return s
}

func (s nodeStep) text(member string) string {
	s.t.Helper()
	text, _ := s.facts[member].(string)
	if strings.TrimSpace(text) == "" {
		s.t.Fatalf("%s: %s is missing (all of it: %v)", s.name, member, s.facts)
	}
	return text
}
