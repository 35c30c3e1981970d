package audit

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"countersign/audit/term"
)

func checkEvent(t *testing.T, e Event) error {
	t.Helper()
	_, err := (&Log{}).checked(e)
	var invalid *InvalidEventError
	if err != nil && !errors.As(err, &invalid) {
		t.Fatalf("%v is not an InvalidEventError", err)
	}
	return err
}

func TestEveryTypeWithItsFacts(t *testing.T) {
	for _, d := range Catalogue() {
		t.Run(string(d.Type), func(t *testing.T) {
			all := slices.Concat(d.Required, d.Optional)
			for _, names := range [][]string{d.Required, all, append(slices.Clone(d.Required), d.Former...)} {
				if err := checkEvent(t, example(d, names)); err != nil {
					t.Errorf("with %v: %v", names, err)
				}
			}
			for i, name := range d.Required {
				err := checkEvent(t, example(d, slices.Delete(slices.Clone(d.Required), i, i+1)))
				if err == nil || !strings.HasSuffix(err.Error(), "required fact "+name+" missing") {
					t.Errorf("without %s: %v", name, err)
				}
			}
			for _, name := range allFacts() {
				if slices.Contains(append(all, d.Former...), name) {
					continue
				}
				err := checkEvent(t, example(d, append(slices.Clone(d.Required), name)))
				if err == nil || !strings.HasSuffix(err.Error(), `unexpected fact "`+name+`"`) {
					t.Errorf("with %s: %v", name, err)
				}
			}
		})
	}
}

func TestSubjectAndActorOfEveryType(t *testing.T) {
	for _, d := range Catalogue() {
		with, without := example(d, d.Required), example(d, d.Required)
		with.Subject, without.Subject = "acc_41", ""
		if err := checkEvent(t, with); (err != nil) != d.RefusesSubject {
			t.Errorf("%s with subject: %v", d.Type, err)
		}
		if err := checkEvent(t, without); (err != nil) != d.NeedsSubject {
			t.Errorf("%s without subject: %v", d.Type, err)
		}
		for kind, actor := range map[string]*Actor{
			ActorStaff: {Staff: "staff_7"}, ActorClient: {Client: "client_5"}, ActorSystem: {System: string(firstOf(d.Systems, "server"))},
		} {
			e := example(d, d.Required)
			e.Facts.Actor = actor
			if err := checkEvent(t, e); (err == nil) != slices.Contains(d.Actors, kind) {
				t.Errorf("%s caused by %s: %v", d.Type, kind, err)
			}
		}
	}
}

// The thumbprint is there where it is known, and always where the type needs it.
func TestDeviceOfEveryType(t *testing.T) {
	for _, d := range Catalogue() {
		if !slices.Contains(slices.Concat(d.Required, d.Optional), factDevice) {
			continue
		}
		e := example(d, append(slices.Clone(d.Required), factDevice))
		if err := checkEvent(t, e); err != nil {
			t.Errorf("%s with client and thumbprint: %v", d.Type, err)
		}
		e.Facts.KeyThumbprint = ""
		if err := checkEvent(t, e); (err != nil) != d.NeedsThumbprint {
			t.Errorf("%s with the client alone: %v", d.Type, err)
		}
		e.Facts.Client, e.Facts.KeyThumbprint = "", testThumbprint
		if err := checkEvent(t, e); err == nil {
			t.Errorf("%s with the thumbprint alone was accepted", d.Type)
		}
	}
}

func TestRefusedValues(t *testing.T) {
	for name, change := range map[string]func(*Event){
		"unknown event type": func(e *Event) { e.Type = "device-binding-stolen" },
		"subject does not look like an account identifier":  func(e *Event) { e.Subject = "Anna Eriksson" },
		"transaction does not look like one":                func(e *Event) { e.Transaction = "visit\n9" },
		"fact actor must name exactly one of":               func(e *Event) { e.Facts.Actor = &Actor{Staff: "staff_7", System: "server"} },
		"fact actor must name exactly one of staff, client": func(e *Event) { e.Facts.Actor = &Actor{} },
		"fact actor does not look like one":                 func(e *Event) { e.Facts.Actor = &Actor{Staff: "Anna Eriksson"} },
		"fact session does not look like one":               func(e *Event) { e.Facts.Session = strings.Repeat("s", 256) },
		"fact counter does not look like one":               func(e *Event) { e.Facts.Counter = "Town hall" },
		"fact entered holds a word that is not one of this event's": func(e *Event) {
			matched, _ := Lookup(CodeMatched)
			*e = example(matched, matched.Required)
			e.Facts.Entered = "by magic"
		},
		"fact presence does not look like one":           func(e *Event) { e.Facts.Presence = "WDJB-MJHT" },
		"client of fact device does not look like one":   func(e *Event) { e.Facts.Client = "Anna's phone" },
		"fact device must have a client":                 func(e *Event) { e.Facts.Client = "" },
		"fact device must have a key_thumbprint":         func(e *Event) { e.Facts.KeyThumbprint = "" },
		"key_thumbprint of fact device does not look":    func(e *Event) { e.Facts.KeyThumbprint = "thumb" },
		"fact redeem_until is not a whole number from 0": func(e *Event) { e.Facts.RedeemUntil = new(int64(-1)) },
		"fact scope does not look like one":              func(e *Event) { e.Facts.Scope = "profile  wallet" },
		"fact address is not an IP address":              func(e *Event) { e.Facts.Address = "192.0.2.7:443" },
		"fact address does not look like one":            func(e *Event) { e.Facts.Address = "fe80::1%eth0" },
	} {
		e := approval()
		change(&e)
		if err := checkEvent(t, e); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want %q, got %v", name, err)
		}
	}
}

