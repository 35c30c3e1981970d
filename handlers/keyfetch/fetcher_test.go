package keyfetch

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
func fetcherTo(t *testing.T, mayFetch func(site string) bool, handle http.HandlerFunc) *Fetcher {
	t.Helper()
	host := httptest.NewTLSServer(handle)
	t.Cleanup(host.Close)
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	f := New(Config{Now: func() time.Time { return now }, MayFetch: mayFetch})
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

// What addresses answer with takes no memory, only what it amounts to
// (docs/protocol.md §6 slow-and-huge).
func TestFetchedBodiesAreNotKept(t *testing.T) {
	body := `{"keys":[]}` + strings.Repeat(" ", oauth.MaxJWKS-11)
	f := fetcherTo(t, nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	const addresses = 300
	for i := range addresses {
		answer, err := f.Get(t.Context(), "https://a.example/"+strconv.Itoa(i), Pause)
		if _, refusal := answer.Usable(""); err != nil || refusal == nil {
			t.Fatalf("fetched %v, %v", refusal, err)
		}
	}
	if grown := int64(heap()) - int64(before); grown > addresses*8<<10 {
		t.Errorf("%d answers of 64 KiB take %d KiB", addresses, grown>>10)
	}
	runtime.KeepAlive(f)
}

// A site that never answers holds up its own fetches and no other site's, by however many
// names it is asked for (docs/protocol.md §6 slow-and-huge).
func TestSlowSiteHoldsUpNobodyElse(t *testing.T) {
	ended, asked := make(chan struct{}), make(chan struct{}, 3*atOnce)
	f := fetcherTo(t, nil, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Host, "slow.example") {
			asked <- struct{}{}
			<-ended
		}
		_, _ = w.Write([]byte(`{"keys":[]}`))
	})
	var all sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	for i := range 3 * atOnce {
		all.Go(func() { _, _ = f.Get(ctx, "https://h"+strconv.Itoa(i)+".slow.example/", Pause) })
	}
	for range ofSite {
		<-asked
	}
	if _, err := f.Get(t.Context(), "https://keys.quick.example/", Pause); err != nil {
		t.Errorf("another site: %v", err)
	}
	if len(asked) > 0 {
		t.Errorf("%d fetches more than a site may have at once", len(asked))
	}
	cancel()
	all.Wait()
	close(ended)
}

// One site is not fetched from more often than its limit allows, whatever names it has,
// and a fetch that was not made is not remembered as a failure (docs/protocol.md §6 slow-and-huge).
func TestFetchesOfASiteAreLimited(t *testing.T) {
	left := map[string]int{"many.example": 20, "other.example": 1}
	mayFetch := func(site string) bool { left[site]--; return left[site] >= 0 }
	f := fetcherTo(t, mayFetch, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"keys":[]}`)) })
	refused := 0
	for i := range 100 {
		_, err := f.Get(t.Context(), "https://h"+strconv.Itoa(i)+".many.example/", Pause)
		if errors.Is(err, failedTooMany) {
			refused++
		}
	}
	if refused != 80 {
		t.Errorf("%d of 100 fetches were refused, want 80", refused)
	}
	if _, known := f.last.Peek("https://h99.many.example/"); known {
		t.Error("a fetch that was not made is remembered")
	}
	if _, err := f.Get(t.Context(), "https://other.example/", Pause); err != nil {
		t.Errorf("another site: %v", err)
	}
}

// An address is asked again after a minute, also when it failed; a younger answer serves.
func TestAnAddressIsAskedOnceAMinute(t *testing.T) {
	asked, status := 0, http.StatusOK
	f := fetcherTo(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"keys":[]}`))
	})
	start := f.now()
	at := func(after, maxAge time.Duration) (Answer, error) {
		f.now = func() time.Time { return start.Add(after) }
		return f.Get(t.Context(), "https://keys.example/", maxAge)
	}
	for _, step := range []struct {
		after, maxAge time.Duration
		status        int
		asked         int           // times until now
		answerOf      time.Duration // when the answer was asked for
		failure       error
	}{
		{0, 0, 200, 1, 0, nil},
		{59 * time.Second, 0, 200, 1, 0, nil},
		{61 * time.Second, time.Hour, 200, 1, 0, nil},
		{62 * time.Second, 0, 200, 2, 62 * time.Second, nil},
		{2 * time.Hour, time.Hour, 503, 3, 0, Failure("HTTP 503")},
		{2*time.Hour + 59*time.Second, 24 * time.Hour, 200, 3, 0, Failure("HTTP 503")},
		{2*time.Hour + time.Minute, 24 * time.Hour, 200, 4, 2*time.Hour + time.Minute, nil},
	} {
		status = step.status
		answer, err := at(step.after, step.maxAge)
		if !errors.Is(err, step.failure) || asked != step.asked {
			t.Errorf("after %v: %v, asked %d times, want %v, %d", step.after, err, asked, step.failure, step.asked)
		}
		if err == nil && !answer.At.Equal(start.Add(step.answerOf)) {
			t.Errorf("after %v: the answer is from %v", step.after, answer.At.Sub(start))
		}
		if _, known := f.Remembered("https://keys.example/"); known != (step.failure == nil) {
			t.Errorf("after %v: remembered is %t", step.after, known)
		}
	}
}

func TestSiteOf(t *testing.T) {
	for address, want := range map[string]string{
		"https://a.b.example.com/x": "example.com", "https://EXAMPLE.com.:8443/": "example.com", "https://bank.co.uk/": "bank.co.uk",
		"https://x.github.io/": "x.github.io", "https://127.0.0.1:8443/": "127.0.0.1", "https://[2001:db8::1]/": "2001:db8::1",
		"https://localhost/": "localhost",
	} {
		if got := SiteOf(address); got != want {
			t.Errorf("%s is of %q, want %q", address, got, want)
		}
	}
}
