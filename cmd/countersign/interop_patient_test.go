package main

import (
	"fmt"
	"io"
	"os/exec"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
)

// patientPhone is a running patient.mjs: openid-client whose time is the server's.
type patientPhone struct {
	*nodePhone
	server *handlerstest.Server
	input  io.Writer
}

func startPatient(t *testing.T, s *handlerstest.Server) *patientPhone {
	t.Helper()
	node := exec.CommandContext(t.Context(), "node", "patient.mjs", s.Issuer, "anna@example.org", "example.pocketbank")
	node.Dir = interopFolder(t)
	input, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	phone := &patientPhone{nodePhone: runNode(t, node), server: s, input: input}
	phone.tellTime()
	return phone
}

func (p *patientPhone) tellTime() {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.input, p.server.Clock.Now().UnixMilli()); err != nil {
		p.t.Fatal(err)
	}
}

// poll lets the phone wait, and its timers be late, and returns how long it waited and what it was answered.
func (p *patientPhone) poll(late time.Duration) (waited time.Duration, status float64, code string) {
	p.t.Helper()
	seconds, _ := p.step("waited").facts["seconds"].(float64)
	waited = time.Duration(seconds * float64(time.Second))
	p.server.Clock.Advance(waited + late)
	p.tellTime()
	answer := p.step("poll")
	status, _ = answer.facts["status"].(float64)
	code, _ = answer.facts["error"].(string)
	return waited, status, code
}

// RFC 9449 §8, docs/protocol.md §6 waiting-herd: openid-client waits for the whole interval after a challenge for a nonce,
// and ends its polling at a second one in a row. At the longest interval, with a challenge in the last moment of its
// nonce's time, it goes on for hours and is connected.
func TestOpenIDClientPollsAtTheLongestInterval(t *testing.T) {
	t.Parallel()
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{Interval: oauth.LongestPollInterval, DPoPNonceRequired: true}})
	s.Clock.Advance(s.Clock.Now().Truncate(oauth.NonceInterval).Add(oauth.NonceInterval - time.Millisecond).Sub(s.Clock.Now()))
	phone := startPatient(t, s)
	asked := phone.step("authorize").want("interval", oauth.LongestPollInterval.Seconds())
	if waited, _, code := phone.poll(0); waited != oauth.LongestPollInterval || code != oauth.ErrUseDPoPNonce {
		t.Fatalf("after %s its first proof is answered %q", waited, code)
	}
	for n := range 50 { // more than four hours
		if waited, _, code := phone.poll(50 * time.Millisecond); waited != oauth.LongestPollInterval || code != oauth.ErrAuthorizationPending {
			t.Fatalf("poll %d after %s: %q", n, waited, code)
		}
	}
	s.Approve(t, asked.text("user_code"))
	if _, status, code := phone.poll(0); status != 200 {
		t.Fatalf("answered %v %q", status, code)
	}
	phone.step("tokens")
	phone.end()
}

// RFC 9110 §10.2.3, §15.6.4, docs/protocol.md §6 overloaded-phones: openid-client goes on polling when it is answered 503
// with Retry-After in seconds, comes back no earlier than that, and is connected.
func TestOpenIDClientOutlastsAnOverload(t *testing.T) {
	t.Parallel()
	gates, free := handlerstest.Full(web.Polls)
	s := handlerstest.Start(t, handlerstest.Config{
		Policy: models.Policy{Interval: 5 * time.Second, DPoPNonceRequired: true}, More: func(c *web.Config) { c.Gates = gates },
	})
	phone := startPatient(t, s)
	asked := phone.step("authorize").want("interval", 5.0)
	for n := range 5 {
		waited, status, _ := phone.poll(0)
		if status != 503 || n > 0 && waited < 10*time.Second {
			t.Fatalf("poll %d after %s: %v", n, waited, status)
		}
	}
	free()
	for _, want := range []string{oauth.ErrUseDPoPNonce, oauth.ErrAuthorizationPending} {
		if _, _, code := phone.poll(0); code != want {
			t.Fatalf("answered %q, want %q", code, want)
		}
	}
	s.Approve(t, asked.text("user_code"))
	if _, status, code := phone.poll(0); status != 200 {
		t.Fatalf("answered %v %q", status, code)
	}
	phone.step("tokens")
	phone.end()
}
