package device_test

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/oauth"
)

// keyHost is where an app's publisher keeps the keys of its instances.
type keyHost struct {
	*httptest.Server
	asked atomic.Int32

	mu     sync.Mutex // guards answer
	answer http.HandlerFunc
}

func startKeyHost(t *testing.T) *keyHost {
	t.Helper()
	host := &keyHost{}
	host.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host.asked.Add(1)
		host.mu.Lock()
		answer := host.answer
		host.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(host.Close)
	return host
}

func (h *keyHost) answers(answer http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = answer
}

// holds makes the host answer with these keys.
func (h *keyHost) holds(keys ...crypto.Signer) {
	list := []handlerstest.Object{}
	for _, key := range keys {
		list = append(list, handlerstest.PublicJWK(key))
	}
	h.says(handlerstest.JSON(handlerstest.Object{"keys": list}))
}

func (h *keyHost) says(body string) {
	h.answers(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
}

func (h *keyHost) fails() {
	h.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
}

// trusting is a server that may fetch from the host, though it is on loopback.
func trusting(t *testing.T, host *keyHost) *handlerstest.Server {
	t.Helper()
	return trustingWith(t, host, handlerstest.Config{})
}

func trustingWith(t *testing.T, host *keyHost, config handlerstest.Config) *handlerstest.Server {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(host.Certificate())
	config.KeyNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	config.KeyTLS = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return handlerstest.Start(t, config)
}

// at is a registration whose key is at an address.
func at(address string) handlerstest.Object {
	return handlerstest.Metadata(handlerstest.NewKey()).With(handlerstest.Object{"jwks": nil, "jwks_uri": address})
}

// RFC 7591 §2: the key is fetched from jwks_uri; the answer repeats the address
// and not the key. The key is kept: no request asks for it again while it is fresh.
func TestJWKSURI(t *testing.T) {
	host := startKeyHost(t)
	s, key := trusting(t, host), handlerstest.NewKey()
	host.holds(key)
	answer := s.Register(at(host.URL+"/phone-1")).Succeeded(t, http.StatusCreated)
	if answer.String("jwks_uri") != host.URL+"/phone-1" || answer.JSON["jwks"] != nil {
		t.Errorf("answered %s", answer.Text)
	}
	phone := s.PhoneOf(answer, key)
	codes := phone.Ask(nil)
	s.Clock.Advance(s.Interval())
	s.Unchanged(t, "a pending poll", func() { refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAuthorizationPending) })
	if got := host.asked.Load(); got != 1 {
		t.Errorf("the host was asked %d times", got)
	}
}

// RFC 7591 §2: a key that is not known is looked for, not more often than once a
// minute; the new one counts, the old one no more, and the trail says so.
func TestKeyRotationAtJWKSURI(t *testing.T) {
	host := startKeyHost(t)
	s, old, fresh := trusting(t, host), handlerstest.NewKey(), handlerstest.NewKey()
	host.holds(old)
	phone := s.PhoneOf(s.Register(at(host.URL)).Succeeded(t, http.StatusCreated), old)
	before := s.LastEvent()
	host.holds(fresh)
	phone.Key = fresh
	refusedKey := func() {
		phone.AskRaw(handlerstest.Request{}).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
	}
	refusedKey() // within the minute after the registration
	s.Clock.Advance(time.Minute)
	phone.Ask(nil)
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.ClientUpdated, audit.DeviceAuthorizationRequested}) {
		t.Errorf("events are %v", got)
	}
	phone.Key = old
	refusedKey()
	for range 20 {
		phone.Key = handlerstest.NewKey()
		refusedKey()
	}
	if got := host.asked.Load(); got != 2 {
		t.Errorf("strange keys made the host be asked %d times", got)
	}
}

// No answer leaves the kept key in place; an answer without it ends it, after a day at
// the latest.
func TestKeyWithdrawnAtJWKSURI(t *testing.T) {
	host := startKeyHost(t)
	s, key := trusting(t, host), handlerstest.NewKey()
	host.holds(key)
	phone := s.PhoneOf(s.Register(at(host.URL)).Succeeded(t, http.StatusCreated), key)
	host.fails()
	s.Clock.Advance(25 * time.Hour)
	phone.Ask(nil)
	for name, withdraw := range map[string]func(){"no key": func() { host.holds() },
		"three keys": func() { host.holds(key, handlerstest.NewKey(), handlerstest.NewKey()) }} {
		withdraw()
		s.Clock.Advance(25 * time.Hour)
		if answer := phone.AskRaw(handlerstest.Request{}); answer.Code() != oauth.ErrInvalidClient {
			t.Errorf("%s: answered %s", name, answer.Text)
		}
		host.holds(key)
		s.Clock.Advance(time.Minute)
		phone.Ask(nil)
	}
}

// RFC 7517 §5: while one key takes the other's place both lie at the address, in any order. The
// one that signs counts, also within the minute after a fetch, until the other one does.
func TestOldAndNewKeyAtJWKSURI(t *testing.T) {
	for name, newFirst := range map[string]bool{"the old key first": false, "the new key first": true} {
		t.Run(name, func(t *testing.T) {
			host := startKeyHost(t)
			s, old, fresh := trusting(t, host), handlerstest.NewKey(), handlerstest.NewKey()
			both := []crypto.Signer{old, fresh}
			if newFirst {
				slices.Reverse(both)
			}
			host.holds(both...)
			phone := s.PhoneOf(s.Register(at(host.URL)).Succeeded(t, http.StatusCreated), old)
			for _, key := range []crypto.Signer{old, fresh, old, fresh} {
				phone.Key = key
				phone.Ask(nil)
			}
			phone.Key = handlerstest.NewKey()
			phone.AskRaw(handlerstest.Request{}).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
			if got := host.asked.Load(); got != 1 {
				t.Errorf("the host was asked %d times", got)
			}
			host.holds(fresh)
			s.Clock.Advance(time.Minute)
			phone.Key = fresh
			phone.Ask(nil)
			s.Clock.Advance(time.Minute)
			phone.Key = old
			phone.AskRaw(handlerstest.Request{}).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
		})
	}
}

