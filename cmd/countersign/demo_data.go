package main

import (
	"bytes"
	"context"
	_ "embed" // demo_accounts.csv
	"errors"
	"fmt"
	"time"

	"countersign/audit"
	"countersign/cmd/countersign/demoprovider"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/accountcsv"
	"countersign/oauth"
	"countersign/views"

	"golang.org/x/text/language"
)

//go:embed demo_accounts.csv
var demoAccounts []byte

// Who and what the demonstration speaks of. The operators' and the account's names
// also stand in its instructions.
const (
	demoHint     = "anna.lindqvist@example.org" // whose phone is to be connected
	demoPerson   = "Anna Lindqvist"
	demoOperator = "Amara Diallo"
	demoOwn      = "C-100317" // the account of demoOperator's own
	demoCounter  = "Town hall, ground floor"
)

func demoStaff() []demoprovider.Person {
	return []demoprovider.Person{
		{Subject: "staff-01", Name: demoOperator, Email: "amara.diallo@harbour.example", Roles: []string{"operator"},
			Note: views.Key("Works at a counter. Has an account of her own here, which somebody else must handle.")},
		{Subject: "staff-02", Name: "Jonas Eriksen", Email: "jonas.eriksen@harbour.example", Roles: []string{"operator"},
			Note: views.Key("Works at a counter.")},
		{Subject: "staff-03", Name: "Beatriz Carvalho", Email: "beatriz.carvalho@harbour.example", Roles: []string{"supervisor"},
			Note: views.Key("Reads the audit trail, takes approvals back, unlocks accounts.")},
		{Subject: "staff-04", Name: "Samuel Okonkwo", Email: "samuel.okonkwo@harbour.example", Roles: []string{"administrator"},
			Note: views.Key("Runs the system. Sees no visits.")},
	}
}

func demoScopes() []web.Scope {
	return []web.Scope{
		{Name: "profile", Words: "See your name and your account number", Languages: map[language.Tag]string{
			language.German: "Ihren Namen und Ihre Kontonummer sehen", language.Arabic: "الاطلاع على اسمك ورقم حسابك"}},
		{Name: "messages", Words: "Read the letters we send you", Languages: map[language.Tag]string{
			language.German: "Unsere Briefe an Sie lesen", language.Arabic: "قراءة الرسائل التي نرسلها إليك"}},
		{Name: "appointments", Words: "See, make and cancel your appointments", Languages: map[language.Tag]string{
			language.German: "Ihre Termine sehen, vereinbaren und absagen", language.Arabic: "الاطلاع على مواعيدك وحجزها وإلغاؤها"}},
		{Name: "payments", Words: "Pay from your account, up to its daily limit", Languages: map[language.Tag]string{
			language.German: "Von Ihrem Konto zahlen, bis zum Tageslimit", language.Arabic: "الدفع من حسابك في حدود المبلغ اليومي"}},
	}
}

func demoCounters() []models.NewCounter {
	return []models.NewCounter{
		{Name: demoCounter, Address: "1 Market Square, Harbour", Hours: "Mo-Fr 09:00-17:00", TimeZone: "Europe/London"},
		{Name: "Quayside clinic, reception", Address: "24 Quay Street, Harbour", Hours: "Mo-Su 07:30-20:00", TimeZone: "Europe/London"},
	}
}

func demoSoftware() []models.NewSoftware {
	return []models.NewSoftware{
		{Publisher: "Quayside Health", SoftwareID: "quayside-health", Name: "Quayside Health",
			Scope: oauth.Scope{"profile", "appointments"}},
		{Publisher: "City of Harbour", SoftwareID: "countersign-phone", Name: "Harbour Pocket",
			Scope: oauth.Scope{"profile", "messages", "payments"}},
	}
}

// seed fills a new demonstration. One that is filled already is left as it is; one
// whose filling was broken off is filled to the end.
func seed(ctx context.Context, store *models.Store, now time.Time) error {
	registered, err := store.RegisteredSoftware(ctx)
	if err != nil || len(registered) == len(demoSoftware()) {
		return err
	}
	read := accountcsv.Read(bytes.NewReader(demoAccounts), now)
	if len(read.Problems) > 0 {
		return fmt.Errorf("demonstration accounts: %w", read.Problems[0])
	}
	if _, err := store.ImportAccounts(ctx, read.Accounts, audit.Actor{System: "command"}); err != nil {
		return err
	}
	for _, counter := range demoCounters() {
		if _, err := store.AddCounter(ctx, counter); err != nil && !errors.Is(err, models.ErrExists) {
			return err
		}
	}
	for _, software := range demoSoftware() {
		if _, err := store.AddSoftware(ctx, software); err != nil && !errors.Is(err, models.ErrExists) {
			return err
		}
	}
	return nil
}
