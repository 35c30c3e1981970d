package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"countersign/views"

	"golang.org/x/net/html"
)

// operator is an operator's browser: it keeps cookies, follows redirects, and sends the
// forms that the pages really have. One goroutine at a time.
type operator struct {
	client  *http.Client
	base    string
	address *url.URL // of the page
	page    *html.Node
	status  int
}

// operators are signed in and have a counter open.
func (b *bench) operators(ctx context.Context, c *contender, count int) ([]*operator, error) {
	all := make([]*operator, count)
	_, err := b.load.each(ctx, count, func(ctx context.Context, i int) error {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return err
		}
		all[i] = &operator{base: c.base, client: &http.Client{Jar: jar, Transport: b.load.transport, Timeout: patience}}
		if err := all[i].signIn(ctx, operatorName(i)); err != nil {
			return err
		}
		return all[i].openCounter(ctx)
	})
	return all, err
}

func (o *operator) signIn(ctx context.Context, name string) error {
	if err := o.open(ctx, views.PathCounter); err != nil {
		return err
	}
	if err := o.submit(ctx, formSaying(o.page, "Sign in")); err != nil {
		return err
	}
	people := formWith(o.page, "person")
	if people == nil || !people.choose("person", name) {
		return o.unexpected("way to sign in as " + name)
	}
	return o.submit(ctx, people)
}

func (o *operator) openCounter(ctx context.Context) error {
	if formWith(o.page, "counter") == nil {
		if err := o.open(ctx, views.PathOpenCounter); err != nil {
			return err
		}
	}
	counters := formWith(o.page, "counter")
	if counters == nil || !counters.choose("counter", counterName) {
		return o.unexpected("counter to open")
	}
	return o.submit(ctx, counters)
}

// search finds the account and opens its page, from any page that has the search field.
func (o *operator) search(ctx context.Context, account int) error {
	if err := o.fill(ctx, "identifier", url.Values{"identifier": {hint(account)}}); err != nil {
		return err
	}
	if address := linkSaying(o.page, hint(account)); !o.onAccount() && address != "" {
		if err := o.open(ctx, address); err != nil {
			return err
		}
	}
	if !o.onAccount() {
		return o.unexpected("page of the account")
	}
	return nil
}

// searchAnew begins on the console's own page.
func (o *operator) searchAnew(ctx context.Context, account int) error {
	if err := o.open(ctx, views.PathCounter); err != nil {
		return err
	}
	return o.search(ctx, account)
}

func (o *operator) onAccount() bool {
	return o.status < 400 && strings.HasPrefix(o.address.Path, views.AccountPath(""))
}

// match enters the code that the phone shows.
func (o *operator) match(ctx context.Context, p phone) error {
	return o.fill(ctx, "user_code", url.Values{"user_code": {p.State.Authorization.UserCode.Reveal()}})
}

// proof records a card that agrees with the account.
func (o *operator) proof(ctx context.Context, number string) error {
	return o.fill(ctx, "document_type", url.Values{
		"document_type": {"passport"}, "document_issuer": {"NO"}, "document_number": {number}, "document_expiry": {"2199-12-31"},
		"name_matches": {views.ResultMatches}, "birth_matches": {views.ResultMatches}, "photo_matches": {"yes"}, "document_handled": {"yes"},
	})
}

// approve ends on the receipt.
func (o *operator) approve(ctx context.Context) error {
	if err := o.submit(ctx, formSaying(o.page, "Approve")); err != nil {
		return err
	}
	receipts := elements(o.page, func(n *html.Node) bool { return strings.Contains(" "+attribute(n, "class")+" ", " receipt ") })
	if len(receipts) == 0 {
		return o.unexpected("receipt")
	}
	return nil
}

// decline declines as suspicious.
func (o *operator) decline(ctx context.Context) error {
	return o.fill(ctx, "reason", url.Values{"reason": {"suspicious"}})
}

// fill sends the page's form that has the field, with these values in it.
func (o *operator) fill(ctx context.Context, field string, values url.Values) error {
	f := formWith(o.page, field)
	if f == nil {
		return o.unexpected("field " + field)
	}
	for name, value := range values {
		f.values[name] = value
	}
	return o.submit(ctx, f)
}

func (o *operator) open(ctx context.Context, address string) error {
	request, err := o.request(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return o.load(request)
}

// submit sends a form; the page that it ends on must not be a refusal.
func (o *operator) submit(ctx context.Context, f *form) error {
	if f == nil {
		return o.unexpected("form to send")
	}
	if f.method == http.MethodGet {
		return o.open(ctx, f.action+"?"+f.values.Encode())
	}
	request, err := o.request(ctx, http.MethodPost, f.action, strings.NewReader(f.values.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", o.address.Scheme+"://"+o.address.Host)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	if err := o.load(request); err != nil {
		return err
	}
	if o.status >= 400 {
		return o.unexpected("page after a form")
	}
	return nil
}

// request is for an address as it stands in the page.
func (o *operator) request(ctx context.Context, method, address string, body io.Reader) (*http.Request, error) {
	from := o.address
	if from == nil {
		var err error
		if from, err = url.Parse(o.base); err != nil {
			return nil, err
		}
	}
	target, err := from.Parse(address)
	if err != nil {
		return nil, err
	}
	return http.NewRequestWithContext(ctx, method, target.String(), body)
}

// load reads the page that a request ends at.
func (o *operator) load(request *http.Request) error {
	response, err := o.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	page, err := html.Parse(response.Body)
	if err != nil {
		return err
	}
	o.page, o.address, o.status = page, response.Request.URL, response.StatusCode
	return nil
}

// unexpected says which page came instead of the one that was hoped for.
func (o *operator) unexpected(hoped string) error {
	words := text(o.page)
	return fmt.Errorf("no %s: %s answered %d %s", hoped, o.address.Path, o.status, words[:min(len(words), 600)])
}