// docs/architecture.md §4.5: a key at a jwks_uri is one client's, as any other.
func TestKeyAtJWKSURIIsRegisteredOnce(t *testing.T) {
	host := startKeyHost(t)
	s, key := trusting(t, host), handlerstest.NewKey()
	taken := s.Phone()
	host.holds(taken.Key)
	refused(t, s.Register(at(host.URL+"/1")), oauth.ErrInvalidClientMetadata)
	host.holds(key)
	phone := s.PhoneOf(s.Register(at(host.URL+"/2")).Succeeded(t, http.StatusCreated), key)
	host.holds(taken.Key)
	s.Clock.Advance(25 * time.Hour)
	phone.AskRaw(handlerstest.Request{}).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
	phone.Key = taken.Key
	phone.AskRaw(handlerstest.Request{}).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
	taken.Ask(nil)
}

// docs/protocol.md §6 slow-and-huge: what an address answers with is bounded and judged; nothing of
// it is told, and a refused registration makes nothing.
func TestHostileJWKSURIAnswers(t *testing.T) {
	host := startKeyHost(t)
	s := trusting(t, host)
	inside := startKeyHost(t)
	inside.holds(handlerstest.NewKey())
	for name, answer := range map[string]http.HandlerFunc{
		"10 MB": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"keys":[`))
			for range 10 << 10 {
				if _, err := w.Write([]byte(strings.Repeat(" ", 1<<10))); err != nil {
					return
				}
			}
		},
		"10 MB of header": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 10<<20))
		},
		"a redirect elsewhere": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside.URL, http.StatusFound) },
		"a redirect home": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other", http.StatusMovedPermanently)
		},
		"not found":    http.NotFound,
		"an empty 200": func(http.ResponseWriter, *http.Request) {},
		"a page":       func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>internal secret</html>")) },
		"half an answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"keys":[`))
		},
		"a shared secret": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"keys":[{"kty":"oct","k":"AAAA"}]}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			host.answers(answer)
			s.Unchanged(t, name, func() {
				got := s.Register(at(host.URL + "/" + strings.ReplaceAll(name, " ", "-")))
				refused(t, got, oauth.ErrInvalidClientMetadata)
				if strings.Contains(got.Text, "internal secret") {
					t.Error("the answer is told on")
				}
			})
		})
	}
	if inside.asked.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

// docs/protocol.md §6 slow-and-huge: loopback, private and metadata addresses are not connected to,
// whatever their name, and all of them are answered alike.
func TestJWKSURIAtInnerAddresses(t *testing.T) {
	host := startKeyHost(t)
	host.holds(handlerstest.NewKey())
	s := handlerstest.Start(t, handlerstest.Config{KeyTLS: &tls.Config{InsecureSkipVerify: true}}) //nolint:gosec // it must not come to that
	_, port, _ := strings.Cut(strings.TrimPrefix(host.URL, "https://"), ":")
	var said []string
	for _, address := range []string{
		host.URL, "https://localhost:" + port + "/jwks", "https://[::1]:" + port, "https://[::ffff:127.0.0.1]:" + port, "https://127.1:" + port,
		"https://2130706433:" + port, "https://0.0.0.0:" + port, "https://169.254.169.254/latest/meta-data/", "https://[fe80::1%25lo]/",
		"https://10.0.0.1/", "https://192.168.0.1/", "https://172.16.0.1/", "https://100.100.100.200/", "https://[fd00:ec2::254]/",
		"https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
	} {
		s.Unchanged(t, address, func() {
			answer := s.Register(at(address))
			refused(t, answer, oauth.ErrInvalidClientMetadata)
			said = append(said, answer.Text)
		})
	}
	if host.asked.Load() != 0 {
		t.Errorf("an inner address was asked %d times", host.asked.Load())
	}
	slices.Sort(said)
	if said = slices.Compact(said); len(said) != 1 {
		t.Errorf("inner addresses can be told apart: %q", said)
	}
}

// docs/protocol.md §6 slow-and-huge: a host that never answers costs 5 seconds, and one fetch for all
// who ask meanwhile.
func TestSlowJWKSURI(t *testing.T) {
	t.Parallel()
	host := startKeyHost(t)
	s, ended := trusting(t, host), make(chan struct{})
	t.Cleanup(func() { close(ended) })
	host.answers(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-ended:
		}
	})
	begun := time.Now() //nolint:forbidigo // a time-out is real time
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := s.Register(at(host.URL)); got.Code() != oauth.ErrInvalidClientMetadata {
				t.Errorf("answered %s", got.Text)
			}
		})
	}
	all.Wait()
	if took := time.Since(begun); took > 10*time.Second || host.asked.Load() != 1 { //nolint:forbidigo // as above
		t.Errorf("took %s and %d fetches", took, host.asked.Load())
	}
}
