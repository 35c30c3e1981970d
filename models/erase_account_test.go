package models_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// The person of these tests: what of them is stored in clear, and nowhere else.
const (
	formerName, theirName = "Quendolin Vandersloot", "Quendolin Oberhuber"
	formerContact         = "quendolin@vandersloot.example"
	theirContact          = "quendolin@oberhuber.example"
	theirBirth            = "1987-11-23"
	theirNumber           = "QV-7718294"
	theirAddress          = "203.0.113.211"
	theirPhone            = "Quendolin’s blue phone"
	onTheirDocument       = "OBERHUBER VANDERSLOOT"
)

// theirs are the texts that an erasure leaves nowhere. Numbers of a document are stored by their last four characters.
func theirs() []string {
	return []string{"Quendolin", "quendolin", "andersloot", "ANDERSLOOT", "berhuber", "BERHUBER", theirBirth, "7718294", theirAddress}
}

// erasable is an account that everything has happened to.
type erasable struct {
	*visit
	admin string
}

func newErasable(t *testing.T, env *modelstest.Env) *erasable {
	t.Helper()
	_, err := env.ImportAccounts(env.Context, []models.ImportedAccount{{
		Line: 2, Identifiers: []string{theirNumber, formerContact}, FullName: formerName, DateOfBirth: theirBirth,
		Contact: formerContact, Status: models.AccountActive,
	}}, audit.Actor{System: "command"})
	if err != nil {
		t.Fatal(err)
	}
	e := &erasable{&visit{Env: env, account: env.AccountID(t, theirNumber)}, administrator(t, env)}
	e.signIn(t)
	e.client = e.theirClient(t)
	e.codes = e.theirRequest(t)
	e.changeRecord(t)
	e.connect(t)
	e.noteSuspicion(t)
	e.showDocument(t)
	return e
}

// theirClient is a phone that registers from their address.
func (e *erasable) theirClient(t *testing.T) models.Client {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	registration := modelstest.Registration(key)
	registration.Address = theirAddress
	client, err := e.RegisterClient(e.Context, registration)
	if err != nil {
		t.Fatal(err)
	}
	return client.Client
}

func (e *erasable) theirRequest(t *testing.T) models.IssuedCodes {
	t.Helper()
	codes, err := e.RequestDeviceAuthorization(e.Context, models.DeviceAuthorizationRequest{
		Client: e.client, LoginHint: theirNumber, Scope: oauth.Scope{"account.read"}, Thumbprint: modelstest.Thumbprint,
		Instance: oauth.Instance{Name: theirPhone, Description: "of Quendolin"}, Address: theirAddress,
	})
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

// changeRecord leaves the former record beside the log.
func (e *erasable) changeRecord(t *testing.T) {
	t.Helper()
	w := changing{Env: e.Env, admin: e.admin, account: e.account}
	err := w.save(func(a *models.ImportedAccount) { a.FullName, a.Contact = theirName, theirContact })
	if err != nil {
		t.Fatal(err)
	}
}

// showDocument leaves a visit under way whose document has another name.
func (e *erasable) showDocument(t *testing.T) {
	t.Helper()
	e.codes = e.theirRequest(t)
	e.to(t, models.Matched)
	card := modelstest.Card()
	card.NameResult, card.Name = models.Differs, onTheirDocument
	if err := e.Proof(e.Context, e.operator, e.codes.DeviceAuthorizationID, card); err != nil {
		t.Fatal(err)
	}
}

// connect has a phone that is connected and has a label.
func (e *erasable) connect(t *testing.T) {
	t.Helper()
	e.to(t, models.Redeemed)
	bindings, err := e.Bindings(e.Context, e.supervisor, e.account)
	if err != nil || len(bindings.Bindings) != 1 {
		t.Fatalf("%+v, %v", bindings, err)
	}
	if err := e.RelabelBinding(e.Context, e.supervisor, bindings.Bindings[0].ID, "Quendolin blue"); err != nil {
		t.Fatal(err)
	}
}

// noteSuspicion declines a second request as suspicious, and writes a note on the alert.
func (e *erasable) noteSuspicion(t *testing.T) {
	t.Helper()
	second := e.theirRequest(t)
	if err := e.Decline(e.Context, e.operator, second.DeviceAuthorizationID, "suspicious"); err != nil {
		t.Fatal(err)
	}
	alert := trailOf(t, e.Env, audit.SuspicionReported)
	if err := e.NoteAlert(e.Context, e.supervisor, alert.ID, "Quendolin Vandersloot was called"); err != nil {
		t.Fatal(err)
	}
}

// Everything of a person goes, also from SQLite's files; the trail verifies, and what refers to the account stays.
func TestErasedAccountLeavesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		e := newErasable(t, env)
		before := places(t, env)
		for _, table := range []string{"accounts", "account_identifiers", "device_authorizations", "bindings", "clients", "event_details",
			"document_differences", "alert_notes"} {
			if !strings.Contains(strings.Join(before, "\n"), table+".") {
				t.Errorf("nothing of the person is in %s: %v", table, before)
			}
		}
		if err := env.EraseAccount(env.Context, e.account, term.ErasureRequested); err != nil {
			t.Fatal(err)
		}
		if after := places(t, env); len(after) > 0 {
			t.Errorf("still there: %v", after)
		}
		if problems := problemsOf(t, env); len(problems) > 0 {
			t.Errorf("the verifier says %v", problems)
		}
		row := trailOf(t, env, audit.AccountErased)
		if row.AccountID != e.account || row.Event.Facts.Reason != "requested" || *row.Event.Facts.Count != 0 {
			t.Errorf("the event is %+v", row.Event)
		}
		last := env.LastEvent(t)
		if err := env.EraseAccount(env.Context, e.account, term.ErasureOrdered); err != nil || len(env.Events(t, last)) != 0 {
			t.Errorf("a second time: %v, %v", err, env.Events(t, last))
		}
	})
}

