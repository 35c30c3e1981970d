package handlerstest

import (
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Browser is a browser without JavaScript: it keeps cookies, follows redirects and
// sends only forms that stand on a page. Every answer of the server is held to the
// rules that all pages share.
type Browser struct {
	Visited []string // every address that was asked for
	Pages   []*Page  // every answer
	t       testing.TB
	server  *Server
	client  *http.Client
}

// Browser opens a browser with no cookies.
func (s *Server) Browser(t testing.TB) *Browser {
	jar := must(cookiejar.New(nil))
	return &Browser{t: t, server: s, client: &http.Client{Jar: jar, CheckRedirect: s.HTTP.CheckRedirect}}
}

// BrowserOf opens a browser in which somebody is signed in.
func (s *Server) BrowserOf(t testing.TB, staff Staff) *Browser {
	b := s.Browser(t)
	b.client.Jar.SetCookies(must(url.Parse(s.Issuer)), []*http.Cookie{{Name: "countersign", Value: staff.Cookie, Path: "/"}})
	return b
}

// Get opens a page by its path and follows redirects.
func (b *Browser) Get(path string) *Page {
	b.t.Helper()
	return b.follow(b.Step(http.MethodGet, b.address(path), nil))
}

// Post sends a form that need not stand on any page, as an attacker's or an old page's
// would, and follows redirects.
func (b *Browser) Post(path string, form url.Values) *Page {
	b.t.Helper()
	return b.follow(b.Step(http.MethodPost, b.address(path), form))
}

// Step sends one request and follows nothing.
func (b *Browser) Step(method, address string, form url.Values) *Page {
	b.t.Helper()
	request := must(http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(form.Encode())))
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return b.Send(request)
}

// Send sends a request with the browser's cookies and follows nothing.
func (b *Browser) Send(request *http.Request) *Page {
	b.t.Helper()
	b.Visited = append(b.Visited, request.URL.String())
	response, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body := must(io.ReadAll(response.Body))
	page := &Page{
		Status: response.StatusCode, Header: response.Header, Source: string(body), URL: request.URL,
		Location: response.Header.Get("Location"), browser: b, document: must(html.Parse(strings.NewReader(string(body)))),
	}
	b.Pages = append(b.Pages, page)
	if strings.HasPrefix(request.URL.String(), b.server.Issuer) {
		page.keepsTheRules()
	}
	return page
}

func (b *Browser) follow(page *Page) *Page {
	b.t.Helper()
	for range 10 {
		if page.Location == "" {
			return page
		}
		page = b.Step(http.MethodGet, must(page.URL.Parse(page.Location)).String(), nil)
	}
	b.t.Fatalf("too many redirects, last to %s", page.Location)
	return nil
}

func (b *Browser) address(path string) string {
	if strings.HasPrefix(path, "http") {
		return path
	}
	return b.server.Endpoint(path)
}

// Page is an answer that a person sees.
type Page struct {
	Status   int
	Header   http.Header
	Source   string
	URL      *url.URL
	Location string // where it leads on, "" when it is a page
	browser  *Browser
	document *html.Node
}

// keepsTheRules demands what holds for every answer: a strict policy, and that a
// redirect of a signed-in page stays here.
func (p *Page) keepsTheRules() {
	p.browser.t.Helper()
	policy := p.Header.Get("Content-Security-Policy")
	for _, rule := range []string{"default-src 'none'", "style-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
		"form-action 'self'"} {
		if !strings.Contains(policy, rule) {
			p.browser.t.Errorf("%s: the policy lacks %s: %q", p.URL, rule, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "*") {
		p.browser.t.Errorf("%s: the policy is not strict: %q", p.URL, policy)
	}
	for n := range p.elements("script") {
		if nonce := attribute(n, "nonce"); nonce == "" || !strings.Contains(policy, "script-src 'nonce-"+nonce+"'") {
			p.browser.t.Errorf("%s: the policy %q does not allow a script of the page", p.URL, policy)
		}
	}
	for _, name := range []string{"X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy"} {
		if p.Header.Get(name) == "" {
			p.browser.t.Errorf("%s: no %s", p.URL, name)
		}
	}
}

// Wants demands a status and a heading.
func (p *Page) Wants(status int, heading string) *Page {
	p.browser.t.Helper()
	if p.Status != status || !strings.Contains(p.Heading(), heading) {
		p.browser.t.Fatalf("%s answered %d %q (leads to %q, errors %q), want %d %q", p.URL.Path, p.Status, p.Heading(), p.Location, p.Errors(),
			status, heading)
	}
	return p
}

// Says demands that the page's text holds each of these.
func (p *Page) Says(texts ...string) *Page {
	p.browser.t.Helper()
	whole := p.Text()
	for _, text := range texts {
		if !strings.Contains(whole, text) {
			p.browser.t.Errorf("%s does not say %q; it says: %s", p.URL.Path, text, whole)
		}
	}
	return p
}

// SaysNot demands that the page's source holds none of these.
func (p *Page) SaysNot(texts ...string) *Page {
	p.browser.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.Source, text) {
			p.browser.t.Errorf("%s says %q", p.URL.Path, text)
		}
	}
	return p
}

// Text returns what a person reads, white space made one blank, isolates left out.
func (p *Page) Text() string {
	if main := find(p.document, "main"); main != nil {
		return textOf(main)
	}
	return textOf(p.document)
}

