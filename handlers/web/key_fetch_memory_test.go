package web

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/oauth"
)

// fetcherTo is a fetcher for which every name leads to one host.
func fetcherTo(t *testing.T, level LimitLevel, handle http.HandlerFunc) *keyFetcher {
	t.Helper()
	host := httptest.NewTLSServer(handle)
	t.Cleanup(host.Close)
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	f := newKeyFetcher(func() time.Time { return now }, nil, nil, level)
	transport, ok := f.http.Transport.(*http.Transport)
	if !ok {
		t.Fatal("another transport")
	}
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, network, host.Listener.Addr().String())
	}
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // whatever the name
	return f
}

// Row 32 of attacks.md: what addresses answer with takes no memory, only what it amounts to.
func TestFetchedBodiesAreNotKept(t *testing.T) {
	body := `{"keys":[]}` + strings.Repeat(" ", oauth.MaxJWKS-11)
	f := fetcherTo(t, LimitsOff, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	const addresses = 300
	for i := range addresses {
		answer, err := f.get(t.Context(), "https://a.example/"+strconv.Itoa(i), fetchPause)
		if _, refusal := answer.only(""); err != nil || refusal == nil {
			t.Fatalf("fetched %v, %v", refusal, err)
		}
	}
	if grown := int64(heap()) - int64(before); grown > addresses*8<<10 {
		t.Errorf("%d answers of 64 KiB take %d KiB", addresses, grown>>10)
	}
	runtime.KeepAlive(f)
}

// Row 32 of attacks.md: a site that never answers holds up its own fetches and nobody
// else's, whatever names it has.
func TestSlowSiteHoldsUpNobodyElse(t *testing.T) {
	ended, asked := make(chan struct{}), make(chan struct{}, 3*fetchesAtOnce)
	f := fetcherTo(t, LimitsOff, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Host, "slow.example") {
			asked <- struct{}{}
			<-ended
		}
		_, _ = w.Write([]byte(`{"keys":[]}`))
	})
	var all sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	for i := range 3 * fetchesAtOnce {
		all.Go(func() { _, _ = f.get(ctx, "https://h"+strconv.Itoa(i)+".slow.example/", fetchPause) })
	}
	for range fetchesOfSite {
		<-asked
	}
	if _, err := f.get(t.Context(), "https://keys.quick.example/", fetchPause); err != nil {
		t.Errorf("another site: %v", err)
	}
	if len(asked) > 0 {
		t.Errorf("%d fetches more than a site may have at once", len(asked))
	}
	cancel()
	all.Wait()
	close(ended)
}

// Row 32 of attacks.md: one site is not fetched from more often than its limit allows,
// and what was not asked for is not remembered as its failure.
func TestFetchesOfASiteAreLimited(t *testing.T) {
	f := fetcherTo(t, LimitsStrict, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"keys":[]}`)) })
	refused := 0
	for i := range 100 {
		_, err := f.get(t.Context(), "https://h"+strconv.Itoa(i)+".many.example/", fetchPause)
		if errors.Is(err, failedTooMany) {
			refused++
		}
	}
	if refused < 50 || refused == 100 {
		t.Errorf("%d of 100 fetches were refused", refused)
	}
	if _, known := f.last.Peek("https://h99.many.example/"); known {
		t.Error("a fetch that was not made is remembered")
	}
	if _, err := f.get(t.Context(), "https://other.example/", fetchPause); err != nil {
		t.Errorf("another site: %v", err)
	}
}

func TestSite(t *testing.T) {
	for address, want := range map[string]string{
		"https://a.b.example.com/x": "example.com", "https://EXAMPLE.com.:8443/": "example.com", "https://bank.co.uk/": "bank.co.uk",
		"https://x.github.io/": "x.github.io", "https://127.0.0.1:8443/": "127.0.0.1", "https://[2001:db8::1]/": "2001:db8::1", "https://localhost/": "localhost",
	} {
		if got := site(address); got != want {
			t.Errorf("%s is of %q, want %q", address, got, want)
		}
	}
}
