package main

import (
	"bytes"
	"context"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"
)

// waitingPhone is the phone command, which waits for the counter while the test goes on.
// Its waits end when the test says so, and then the time that they would have taken has
// passed.
type waitingPhone struct {
	t     *testing.T
	demo  *browserDemo
	state string

	mutex  sync.Mutex
	screen bytes.Buffer
	waits  chan time.Duration
	resume chan struct{}
	ended  chan int // the exit code
}

func (p *waitingPhone) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.screen.Write(text)
}

// startPhone types the phone command, and returns when it waits for the counter.
func (d *browserDemo) startPhone(hint, name string) *waitingPhone {
	d.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	d.t.Cleanup(stop)
	p := &waitingPhone{
		t: d.t, demo: d, state: filepath.Join(d.t.TempDir(), "phone.json"),
		waits: make(chan time.Duration), resume: make(chan struct{}), ended: make(chan int, 1),
	}
	env := d.environment(p, "phone", "--issuer", d.issuer, "--login-hint", hint, "--name", name, "--scope", "profile messages",
		"--state", p.state)
	env.Context = ctx
	env.Wait = func(ctx context.Context, length time.Duration) error {
		select {
		case p.waits <- length:
			<-p.resume
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	go func() { p.ended <- execute(env) }()
	p.waitsAgain()
	return p
}

// waitsAgain lets the phone's wait pass, so that it asks once more. It returns false
// when the phone has ended instead.
func (p *waitingPhone) waitsAgain() bool {
	p.t.Helper()
	select {
	case length := <-p.waits:
		p.demo.advance(length)
		p.resume <- struct{}{}
		return true
	case code := <-p.ended:
		p.ended <- code
		return false
	case <-time.After(pageTimeout):
		p.t.Fatal("the phone neither waits nor ends")
		return false
	}
}

// code is what the person shows at the counter.
func (p *waitingPhone) code() string {
	p.t.Helper()
	found := regexp.MustCompile(`Code: +([A-Z]{4}-[A-Z]{4})`).FindStringSubmatch(p.words())
	if found == nil {
		p.t.Fatal("the phone shows no code")
	}
	return found[1]
}

func (p *waitingPhone) words() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.screen.String()
}

// connected lets the phone ask until it ends, and returns its exit code.
func (p *waitingPhone) connected() int {
	p.t.Helper()
	for range 3 {
		if !p.waitsAgain() {
			return <-p.ended
		}
	}
	p.t.Fatalf("the phone goes on waiting:\n%s", p.words())
	return 0
}

// call is the phone's call of an API: exit code and answer.
func (p *waitingPhone) call(address string) (int, string) {
	p.t.Helper()
	var answer bytes.Buffer
	code := execute(p.demo.environment(&answer, "phone", "call", address, "--state", p.state))
	return code, answer.String()
}
