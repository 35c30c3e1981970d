package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"
)

const (
	browserTimeout = time.Minute // one page with its redirects, also on a computer that is busy
	longestPage    = 2 << 20     // bytes
)

// operatorBrowser does at the console what an operator does with a browser: it keeps
// cookies, follows redirects, and sends the forms that the pages really have, with
// their hidden fields, to where they point. demo --once uses it, and so do tests.
// The steps of a visit are in operator_visit.go.
type operatorBrowser struct {
	base   *url.URL
	client *http.Client

	address *url.URL   // of the page
	page    *html.Node // nil before the first page
	status  int
}

// newOperatorBrowser is a browser that knows nothing yet but the console's address.
func newOperatorBrowser(base string) (*operatorBrowser, error) {
	address, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &operatorBrowser{base: address, client: &http.Client{Jar: jar, Timeout: browserTimeout}}, nil
}

// Open follows an address, as typed or as it stands in the page.
func (b *operatorBrowser) Open(ctx context.Context, address string) error {
	target, err := b.resolve(address)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return err
	}
	return b.load(request)
}

// Submit sends a form of the page.
func (b *operatorBrowser) Submit(ctx context.Context, form *pageForm) error {
	target, err := b.resolve(form.action)
	if err != nil {
		return err
	}
	if form.method != http.MethodPost {
		target.RawQuery = form.values.Encode()
		return b.Open(ctx, target.String())
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(form.values.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", b.address.Scheme+"://"+b.address.Host)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.load(request)
}

func (b *operatorBrowser) resolve(address string) (*url.URL, error) {
	from := b.address
	if from == nil {
		from = b.base
	}
	return from.Parse(address)
}

// load reads the page that a request ends at. A page that says no is a page, too.
func (b *operatorBrowser) load(request *http.Request) error {
	response, err := b.client.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // without the address, which may hold a code of the sign-in
		}
		return fmt.Errorf("the console could not be reached: %w", err)
	}
	defer response.Body.Close()
	page, err := html.Parse(io.LimitReader(response.Body, longestPage))
	if err != nil {
		return fmt.Errorf("the page cannot be read: %w", err)
	}
	b.page, b.address, b.status = page, response.Request.URL, response.StatusCode
	return nil
}

// Title is the page's heading.
func (b *operatorBrowser) Title() string { return text(find(b.page, tag("h1"))) }

// Problems are the sentences by which the page says what is wrong, "" when none is.
func (b *operatorBrowser) Problems() string {
	var sentences []string
	if summary := find(b.page, class("error-summary")); summary != nil {
		for _, item := range findAll(summary, tag("li")) {
			sentences = append(sentences, text(item))
		}
	}
	for _, stop := range findAll(b.page, class("stop")) {
		sentences = append(sentences, text(stop))
	}
	return strings.Join(sentences, " ")
}

// Facts are the page's terms and what stands beside them.
func (b *operatorBrowser) Facts() map[string]string {
	facts := map[string]string{}
	for _, term := range findAll(b.page, tag("dt")) {
		for next := term.NextSibling; next != nil; next = next.NextSibling {
			if next.Type == html.ElementNode {
				facts[text(term)] = text(next)
				break
			}
		}
	}
	return facts
}

// unexpected says which page came instead of the one that was hoped for.
func (b *operatorBrowser) unexpected(hoped string) error {
	words := fmt.Sprintf("no %s: the console answered %d %q", hoped, b.status, b.Title())
	if problems := b.Problems(); problems != "" {
		words += ", " + problems
	}
	return errors.New(words)
}
