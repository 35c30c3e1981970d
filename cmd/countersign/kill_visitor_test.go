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
)

// killAccounts is more than all visitors can use up: each visit has an account of its own,
// so that what waits for it is what this phone has asked.
const killAccounts = 1000

// restartPause is how long somebody waits whom nobody answers.
const restartPause = 20 * time.Millisecond

func killHint(i int) string { return fmt.Sprintf("KILL-%04d", i) }

// visitor is a phone after another, and the operator whom each of them comes to.
type visitor struct {
	k        *killing
	operator *operatorBrowser
	phone    *deviceclient.Client
	hint     string
}

func newVisitor(t *testing.T, k *killing, operator string) *visitor {
	t.Helper()
	browser, err := newOperatorBrowser(k.issuer)
	if err == nil {
		browser.client.Transport = k
		err = errors.Join(browser.SignIn(t.Context(), operator), browser.OpenCounter(t.Context(), productionCounter))
	}
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{k: k, operator: browser}
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
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	defer cancel()
	for v.begin(ctx) != nil { // nothing was answered: another phone, another account
		if ctx.Err() != nil {
			v.k.problem("no phone could begin: %v", ctx.Err())
			return false
		}
		_ = wait(ctx, restartPause)
	}
	for done := v.approve(ctx); !done; done = v.approve(ctx) {
		if ctx.Err() != nil {
			v.k.problem("%s was not approved in time: the operator sees %d %q", v.hint, v.operator.status, v.operator.Title())
			return false
		}
		_ = wait(ctx, restartPause)
	}
	if err := v.connect(ctx); err != nil {
		v.k.problem("%s was approved, and then: %v", v.hint, err)
		return false
	}
	return true
}

// begin registers a new phone and asks for its codes. It takes an account once it is answered: as long as the program is away,
// somebody tries some hundred times.
func (v *visitor) begin(ctx context.Context) error {
	v.phone = &deviceclient.Client{Issuer: v.k.issuer, Wait: hurriedWait, HTTP: &http.Client{Transport: v.k, Timeout: patience}}
	if err := v.phone.Register(ctx, deviceclient.Software{Name: "Pocket", ID: productionSoftware, Version: "1"}); err != nil {
		return err
	}
	v.k.note(&v.k.registered, v.phone.State.ClientID)
	v.hint = killHint(int(v.k.account.Add(1)))
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
	if v.operator.Open(ctx, views.PathCounter) != nil || v.operator.Search(ctx, v.hint) != nil {
		return false
	}
	if v.operator.Waiting() == 0 {
		return true
	}
	if v.operator.Match(ctx, v.phone.State.Authorization.UserCode.Reveal()) != nil ||
		v.operator.Proof(ctx, productionCard) != nil || v.operator.Approve(ctx) != nil {
		return false
	}
	v.k.note(&v.k.approved, v.phone.State.ClientID)
	return true
}

// connect is the phone's part after the approval.
func (v *visitor) connect(ctx context.Context) error {
	v.phone.Note = func(_ context.Context, pause deviceclient.PollPause) {
		if unreachable, lost := errors.AsType[*deviceclient.UnreachableError](pause.Cause); lost && unreachable != nil {
			v.k.again.Add(1)
		}
	}
	if err := v.phone.WaitForTokens(ctx); err != nil {
		return err
	}
	v.k.note(&v.k.redeemed, v.phone.State.ClientID)
	if v.works(ctx) == nil { // else it was killed meanwhile; everyPhoneWorks asks again
		v.k.note(&v.k.used, v.phone.State.ClientID)
	}
	v.k.mu.Lock()
	defer v.k.mu.Unlock()
	phone := *v
	v.k.connected = append(v.k.connected, &phone)
	return nil
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
