package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"countersign/oauth/deviceclient"
	"countersign/views"

	"golang.org/x/net/html"
)

// killAccounts is more than all visitors can use up: each visit has an account of its own,
// so that what waits for it is what this phone has asked.
func killAccounts() int { return 600 + 20**tortureRounds }

// restartPause is how long somebody waits whom nobody answers.
const restartPause = 20 * time.Millisecond

func killHint(i int) string { return fmt.Sprintf("KILL-%05d", i) }

// visitPatience is long: a visit may meet several of what goes wrong, one after the other.
const visitPatience = 10 * time.Minute

// answerTimeout is how long a phone waits for one answer before it asks again.
const answerTimeout = 15 * time.Second

// visitor is a phone after another, and the operator whom each of them comes to.
type visitor struct {
	k        *killing
	operator *operatorBrowser
	rival    *operatorBrowser // enters the same code at the same moment; may be nil
	phone    *deviceclient.Client
	heard    error // by the phone that polls, last
	number   int64 // of the account
	hint     string
}

// Which visits come to another end.
const (
	eachDeclined = 6 // one in so many is declined
	eachRevoked  = 5 // one in so many phones gives its tokens back
)

func newVisitor(t *testing.T, k *killing, operator string) *visitor {
	t.Helper()
	return &visitor{k: k, operator: k.atCounter(t, operator)}
}

// atCounter is an operator who has signed in and opened the counter.
func (k *killing) atCounter(t *testing.T, operator string) *operatorBrowser {
	t.Helper()
	browser, err := newOperatorBrowser(k.issuer)
	if err == nil {
		browser.client.Transport = k
		err = errors.Join(browser.SignIn(t.Context(), operator), browser.OpenCounter(t.Context(), productionCounter))
	}
	if err != nil {
		t.Fatal(err)
	}
	return browser
}

// visits goes on until the test has seen enough, and finishes what it has begun.
func (v *visitor) visits() {
	for {
		select {
		case <-v.k.ended:
			return
		default:
			if !v.visit() {
				return
			}
		}
	}
}

// visit is one phone from its registration to its first refresh. Whatever is not answered
// is done again, by the phone's or the operator's own means.
func (v *visitor) visit() bool {
	ctx, cancel := context.WithTimeout(context.Background(), visitPatience)
	defer cancel()
	for v.begin(ctx) != nil { // nothing was answered: another phone, another account
		if ctx.Err() != nil {
			v.k.problem("no phone could begin: %v", ctx.Err())
			return false
		}
		_ = wait(ctx, restartPause)
	}
	decide, declined := v.approve, v.number%eachDeclined == 0
	if declined {
		decide = v.decline
	}
	for done := decide(ctx); !done; done = decide(ctx) {
		if ctx.Err() != nil {
			v.k.problem("%s was not decided in time: the operator sees %d %q", v.hint, v.operator.status, v.operator.Title())
			return false
		}
		_ = wait(ctx, restartPause)
	}
	if declined {
		v.phone.Note = v.listens
		if err := v.phone.WaitForTokens(ctx); deviceclient.ErrorCode(err) != deviceclient.ErrAccessDenied {
			v.k.problem("%s was declined, and then: %v, after %v", v.hint, err, v.heard)
			return false
		}
		return true
	}
	if err := v.connect(ctx); err != nil {
		v.k.problem("%s was approved, and then: %v, after %v", v.hint, err, v.heard)
		return false
	}
	return true
}

// begin registers a new phone and asks for its codes. It takes an account once it is answered: as long as the program is away,
// somebody tries some hundred times.
func (v *visitor) begin(ctx context.Context) error {
	v.phone = &deviceclient.Client{Issuer: v.k.issuer, Wait: hurriedWait, HTTP: &http.Client{Transport: v.k, Timeout: answerTimeout}}
	if err := v.phone.Register(ctx, deviceclient.Software{Name: "Pocket", ID: productionSoftware, Version: "1"}); err != nil {
		return err
	}
	v.k.note(&v.k.registered, v.phone.State.ClientID)
	v.number = v.k.account.Add(1)
	v.hint = killHint(int(v.number))
	if err := v.phone.RequestAuthorization(ctx, deviceclient.Request{LoginHint: v.hint, InstanceName: "A phone"}); err != nil {
		return err
	}
	v.k.note(&v.k.asked, v.phone.State.ClientID)
	return nil
}