// Article returns what stands in the page's article: of a receipt, what is printed.
func (p *Page) Article() string {
	if article := find(p.document, "article"); article != nil {
		return textOf(article)
	}
	return ""
}

// Heading returns the page's h1.
func (p *Page) Heading() string { return textOf(find(p.document, "h1")) }

// Title returns the document's.
func (p *Page) Title() string { return textOf(find(p.document, "title")) }

// Errors returns the lines of the error summary.
func (p *Page) Errors() []string {
	var lines []string
	for n := range p.elements("div") {
		if attribute(n, "class") == "error-summary" {
			for item := range n.Descendants() {
				if item.Data == "li" {
					lines = append(lines, textOf(item))
				}
			}
		}
	}
	return lines
}

// Links lists where the page's links lead.
func (p *Page) Links() []string {
	var links []string
	for n := range p.elements("a") {
		links = append(links, attribute(n, "href"))
	}
	return links
}

// HasForm reports whether a form for the path stands on the page.
func (p *Page) HasForm(action string) bool { return p.form(action) != nil }

// Form is the form that posts to the path.
func (p *Page) Form(action string) *Form {
	p.browser.t.Helper()
	n := p.form(action)
	if n == nil {
		p.browser.t.Fatalf("%s (%d %q) has no form for %s", p.URL.Path, p.Status, p.Heading(), action)
	}
	form := &Form{page: p, node: n, values: url.Values{}}
	for field := range n.Descendants() {
		form.take(field)
	}
	return form
}

func (p *Page) form(action string) *html.Node {
	for n := range p.elements("form") {
		if attribute(n, "action") == action {
			return n
		}
	}
	return nil
}

func (p *Page) elements(name string) func(func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		for n := range p.document.Descendants() {
			if n.Type == html.ElementNode && n.Data == name && !yield(n) {
				return
			}
		}
	}
}

// Form is a form on a page, with what it would send.
type Form struct {
	page   *Page
	node   *html.Node
	values url.Values
	names  []string
	offers url.Values // the values that radio buttons, checkboxes and lists offer
}

func (f *Form) take(n *html.Node) {
	name := attribute(n, "name")
	if n.Type != html.ElementNode || name == "" {
		return
	}
	f.names = append(f.names, name)
	switch kind := attribute(n, "type"); {
	case n.Data == "input" && (kind == "radio" || kind == "checkbox"):
		f.offer(name, attribute(n, "value"))
		if has(n, "checked") {
			f.values.Set(name, attribute(n, "value"))
		}
	case n.Data == "textarea":
		f.values.Set(name, textOf(n))
	case n.Data == "input":
		f.values.Set(name, attribute(n, "value"))
	case n.Data == "select":
		for option := range n.Descendants() {
			if option.Data == "option" {
				f.offer(name, attribute(option, "value"))
				if has(option, "selected") {
					f.values.Set(name, attribute(option, "value"))
				}
			}
		}
	}
}

func (f *Form) offer(name, value string) {
	if f.offers == nil {
		f.offers = url.Values{}
	}
	f.offers.Add(name, value)
}

// Set fills a field in, as a person could: the field must be there, and offer the value.
func (f *Form) Set(name, value string) *Form {
	f.page.browser.t.Helper()
	if !slices.Contains(f.names, name) {
		f.page.browser.t.Fatalf("%s: the form has no field %s, only %q", f.page.URL.Path, name, f.names)
	}
	if offered := f.offers[name]; offered != nil && !slices.Contains(offered, value) {
		f.page.browser.t.Fatalf("%s: the field %s does not offer %q, only %q", f.page.URL.Path, name, value, offered)
	}
	f.values.Set(name, value)
	return f
}

// Clear takes the tick out of a box.
func (f *Form) Clear(name string) *Form {
	f.Set(name, f.offers.Get(name))
	f.values.Del(name)
	return f
}

// Value returns what stands in a field.
func (f *Form) Value(name string) string { return f.values.Get(name) }

// Submit sends the form and follows redirects.
func (f *Form) Submit() *Page {
	f.page.browser.t.Helper()
	return f.page.browser.follow(f.Send())
}

// Send sends the form and follows nothing.
func (f *Form) Send() *Page {
	f.page.browser.t.Helper()
	address := must(f.page.URL.Parse(attribute(f.node, "action")))
	if attribute(f.node, "method") != "post" {
		address.RawQuery = f.values.Encode()
		return f.page.browser.Step(http.MethodGet, address.String(), nil)
	}
	return f.page.browser.Step(http.MethodPost, address.String(), f.values)
}

func find(n *html.Node, name string) *html.Node {
	for element := range n.Descendants() {
		if element.Type == html.ElementNode && element.Data == name {
			return element
		}
	}
	return nil
}

func textOf(n *html.Node) string {
	if n == nil {
		return ""
	}
	var text strings.Builder
	for child := range n.Descendants() {
		switch {
		case child.Type == html.TextNode:
			text.WriteString(child.Data)
		case child.Type == html.ElementNode && slices.Contains([]string{"p", "li", "td", "th", "dt", "dd", "div", "tr", "h1", "h2", "br",
			"label", "span"}, child.Data):
			text.WriteString(" ")
		}
	}
	plain := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(text.String())
	return strings.Join(strings.Fields(plain), " ")
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// Forged returns what the form would send, with a field that the page does not offer so.
func (f *Form) Forged(name, value string) url.Values {
	values := maps.Clone(f.values)
	values.Set(name, value)
	return values
}
