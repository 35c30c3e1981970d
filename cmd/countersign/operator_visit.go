package main

import (
	"context"
	"errors"
	"strings"

	"countersign/views"

	"golang.org/x/net/html"
)

// card is what an operator records of an ID document.
type card struct {
	Type   string // a value of views.DocumentTypes
	Issuer string // country
	Number string
	Expiry string // year-month-day
}

// SignIn goes from the console through the OpenID Provider's page and back, as the
// member of staff with the name.
func (b *operatorBrowser) SignIn(ctx context.Context, name string) error {
	if err := b.Open(ctx, views.PathCounter); err != nil {
		return err
	}
	form := b.formWithButton("Sign in")
	if form == nil {
		return b.unexpected("sign-in page")
	}
	if err := b.Submit(ctx, form); err != nil {
		return err
	}
	if form = b.formWithField("person"); form == nil {
		return b.unexpected("page of the OpenID Provider")
	}
	if err := form.Choose("person", name); err != nil {
		return err
	}
	if err := b.Submit(ctx, form); err != nil {
		return err
	}
	if b.status >= 400 || b.formWithButton("Sign out") == nil {
		return b.unexpected("page for somebody who is signed in")
	}
	return nil
}

// OpenCounter says where the operator works today.
func (b *operatorBrowser) OpenCounter(ctx context.Context, name string) error {
	if b.formWithField("counter") == nil {
		if err := b.Open(ctx, views.PathOpenCounter); err != nil {
			return err
		}
	}
	form := b.formWithField("counter")
	if form == nil {
		return b.unexpected("list of counters")
	}
	if err := form.Choose("counter", name); err != nil {
		return err
	}
	return b.submitFor(ctx, form, "search field", b.hasField("identifier"))
}

// Search finds an account and opens its page.
func (b *operatorBrowser) Search(ctx context.Context, identifier string) error {
	if b.formWithField("identifier") == nil {
		if err := b.Open(ctx, views.PathCounter); err != nil {
			return err
		}
	}
	form := b.formWithField("identifier")
	if form == nil {
		return b.unexpected("search field")
	}
	if err := form.Fill("identifier", identifier); err != nil {
		return err
	}
	if err := b.Submit(ctx, form); err != nil {
		return err
	}
	if b.onAccount() {
		return nil
	}
	if form = b.formWithButton(identifier); form == nil {
		return b.unexpected("account with this identifier")
	}
	if err := b.Submit(ctx, form); err != nil {
		return err
	}
	if !b.onAccount() {
		return b.unexpected("page of the account")
	}
	return nil
}

func (b *operatorBrowser) onAccount() bool {
	return b.status < 400 && strings.HasPrefix(b.address.Path, views.AccountPath(""))
}

// Waiting is how many requests the account's page shows.
func (b *operatorBrowser) Waiting() int {
	table := find(b.page, class("pending"))
	return len(findAll(find(table, tag("tbody")), tag("tr")))
}

// Match enters what the phone shows: its code, or its presence proof as a scanner types it.
func (b *operatorBrowser) Match(ctx context.Context, code string) error {
	form := b.formWithField("user_code")
	if form == nil {
		return b.unexpected("field for the code")
	}
	if err := form.Fill("user_code", code); err != nil {
		return err
	}
	return b.submitFor(ctx, form, "match", b.hasField("document_type"))
}

// Proof records a card whose name and date of birth agree with the account.
func (b *operatorBrowser) Proof(ctx context.Context, c card) error {
	form := b.formWithField("document_type")
	if form == nil {
		return b.unexpected("form for the ID document")
	}
	err := form.Fill(
		"document_type", c.Type, "document_issuer", c.Issuer, "document_number", c.Number, "document_expiry", c.Expiry,
		"name_matches", views.ResultMatches, "birth_matches", views.ResultMatches,
		"photo_matches", "yes", "document_handled", "yes",
	)
	if err != nil {
		return err
	}
	return b.submitFor(ctx, form, "page to decide on", b.hasButton("Approve"))
}

// Approve ends on the receipt. It takes what the page marks for looked at.
func (b *operatorBrowser) Approve(ctx context.Context) error {
	form := b.formWithButton("Approve")
	if form == nil {
		return b.unexpected("way to approve")
	}
	form.TickAll(views.FieldLooked)
	return b.submitFor(ctx, form, "receipt", func() bool { return find(b.page, class("receipt")) != nil })
}

// Decline gives one of views.DeclineReasons, and ends on the receipt of that.
func (b *operatorBrowser) Decline(ctx context.Context, reason string) error {
	form := b.formWithField("reason")
	if form == nil {
		return b.unexpected("way to decline")
	}
	if err := form.Fill("reason", reason); err != nil {
		return err
	}
	return b.submitFor(ctx, form, "receipt of a decline", func() bool { return find(b.page, class("receipt-no")) != nil })
}

// ReceiptNumber is what the person takes home.
func (b *operatorBrowser) ReceiptNumber() (string, error) {
	head := find(b.page, class("receipt-head"))
	number := text(find(head, func(n *html.Node) bool { return n.Data == "strong" }))
	if number == "" {
		return "", errors.New("the receipt has no number")
	}
	return number, nil
}

// submitFor sends the form and holds the next page against what was hoped for.
func (b *operatorBrowser) submitFor(ctx context.Context, form *pageForm, hoped string, came func() bool) error {
	if err := b.Submit(ctx, form); err != nil {
		return err
	}
	if b.status >= 400 || !came() {
		return b.unexpected(hoped)
	}
	return nil
}

func (b *operatorBrowser) hasField(name string) func() bool {
	return func() bool { return b.formWithField(name) != nil }
}

func (b *operatorBrowser) hasButton(words string) func() bool {
	return func() bool { return b.formWithButton(words) != nil }
}