// hurriedWait is a phone that comes back early, and so is told to slow down now and then.
func hurriedWait(ctx context.Context, d time.Duration) error {
	return wait(ctx, min(d, 200*time.Millisecond))
}

// approve is a visit from its beginning. Nothing waits any more: it was approved, and the
// receipt got lost.
func (v *visitor) approve(ctx context.Context) bool {
	if matched, over := v.match(ctx); !matched {
		return over
	}
	if v.operator.Proof(ctx, productionCard) != nil || v.operator.Approve(ctx) != nil {
		return false
	}
	v.k.note(&v.k.approved, v.phone.State.ClientID)
	v.k.mu.Lock()
	defer v.k.mu.Unlock()
	v.k.receipts = append(v.k.receipts, receiptOf{v.operator, v.operator.address.Path})
	return true
}

// decline is approve for a customer who leaves.
func (v *visitor) decline(ctx context.Context) bool {
	if matched, over := v.match(ctx); !matched {
		return over
	}
	if v.operator.Proof(ctx, productionCard) != nil || v.operator.Decline(ctx, "customer_left") != nil {
		return false
	}
	v.k.note(&v.k.declined, v.phone.State.ClientID)
	return true
}

// match enters the phone's code; over: nothing waits any more. A rival enters it at the same moment: one of them, at most, is let
// go on, and is who goes on. The other one may have the visit, and have had no answer: then it is their turn next.
func (v *visitor) match(ctx context.Context) (matched, over bool) {
	code := v.phone.State.Authorization.UserCode.Reveal()
	if v.operator.Open(ctx, views.PathCounter) != nil || v.operator.Search(ctx, v.hint) != nil {
		return false, false
	}
	if find(v.operator.page, func(n *html.Node) bool { return attribute(n, "id") == "pending" }) == nil {
		return false, false // the record is closed again: the clock was set while it was opened
	}
	if v.operator.Waiting() == 0 {
		return false, true
	}
	if v.rival == nil {
		return v.operator.Match(ctx, code) == nil, false
	}
	rival := make(chan bool, 1)
	_ = v.rival.Open(ctx, views.PathCounter)
	found := v.rival.Search(ctx, v.hint) == nil
	go func() { rival <- found && v.rival.Match(ctx, code) == nil }()
	own, other := v.operator.Match(ctx, code) == nil, <-rival
	if own && other {
		v.k.problem("%s: two operators have the visit", v.hint)
	}
	if !own {
		v.operator, v.rival = v.rival, v.operator
	}
	return own || other, false
}

// connect is the phone's part after the approval.
func (v *visitor) connect(ctx context.Context) error {
	v.phone.Note = v.listens
	if err := v.phone.WaitForTokens(ctx); err != nil {
		return err
	}
	v.k.note(&v.k.redeemed, v.phone.State.ClientID)
	if v.works(ctx) == nil { // else it was killed meanwhile; everyPhoneWorks asks again
		v.k.note(&v.k.used, v.phone.State.ClientID)
	}
	if v.k.way != nil && v.number%eachRevoked == 0 {
		v.k.note(&v.k.revoking, v.phone.State.ClientID)
		if v.phone.Revoke(ctx) == nil {
			v.k.note(&v.k.revoked, v.phone.State.ClientID)
		}
		return nil
	}
	v.k.mu.Lock()
	defer v.k.mu.Unlock()
	phone := *v
	v.k.connected = append(v.k.connected, &phone)
	return nil
}

// listens keeps what a phone that polls heard last.
func (v *visitor) listens(_ context.Context, pause deviceclient.PollPause) {
	v.heard = pause.Cause
	if unreachable, lost := errors.AsType[*deviceclient.UnreachableError](pause.Cause); lost && unreachable != nil {
		v.k.again.Add(1)
	}
}

// works calls the API.
func (v *visitor) works(ctx context.Context) error {
	response, err := v.phone.Call(ctx, http.MethodGet, v.k.issuer+"/api/whoami")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the API answers %d %s", response.StatusCode, body)
	}
	return err
}

// everyPhoneWorks: no answered redemption was lost, whatever came after it.
func (k *killing) everyPhoneWorks(t *testing.T) {
	t.Helper()
	for _, v := range k.connected {
		if err := errors.Join(v.works(t.Context()), v.phone.Refresh(t.Context())); err != nil {
			t.Errorf("%s was connected: %v", v.hint, err)
		}
	}
}
