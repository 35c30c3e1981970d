package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"countersign/oauth"
	"countersign/oauth/deviceclient"
)

// rehearsal is one whole visit without a person: the phone is the package that the
// phone command uses, the operator goes through the console's own pages, everything
// over HTTP. It never prints a code or a token.
type rehearsal struct {
	demo     *demonstration
	phone    *deviceclient.Client
	file     deviceclient.FileState // what the phone keeps while it is switched off
	operator *operatorBrowser
	account  string // identifier of the account, as its page's address has it
}

// step says in words what happened.
type step struct {
	name string
	do   func(context.Context) (string, error)
}

func (r *rehearsal) steps() []step {
	return []step{
		{"phone registers", r.register},
		{"phone asks for a code", r.ask},
		{"operator signs in", r.signIn},
		{"operator opens a counter", r.openCounter},
		{"operator finds the account", r.search},
		{"operator matches the code", r.match},
		{"operator records the ID card", r.proof},
		{"operator approves", r.approve},
		{"operator hands over the receipt", r.receipt},
		{"phone redeems", r.redeem},
		{"phone calls an API", r.call},
		{"audit trail is checked", r.audit},
	}
}

// once goes through the visit, one printed line a step. started is when the program
// began to prepare, in Unix milliseconds.
func (d *demonstration) once(started int64) error {
	ctx, stop := context.WithCancel(d.env.Context)
	ended := make(chan error, 1)
	go func() { ended <- d.serve(ctx) }()
	err := d.rehearse(ctx, time.UnixMilli(started))
	stop()
	return errors.Join(err, <-ended)
}

func (d *demonstration) rehearse(ctx context.Context, started time.Time) error {
	operator, err := newOperatorBrowser(d.issuer)
	if err != nil {
		return err
	}
	file := deviceclient.FileState{Path: filepath.Join(d.folder, "rehearsal-"+started.UTC().Format("150405.000")+".json")}
	defer os.Remove(file.Path) // it holds a key and tokens
	r := &rehearsal{demo: d, operator: operator, file: file, phone: newPhone(d.env, d.issuer, deviceclient.State{}, file)}
	number, before := 1, started
	tell := func(words string) {
		now := d.env.Now()
		_, _ = fmt.Fprintf(d.env.Stdout, "%2d %6d ms  %s\n", number, now.Sub(before).Milliseconds(), words)
		number, before = number+1, now
	}
	tell("demonstration started at " + d.issuer)
	for _, s := range r.steps() {
		words, err := s.do(ctx)
		if err != nil {
			_, _ = fmt.Fprintf(d.env.Stdout, "%2d %6d ms  FAILED: %s\n", number, d.env.Now().Sub(before).Milliseconds(), s.name)
			return fmt.Errorf("step %d, %s: %w", number, s.name, err)
		}
		tell(words)
	}
	_, _ = fmt.Fprintf(d.env.Stdout, "   %6d ms  in all: every step is as it should be\n", d.env.Now().Sub(started).Milliseconds())
	return nil
}

func (r *rehearsal) register(ctx context.Context) (string, error) {
	err := r.phone.Register(ctx, deviceclient.Software{Name: "Countersign reference phone", ID: "countersign-phone", Version: "1"})
	return "phone registered itself with its own key", err
}

func (r *rehearsal) ask(ctx context.Context) (string, error) {
	err := r.phone.RequestAuthorization(ctx, deviceclient.Request{
		LoginHint: demoHint, InstanceName: demoPerson + "'s phone", Scope: "profile messages",
	})
	if err != nil {
		return "", err
	}
	open := r.phone.State.Authorization.ExpiresAt.Sub(r.phone.State.Authorization.RequestedAt)
	return "phone asked to be connected to " + demoHint + "; it has " + span(open) + " to be shown at a counter", nil
}

func (r *rehearsal) signIn(ctx context.Context) (string, error) {
	return demoOperator + " signed in as operator, by OpenID Connect", r.operator.SignIn(ctx, demoOperator)
}

func (r *rehearsal) openCounter(ctx context.Context) (string, error) {
	return "operator opened the counter " + demoCounter, r.operator.OpenCounter(ctx, demoCounter)
}

func (r *rehearsal) search(ctx context.Context) (string, error) {
	if err := r.operator.Search(ctx, demoHint); err != nil {
		return "", err
	}
	waiting := r.operator.Waiting()
	if waiting == 0 {
		return "", r.operator.unexpected("waiting request")
	}
	r.account = path.Base(r.operator.address.Path)
	return "operator found the account of " + r.operator.Title() + ", with " + count(waiting, "waiting request"), nil
}

func (r *rehearsal) match(ctx context.Context) (string, error) {
	proof, err := r.phone.Presence(r.demo.env.Now())
	if err != nil {
		return "", err
	}
	return "operator scanned the QR code that the phone shows: it holds the key of a request for this account",
		r.operator.Match(ctx, proof.Reveal())
}

func (r *rehearsal) proof(ctx context.Context) (string, error) {
	expiry := r.demo.env.Now().AddDate(4, 0, 0).Format(time.DateOnly)
	err := r.operator.Proof(ctx, card{Type: "idcard", Issuer: "SE", Number: "XA4406128", Expiry: expiry})
	return "operator held the ID card against the person and the account: all agree", err
}

func (r *rehearsal) approve(ctx context.Context) (string, error) {
	return "operator approved: the phone is bound to the person's account, signed into the audit trail", r.operator.Approve(ctx)
}

func (r *rehearsal) receipt(context.Context) (string, error) {
	number, err := r.operator.ReceiptNumber()
	return "receipt " + number + " handed over", err
}

// redeem is the phone's first question: it was switched off until now, so there is
// nothing to wait for.
func (r *rehearsal) redeem(ctx context.Context) (string, error) {
	state, err := r.file.Load()
	if err != nil {
		return "", err
	}
	r.phone = newPhone(r.demo.env, r.demo.issuer, state, r.file)
	return "phone was switched on again, asked once, and was connected", r.phone.Poll(ctx)
}

func (r *rehearsal) call(ctx context.Context) (string, error) {
	response, err := r.phone.Call(ctx, http.MethodGet, r.demo.issuer+oauth.PathWhoAmI)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the API answered %s", response.Status)
	}
	var who struct {
		Account  string `json:"account"`
		ClientID string `json:"client_id"`
		Binding  string `json:"binding"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, longestPage)).Decode(&who); err != nil {
		return "", fmt.Errorf("the API's answer cannot be read: %w", err)
	}
	if who.Account != r.account || who.ClientID != r.phone.State.ClientID || who.Binding == "" {
		return "", errors.New("the API took the phone for somebody else's")
	}
	return "phone called GET " + oauth.PathWhoAmI + ": it acts for account " + who.Account, nil
}

func (r *rehearsal) audit(ctx context.Context) (string, error) {
	report, err := r.demo.store.VerifyTrail(ctx)
	if err != nil {
		return "", err
	}
	if !report.OK() {
		return "", errors.New(strings.Join(report.Problems(), "; "))
	}
	return fmt.Sprintf("audit trail checked: %d entries, every signature and number sound", report.Entries), nil
}
