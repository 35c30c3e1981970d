package web

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/net/publicsuffix"
)

// Bounds of fetching keys from a jwks_uri (attacks.md row 32).
const (
	fetchTimeout      = 5 * time.Second
	fetchPause        = time.Minute // between two fetches of one address, whatever the first one gave
	fetchesAtOnce     = 16          // in this process
	fetchesOfSite     = 4           // of these, so that no site takes all of them
	fetchesRemembered = 10_000
	fetchHeaderBytes  = 16 << 10
)

// keyFetcher fetches JWK Sets from addresses that strangers name: https only, from
// public addresses only (and from networks that are allowed), without redirects, of
// bounded size and time, and not often. What it judged last it remembers, never what it
// was sent.
type keyFetcher struct {
	http  *http.Client
	now   func() time.Time
	slots chan struct{}
	rates *rates // by site

	mu      sync.Mutex // guards the three below
	running map[string]*fetch
	sites   map[string]*siteSlots
	last    *simplelru.LRU[string, *fetch]
}

// fetch is one fetch, under way until done is closed.
type fetch struct {
	done chan struct{}
	fetched
	err error // a fetchFailure: there is nothing to read
}

// fetched is what a JWK Set amounts to. at is when it was asked for: what lies at the
// address is no older than that.
type fetched struct {
	at      time.Time
	keys    oauth.FetchedKeys
	refusal *oauth.Error // of a set that no key can be taken from
}

// only is the one key for an algorithm. The refusal is invalid_client_metadata.
func (f fetched) only(algorithm string) (jose.JSONWebKeySet, *oauth.Error) {
	if f.refusal != nil {
		return jose.JSONWebKeySet{}, f.refusal
	}
	return f.keys.Only(algorithm)
}

// siteSlots are the fetches of one site; it is forgotten when nobody uses it.
type siteSlots struct {
	slots chan struct{}
	users int
}

func newKeyFetcher(now func() time.Time, allowed []netip.Prefix, config *tls.Config, level LimitLevel) *keyFetcher {
	dialer := &net.Dialer{Timeout: fetchTimeout, Control: publicOnly(allowed)}
	last, _ := simplelru.NewLRU[string, *fetch](fetchesRemembered, nil) // fails for a size of 0 only
	return &keyFetcher{
		http: &http.Client{
			Timeout:       fetchTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				Proxy:       nil, // a proxy would connect for us, past the check of the address
				DialContext: dialer.DialContext, TLSClientConfig: config, TLSHandshakeTimeout: fetchTimeout,
				DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: fetchHeaderBytes,
			},
		},
		now: now, slots: make(chan struct{}, fetchesAtOnce), running: map[string]*fetch{}, sites: map[string]*siteSlots{}, last: last,
		rates: newRates("", level, perLevel{limitRate{60, time.Second / 10}, limitRate{20, time.Second}}),
	}
}

// publicOnly judges the address that is about to be connected to, after the name was
// looked up: a name that resolves to another address the second time wins nothing.
func publicOnly(allowed []netip.Prefix) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%q is no address", address)
		}
		ip := target.Addr().Unmap().WithZone("")
		for _, network := range allowed {
			if network.Contains(ip) {
				return nil
			}
		}
		if !isPublic(ip) {
			return failedNotPublic
		}
		return nil
	}
}

// isPublic keeps to global unicast addresses that no registry sets aside (IANA's
// special-purpose address registries). Of IPv6 only 2000::/3 is global unicast.
func isPublic(ip netip.Addr) bool {
	if ip.Is6() && !netip.MustParsePrefix("2000::/3").Contains(ip) {
		return false
	}
	for _, special := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"224.0.0.0/4", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", // Teredo and 6to4 among them: they hide IPv4 addresses
	} {
		if netip.MustParsePrefix(special).Contains(ip) {
			return false
		}
	}
	return true
}

// get is what the address answers with, or answered with less than maxAge ago; a failure
// is remembered for fetchPause. Whoever asks for an address that is being fetched waits
// for that fetch. Error: a fetchFailure.
func (f *keyFetcher) get(ctx context.Context, address string, maxAge time.Duration) (fetched, error) {
	f.mu.Lock()
	if last, ok := f.last.Get(address); ok {
		age := f.now().Sub(last.at)
		if age < fetchPause || last.err == nil && age < maxAge {
			f.mu.Unlock()
			return last.fetched, last.err
		}
	}
	current, running := f.running[address]
	if !running {
		if f.rates.take(site(address), f.now()) > 0 {
			f.mu.Unlock()
			return fetched{}, failedTooMany
		}
		current = &fetch{done: make(chan struct{})}
		f.running[address] = current
		go f.run(context.WithoutCancel(ctx), address, current)
	}
	f.mu.Unlock()
	select {
	case <-current.done:
		return current.fetched, current.err
	case <-ctx.Done():
		return fetched{}, ctx.Err()
	}
}

// remembered is what the address answered with last, in this process.
func (f *keyFetcher) remembered(address string) (fetched, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	last, ok := f.last.Get(address)
	if !ok || last.err != nil {
		return fetched{}, false
	}
	return last.fetched, true
}

func (f *keyFetcher) run(ctx context.Context, address string, current *fetch) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	free, busy := f.slot(ctx, site(address))
	current.at, current.err = f.now(), busy
	if busy == nil {
		current.fetched.keys, current.refusal, current.err = f.fetch(ctx, address)
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

// slot waits for a place among the fetches of the site, then among all. Error:
// failedTooMany.
func (f *keyFetcher) slot(ctx context.Context, site string) (free func(), err error) {
	f.mu.Lock()
	own, ok := f.sites[site]
	if !ok {
		own = &siteSlots{slots: make(chan struct{}, fetchesOfSite)}
		f.sites[site] = own
	}
	own.users++
	f.mu.Unlock()
	taken := []chan struct{}{}
	free = func() {
		for _, slots := range taken {
			<-slots
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if own.users--; own.users == 0 {
			delete(f.sites, site)
		}
	}
	for _, slots := range []chan struct{}{own.slots, f.slots} {
		select {
		case slots <- struct{}{}:
			taken = append(taken, slots)
		case <-ctx.Done():
			free()
			return nil, failedTooMany
		}
	}
	return free, nil
}

// site is whom a limit is for: the domain that somebody has registered, so that names
// below it are one, or the host itself.
func site(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if registered, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		if _, err := netip.ParseAddr(host); err != nil {
			return registered
		}
	}
	return host
}

func (f *keyFetcher) fetch(ctx context.Context, address string) (oauth.FetchedKeys, *oauth.Error, error) {
	if oauth.CheckJWKSURI(address) != nil {
		return oauth.FetchedKeys{}, nil, failedAddress
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return oauth.FetchedKeys{}, nil, failedAddress
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	request.Header.Set("User-Agent", "countersign")
	response, err := f.http.Do(request)
	if err != nil {
		return oauth.FetchedKeys{}, nil, classify(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK { // redirects too
		return oauth.FetchedKeys{}, nil, fetchFailure("HTTP " + strconv.Itoa(response.StatusCode))
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, oauth.MaxJWKS+1))
	if err != nil {
		return oauth.FetchedKeys{}, nil, classify(err)
	}
	if len(body) > oauth.MaxJWKS {
		return oauth.FetchedKeys{}, nil, failedTooLong
	}
	keys, refusal := oauth.ReadFetchedKeys(body)
	return keys, refusal, nil
}
