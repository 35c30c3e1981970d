package main

import (
	"context"
	"fmt"
	"slices"

	"countersign/oauth/deviceclient"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptOperators are the members of staff of one script, each with a browser that
// stays where it is between the steps.
type scriptOperators struct {
	browsers map[string]*operatorBrowser // by name
	current  *operatorBrowser
}

type operatorsKey struct{}

// operatorStep is one step: operator NAME and its arguments.
type operatorStep struct {
	arguments int
	do        func(ts *testscript.TestScript, o *scriptOperators, args []string) error
}

// operatorSteps: $ISSUER is the console's address.
var operatorSteps = map[string]operatorStep{
	"sign-in": {1, func(ts *testscript.TestScript, o *scriptOperators, args []string) error { // NAME
		if err := o.become(ts, args[0]); err != nil {
			return err
		}
		return o.current.SignIn(context.Background(), args[0])
	}},
	"as": {1, func(ts *testscript.TestScript, o *scriptOperators, args []string) error { // NAME
		return o.become(ts, args[0])
	}},
	"open": {1, func(_ *testscript.TestScript, o *scriptOperators, args []string) error { // PATH
		return o.current.Open(context.Background(), args[0])
	}},
	"open-counter": {1, func(_ *testscript.TestScript, o *scriptOperators, args []string) error { // NAME
		return o.current.OpenCounter(context.Background(), args[0])
	}},
	"search": {1, func(_ *testscript.TestScript, o *scriptOperators, args []string) error { // IDENTIFIER
		return o.current.Search(context.Background(), args[0])
	}},
	"match": {1, func(ts *testscript.TestScript, o *scriptOperators, args []string) error { // the phone's state FILE
		state, err := deviceclient.FileState{Path: ts.MkAbs(args[0])}.Load()
		if err != nil {
			return err
		}
		return o.current.Match(context.Background(), state.Authorization.UserCode.Reveal())
	}},
	"proof": {0, func(_ *testscript.TestScript, o *scriptOperators, _ []string) error {
		return o.current.Proof(context.Background(), card{Type: "idcard", Issuer: "SE", Number: "XA4406128", Expiry: "2031-03-31"})
	}},
	"approve": {0, func(_ *testscript.TestScript, o *scriptOperators, _ []string) error {
		return o.current.Approve(context.Background())
	}},
	"decline": {1, func(_ *testscript.TestScript, o *scriptOperators, args []string) error { // REASON
		return o.current.Decline(context.Background(), args[0])
	}},
}

// become goes on as somebody, or makes their browser.
func (o *scriptOperators) become(ts *testscript.TestScript, name string) error {
	if o.browsers[name] == nil {
		browser, err := newOperatorBrowser(ts.Getenv("ISSUER"))
		if err != nil {
			return err
		}
		o.browsers[name] = browser
	}
	o.current = o.browsers[name]
	return nil
}

// scriptOperator is [!] operator STEP …; the output is the page that it ends on.
func scriptOperator(ts *testscript.TestScript, neg bool, args []string) {
	operators, _ := ts.Value(operatorsKey{}).(*scriptOperators)
	if len(args) == 0 {
		ts.Fatalf("usage: operator STEP …")
	}
	step, known := operatorSteps[args[0]]
	if !known || len(args) != 1+step.arguments {
		ts.Fatalf("operator %s: no such step", args[0])
	}
	if operators.current == nil && !slices.Contains([]string{"sign-in", "as"}, args[0]) {
		ts.Fatalf("operator %s: nobody has signed in", args[0])
	}
	err := step.do(ts, operators, args[1:])
	if browser := operators.current; browser.page != nil {
		_, _ = fmt.Fprintf(ts.Stdout(), "%d %s\n%s\n", browser.status, browser.Title(), text(find(browser.page, tag("main"))))
	}
	switch {
	case err != nil && !neg:
		ts.Fatalf("operator %s: %v", args[0], err)
	case err == nil && neg:
		ts.Fatalf("operator %s went well, and should not have", args[0])
	}
}
