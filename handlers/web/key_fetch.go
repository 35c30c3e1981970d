package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"

	"countersign/oauth"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Bounds of fetching keys from a jwks_uri (attacks.md row 32).
const (
	fetchTimeout      = 5 * time.Second
	fetchPause        = time.Minute // between two fetches of one address, whatever the first one gave
	fetchesAtOnce     = 16          // in this process
	fetchesRemembered = 10_000
	fetchHeaderBytes  = 16 << 10
)

// keyFetcher fetches JWK Sets from addresses that strangers name: https only, from
// public addresses only (and from networks that are allowed), without redirects, of
// bounded size and time, and not often. What it fetched last it remembers.
type keyFetcher struct {
	http  *http.Client
	now   func() time.Time
	slots chan struct{}

	mu      sync.Mutex // guards the two below
	running map[string]*fetch
	last    *simplelru.LRU[string, *fetch]
}

// fetch is one fetch, under way until done is closed.
type fetch struct {
	done chan struct{}
	at   time.Time
	body []byte
	err  error
}

// errFetch is a fetch that gave nothing to read; the cause is for the log only.
var errFetch = errors.New("the keys could not be fetched from jwks_uri")

func newKeyFetcher(now func() time.Time, allowed []netip.Prefix, config *tls.Config) *keyFetcher {
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
		now: now, slots: make(chan struct{}, fetchesAtOnce), running: map[string]*fetch{}, last: last,
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
			return errors.New("the address is not a public one")
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
// for that fetch.
func (f *keyFetcher) get(ctx context.Context, address string, maxAge time.Duration) ([]byte, error) {
	f.mu.Lock()
	if last, ok := f.last.Get(address); ok {
		age := f.now().Sub(last.at)
		if age < fetchPause || last.err == nil && age < maxAge {
			f.mu.Unlock()
			return last.body, last.err
		}
	}
	current, running := f.running[address]
	if !running {
		current = &fetch{done: make(chan struct{})}
		f.running[address] = current
		go f.run(context.WithoutCancel(ctx), address, current)
	}
	f.mu.Unlock()
	select {
	case <-current.done:
		return current.body, current.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *keyFetcher) run(ctx context.Context, address string, current *fetch) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	select {
	case f.slots <- struct{}{}:
		current.body, current.err = f.fetch(ctx, address)
		<-f.slots
	case <-ctx.Done():
		current.err = fmt.Errorf("%w: too many at once", errFetch)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	current.at = f.now()
	f.last.Add(address, current)
	delete(f.running, address)
	close(current.done)
}

func (f *keyFetcher) fetch(ctx context.Context, address string) ([]byte, error) {
	if oauth.CheckJWKSURI(address) != nil {
		return nil, errFetch
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errFetch
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	request.Header.Set("User-Agent", "countersign")
	response, err := f.http.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // without the address, which may say anything
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFetch, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK { // redirects too
		return nil, fmt.Errorf("%w: HTTP %d", errFetch, response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, oauth.MaxJWKS+1))
	if err == nil && len(body) > oauth.MaxJWKS {
		err = errors.New("too long")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFetch, err)
	}
	return body, nil
}