// theirTextsInEvents are those that events say, packed or not.
func theirTextsInEvents(t *testing.T, env *modelstest.Env) (found []string) {
	t.Helper()
	var entries []audit.Entry
	if err := env.Reader().Find(&entries).Error; err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		claims := entry.Claims()
		if text, is := theirTextIn(string(claims)); is || len(claims) == 0 {
			found = append(found, "an event: "+text)
		}
	}
	return found
}

// places are where any of their texts is stored: TABLE.COLUMN, and on SQLite the database's files.
func places(t *testing.T, env *modelstest.Env) []string {
	t.Helper()
	var found []string
	tables, err := env.Reader().Migrator().GetTables()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		var rows []map[string]any
		if err := env.Reader().Raw("SELECT * FROM " + table).Scan(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for column, value := range row {
				if text, is := theirTextIn(fmt.Sprint(value)); is {
					found = append(found, fmt.Sprintf("%s.%s: %s", table, column, text))
				}
			}
		}
	}
	found = append(found, theirTextsInEvents(t, env)...)
	file, sqlite := strings.CutPrefix(env.Address, "sqlite:")
	if !sqlite || len(found) > 0 {
		return found
	}
	for _, ending := range []string{"", "-wal", "-journal"} {
		bytes, err := os.ReadFile(file + ending)
		if text, is := theirTextIn(string(bytes)); err == nil && is {
			found = append(found, "file"+ending+": "+text)
		}
	}
	return found
}

func theirTextIn(text string) (string, bool) {
	for _, one := range theirs() {
		if strings.Contains(text, one) || strings.Contains(text, hex.EncodeToString([]byte(one))) {
			return one, true
		}
	}
	return "", false
}

// An erased account is closed, found by nothing, and never comes back: the same person in an accounts file is a new account.
func TestErasedAccountStaysErased(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		if err := env.EraseAccount(env.Context, v.account, term.ErasureUnneeded); err != nil {
			t.Fatal(err)
		}
		if err := v.do("approve", v.operator); err == nil {
			t.Error("a visit that was under way approved")
		}
		if v.state(t) != models.Declined {
			t.Errorf("the request is %s", v.state(t))
		}
		if _, err := env.FindErasable(env.Context, "ada@example.com"); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("found by its identifier: %v", err)
		}
		admin := administrator(t, env)
		if err := env.ReinstateAccount(env.Context, admin, v.account, term.Reinstatements()[0]); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("reinstated: %v", err)
		}
		env.Import(t, models.AccountActive, "ada@example.com")
		if again := env.AccountID(t, "ada@example.com"); again == v.account {
			t.Error("the account came back")
		}
		record, err := env.AccountRecord(env.Context, v.account)
		if err != nil || record.ErasedAt == 0 || record.FullName != "" || record.Status != models.AccountClosed {
			t.Errorf("%+v, %v", record, err)
		}
	})
}

// Two people share a phone: from where it registered stays while one of them has an account, and goes with the last.
func TestErasureOfAllWhoShareAPhone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		client := env.Client(t)
		accounts := []string{env.Account(t, "ada@example.com"), env.Account(t, "ben@example.com")}
		env.Request(t, client, "ada@example.com")
		env.Request(t, client, "ben@example.com")
		env.Request(t, client, "nobody@example.com")
		for i, want := range []string{client.CreatedAddress, ""} {
			if err := env.EraseAccount(env.Context, accounts[i], term.ErasureRequested); err != nil {
				t.Fatal(err)
			}
			got, err := env.Store.Client(env.Context, client.ID)
			if err != nil || got.CreatedAddress != want {
				t.Errorf("after %d: %q instead of %q, %v", i+1, got.CreatedAddress, want, err)
			}
		}
		if problems := problemsOf(t, env); len(problems) > 0 {
			t.Errorf("the verifier says %v", problems)
		}
	})
}