func TestReasonsAreWordsOfTheirEvent(t *testing.T) {
	for _, test := range []struct {
		typ     Type
		reason  string
		refused bool
	}{
		{DecisionRefused, "own account", false}, {DecisionRefused, "approved", false},
		{DecisionRefused, "suspicious", true}, {DecisionRefused, "Anna said so.", true},
		{DecisionRefused, "anna@mail.example", true}, {DecisionRefused, "BCDF-GHJK", true}, {DecisionRefused, "bcdfghjk", true},
		{DeviceAuthorizationDeclined, "document_expired", false}, {DeviceAuthorizationDeclined, "customer_request", true},
		{DeviceBindingRecalled, "customer_request", false}, {DeviceBindingRecalled, "document_expired", true},
		{SecondApprovalReturned, "look again", false}, {SecondApprovalReturned, "suspicious", true},
		{AccountChanged, "status suspended - fraud suspected", false}, {AccountChanged, "status closed - fraud suspected", true},
		{CounterChanged, "name networks", false}, {CounterChanged, "networks name", true}, {CounterChanged, "name name", true},
		{CounterChanged, "name ", true}, {CounterChanged, "name opening hours", true},
		{SigningKeyRetired, "access-token forced", false}, {SigningKeyRotated, "access-token forced", true},
		{AlertAcknowledged, "wrong-key-used", false}, {AlertAcknowledged, "code-matched", true},
		{AlertTaken, "wrong-key-used", false}, {AlertNoted, "code-matched", true},
		{AlertClosed, "passed on", false}, {AlertClosed, "wrong-key-used", true},
	} {
		d, _ := Lookup(test.typ)
		e := example(d, d.Required)
		e.Facts.Reason = test.reason
		if err := checkEvent(t, e); (err != nil) != test.refused {
			t.Errorf("%s with the reason %q: %v", test.typ, test.reason, err)
		}
	}
}

// Every word that the catalogue lists may be written, and no other may.
func TestWordsOfEveryType(t *testing.T) {
	for _, d := range Catalogue() {
		for fact, list := range d.Words {
			for _, word := range append(list, term.Word{Value: "unheard of"}) {
				e := example(d, append(slices.Clone(d.Required), fact))
				if fact == factRoles {
					e.Facts.Roles = []string{word.Value}
				}
				setWord(&e.Facts, fact, word.Value)
				if err := checkEvent(t, e); (err != nil) != (word.Value == "unheard of") {
					t.Errorf("%s with %s %q: %v", d.Type, fact, word.Value, err)
				}
			}
		}
		for _, system := range term.Systems() {
			e := example(d, d.Required)
			e.Facts.Actor = &Actor{System: string(system)}
			if err := checkEvent(t, e); (err == nil) != slices.Contains(d.Systems, system) {
				t.Errorf("%s caused by %q: %v", d.Type, system, err)
			}
		}
	}
}

func TestRefusedJSONValues(t *testing.T) {
	for fact, values := range map[string][]string{
		factCounter:  {`null`, `""`, `7`, `["town-hall"]`},
		factUsual:    {`null`, `"7"`, `-1`, `1.5`, ``},
		factCount:    {`null`, `"7"`, `-1`, `1.5`, ``},
		factFilter:   {`null`, `[]`, `"counter=x"`, `["counter"]`, `["name=Anna"]`, `["counter=Town hall"]`, `["counter="]`, `[1]`},
		factCounters: {`null`, `[]`, `"counter_1"`, `["a counter"]`, `[1]`},
		factRoles:    {`null`, `[]`, `"operator"`, `["Operator"]`, `[1]`},
		factActor:    {`null`, `{}`, `"staff_7"`, `{"name":"Anna"}`, `{"staff":"a","staff":"b"}`},
		"unheard_of": {`"x"`},
		factAddress:  {`"somewhere"`, `1`},
		factDetails:  {`null`, `{}`, `"x"`, `{"name":"` + testThumbprint + `"}`, `{"address":"192.0.2.7"}`},
		factDevice: {`null`, `{}`, `"client_5"`, `{"client":null}`, `{"client":"a","client":"b"}`, `{"client":"a","Client":"b"}`,
			`{"client":"a","name":"My phone"}`, `{"client":"a","key_thumbprint":"short"}`, `{"key_thumbprint":"` + testThumbprint + `"}`},
	} {
		d := Definition{Actors: []string{ActorStaff}, Details: []string{DetailAddress}}
		for _, value := range values {
			if err := checkFact(d, fact, json.RawMessage(value)); err == nil {
				t.Errorf("%s %s was accepted", fact, value)
			}
		}
	}
}
