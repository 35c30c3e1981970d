// Package keyfetch fetches JSON Web Key Sets (RFC 7517 §5) from the jwks_uri of clients
// (RFC 7591 §2): addresses that strangers choose.
//
//	fetcher.go  one fetch at a time for each address, and what the last one came to
//	public.go   which addresses may be connected to
//	site.go     how many fetches of one site run at once
//	failure.go  why there is nothing to read, in classes for the log
//
// A Fetcher asks by https only, at public addresses only (and in networks that the
// configuration allows), judged when it connects. It follows no redirect and uses no
// proxy. An answer is at most 64 KiB (oauth.MaxJWKS) and 5 seconds long. At most 16
// fetches run at once, 4 of them of one site, and one address is asked at most once a
// minute. It remembers what 10,000 addresses came to, and never what they sent.
//
// Which key of a set may be used is settled in oauth (FetchedKeys). When a client's key
// is fetched again, and what a new one means, is settled in handlers/web (client_keys.go).
package keyfetch

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Pause is the time between two fetches of one address, whatever the first one gave.
const Pause = time.Minute

const (
	timeout     = 5 * time.Second
	atOnce      = 16 // fetches in this process
	ofSite      = 4  // of these, so that no site takes all of them
	remembered  = 10_000
	headerBytes = 16 << 10
)

// Config is what a Fetcher needs to know. Now is required.
type Config struct {
	Now      func() time.Time
	Networks []netip.Prefix         // not public, and yet keys may be fetched there
	TLS      *tls.Config            // default: the system's certificate authorities
	MayFetch func(site string) bool // asked before each fetch of a site; default: always. See SiteOf

	// Begin is told of each request to an address, and what it returns of the answer: its status, 0 for none, and the Failure.
	// What it makes of the context stays here: nothing of it goes to the address. Default: nobody is told.
	Begin func(ctx context.Context) (inside context.Context, end func(status int, failure string))
}

// Fetcher fetches key sets. Make it with New. Safe for use by several goroutines.
type Fetcher struct {
	http     *http.Client
	now      func() time.Time
	mayFetch func(site string) bool
	begin    func(ctx context.Context) (context.Context, func(status int, failure string))
	slots    chan struct{} // one element for each running fetch

	mu      sync.Mutex // guards the three below
	running map[string]*fetch
	sites   map[string]*siteSlots
	last    *simplelru.LRU[string, *fetch]
}

// fetch is one fetch, under way until done is closed.
type fetch struct {
	done chan struct{}
	Answer
	err error // a Failure: there is nothing to read
}

// Answer is what a key set amounts to.
type Answer struct {
	At      time.Time // when it was asked for: what lies at the address is no older
	keys    oauth.FetchedKeys
	refusal *oauth.Error // of a set that no key can be taken from
}

// Usable returns the keys for an algorithm, "" for any: one, or an old and a new one. The
// refusal is invalid_client_metadata.
func (a Answer) Usable(algorithm string) (jose.JSONWebKeySet, *oauth.Error) {
	if a.refusal != nil {
		return jose.JSONWebKeySet{}, a.refusal
	}
	return a.keys.Usable(algorithm)
}

// New returns a Fetcher that has fetched nothing yet.
func New(config Config) *Fetcher {
	dialer := &net.Dialer{Timeout: timeout, Control: publicOnly(config.Networks)}
	last, _ := simplelru.NewLRU[string, *fetch](remembered, nil) // fails for a size of 0 only
	f := &Fetcher{
		http: &http.Client{
			Timeout:       timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				Proxy:       nil, // a proxy would connect for us, past the check of the address
				DialContext: dialer.DialContext, TLSClientConfig: config.TLS, TLSHandshakeTimeout: timeout,
				DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: headerBytes,
			},
		},
		now: config.Now, mayFetch: config.MayFetch, begin: config.Begin, slots: make(chan struct{}, atOnce),
		running: map[string]*fetch{}, sites: map[string]*siteSlots{}, last: last,
	}
	if f.mayFetch == nil {
		f.mayFetch = func(string) bool { return true }
	}
	if f.begin == nil {
		f.begin = func(ctx context.Context) (context.Context, func(int, string)) { return ctx, func(int, string) {} }
	}
	return f
}

// Get returns what the address answers with, or answered with less than maxAge ago; a
// failure is remembered for Pause. A caller that asks for an address which is being
// fetched waits for that fetch. Error: a Failure, or the end of ctx, which does not end
// the fetch.
func (f *Fetcher) Get(ctx context.Context, address string, maxAge time.Duration) (Answer, error) {
	current, err := f.start(ctx, address, maxAge)
	if err != nil {
		return Answer{}, err
	}
	select {
	case <-current.done:
		return current.Answer, current.err
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

// start returns the last fetch if it is young enough, or the running one, or a new one.
// Error: failedTooMany.
func (f *Fetcher) start(ctx context.Context, address string, maxAge time.Duration) (*fetch, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if last, ok := f.last.Get(address); ok {
		age := f.now().Sub(last.At)
		if age < Pause || last.err == nil && age < maxAge {
			return last, nil
		}
	}
	if current, running := f.running[address]; running {
		return current, nil
	}
	if !f.mayFetch(SiteOf(address)) {
		return nil, failedTooMany
	}
	current := &fetch{done: make(chan struct{})}
	f.running[address] = current
	go f.run(context.WithoutCancel(ctx), address, current)
	return current, nil
}

// Remembered returns what the address answered with last, in this process.
func (f *Fetcher) Remembered(address string) (Answer, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	last, ok := f.last.Get(address)
	if !ok || last.err != nil {
		return Answer{}, false
	}
	return last.Answer, true
}

func (f *Fetcher) run(ctx context.Context, address string, current *fetch) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	free, busy := f.slot(ctx, SiteOf(address))
	current.At, current.err = f.now(), busy
	if busy == nil {
		current.keys, current.refusal, current.err = f.fetch(ctx, address)
		free()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if busy == nil { // the address was asked
		f.last.Add(address, current)
	}
	delete(f.running, address)
	close(current.done)
}

// fetch asks the address once. The refusal is of a set that no key can be taken from; the
// error is a Failure.
func (f *Fetcher) fetch(ctx context.Context, address string) (oauth.FetchedKeys, *oauth.Error, error) {
	if oauth.CheckJWKSURI(address) != nil {
		return oauth.FetchedKeys{}, nil, failedAddress
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return oauth.FetchedKeys{}, nil, failedAddress
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	request.Header.Set("User-Agent", "countersign")
	body, err := f.ask(request)
	if err != nil {
		return oauth.FetchedKeys{}, nil, err
	}
	keys, refusal := oauth.ReadFetchedKeys(body)
	return keys, refusal, nil
}

// ask sends a request and reads the answer. Error: a Failure.
func (f *Fetcher) ask(request *http.Request) (body []byte, err error) {
	ctx, end := f.begin(request.Context())
	status := 0
	defer func() {
		failure, _ := err.(Failure) //nolint:errorlint // it is one, or there is none
		end(status, string(failure))
	}()
	response, err := f.http.Do(request.WithContext(ctx))
	if err != nil {
		return nil, classify(err)
	}
	defer response.Body.Close()
	status = response.StatusCode
	if status != http.StatusOK { // redirects too
		return nil, Failure("HTTP " + strconv.Itoa(status))
	}
	body, err = io.ReadAll(io.LimitReader(response.Body, oauth.MaxJWKS+1))
	if err != nil {
		return nil, classify(err)
	}
	if len(body) > oauth.MaxJWKS {
		return nil, failedTooLong
	}
	return body, nil
}
