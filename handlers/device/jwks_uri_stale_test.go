package device_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/handlers/limits"
	"countersign/handlers/web"
	"countersign/oauth"
)

// askAt is a device authorization request by way of one of several processes.
func askAt(s *handlerstest.Server, p *handlerstest.Phone, host string) int {
	r := p.NewRequest(handlerstest.Request{Path: oauth.PathDeviceAuthorization, Form: map[string]string{"login_hint": "anna@example.org"}})
	r.URL.Host = host
	return s.Do(r).Status
}

// RFC 7591 §2: a key that was withdrawn at its jwks_uri does not come back through
// another process, which was answered with it before.
func TestWithdrawnKeyStaysWithdrawnInEveryProcess(t *testing.T) {
	host := startKeyHost(t)
	s, withdrawn, fresh := trusting(t, host), handlerstest.NewKey(), handlerstest.NewKey()
	first, second, third := strings.TrimPrefix(s.Issuer, "http://"), s.Another(), s.Another()
	host.holds(withdrawn)
	phone := s.PhoneOf(s.Register(at(host.URL)).Succeeded(t, http.StatusCreated), withdrawn)
	old, stranger := *phone, *phone
	phone.Key, stranger.Key = fresh, handlerstest.NewKey()
	s.Clock.Advance(2 * time.Hour)
	if got := askAt(s, &stranger, second); got != http.StatusUnauthorized { // the second process looks, and remembers
		t.Fatalf("a stranger got %d", got)
	}
	s.Clock.Advance(10 * time.Second)
	host.holds(fresh)
	before := s.LastEvent()
	for i, process := range []string{first, third, second, first, second, third} {
		if got := askAt(s, phone, process); got != http.StatusOK {
			t.Errorf("the new key got %d at request %d", got, i)
		}
		if got := askAt(s, &old, process); got != http.StatusUnauthorized {
			t.Errorf("the withdrawn key got %d at request %d", got, i)
		}
	}
	rotations := 0
	for _, event := range s.Events(before) {
		if event == audit.ClientUpdated {
			rotations++
		}
	}
	if rotations != 1 {
		t.Errorf("the key changed %d times", rotations)
	}
	s.Clock.Advance(20 * time.Hour)
	for _, process := range []string{first, second, third} {
		if got := askAt(s, &old, process); got != http.StatusUnauthorized {
			t.Errorf("20 hours later the withdrawn key got %d", got)
		}
	}
}

// RFC 7592 §2.2: nor does it come back by an update that such a process answers.
func TestUpdateBringsNoWithdrawnKeyBack(t *testing.T) {
	host := startKeyHost(t)
	s, withdrawn, fresh := trusting(t, host), handlerstest.NewKey(), handlerstest.NewKey()
	first, second := strings.TrimPrefix(s.Issuer, "http://"), s.Another()
	host.holds(withdrawn)
	registration := s.Register(at(host.URL)).Succeeded(t, http.StatusCreated)
	phone := s.PhoneOf(registration, withdrawn)
	stranger := *phone
	stranger.Key = handlerstest.NewKey()
	s.Clock.Advance(2 * time.Hour)
	askAt(s, &stranger, second)
	s.Clock.Advance(10 * time.Second)
	host.holds(fresh)
	phone.Key = fresh
	if got := askAt(s, phone, first); got != http.StatusOK {
		t.Fatalf("the new key got %d", got)
	}
	update := at(host.URL).With(handlerstest.Object{"client_id": phone.ClientID})
	address := strings.Replace(registration.String("registration_client_uri"), first, second, 1)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address, strings.NewReader(handlerstest.JSON(update)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+registration.String("registration_access_token"))
	refused(t, s.Do(request), oauth.ErrInvalidClientMetadata)
	if got := askAt(s, phone, second); got != http.StatusOK {
		t.Errorf("the new key got %d", got)
	}
}

// RFC 7517 §4.5: a key that is there under another kid is the same key; the client
// is not locked out.
func TestKeyRenamedAtJWKSURI(t *testing.T) {
	host := startKeyHost(t)
	s, key := trusting(t, host), handlerstest.NewKey()
	named := func(kid string) {
		host.says(handlerstest.JSON(handlerstest.Object{"keys": []handlerstest.Object{handlerstest.PublicJWK(key).
			With(handlerstest.Object{"kid": kid})}}))
	}
	named("one")
	phone := s.PhoneOf(s.Register(at(host.URL)).Succeeded(t, http.StatusCreated), key)
	ask := func(kid string) handlerstest.Answer {
		return phone.AskRaw(handlerstest.Request{Assertion: handlerstest.Forge{Header: handlerstest.Object{"kid": kid}}})
	}
	ask("one").Succeeded(t, http.StatusOK)
	named("two")
	s.Clock.Advance(time.Minute)
	before := s.LastEvent()
	ask("two").Succeeded(t, http.StatusOK)
	ask("two").Succeeded(t, http.StatusOK)
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.ClientUpdated, audit.DeviceAuthorizationRequested,
		audit.DeviceAuthorizationRequested}) {
		t.Errorf("events are %v", got)
	}
	ask("one").Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
}

// RFC 7592 §2, docs/decisions/0012-limits.md: a client that manages itself is held
// to the limit of a client, and an update that makes the server fetch to that of
// registrations. Each update has an event, or is counted (docs/decisions/0035-counted-events.md).
func TestClientConfigurationIsLimited(t *testing.T) {
	host := startKeyHost(t)
	s := trustingWith(t, host, handlerstest.Config{Limits: limits.Default})
	r := manage(t, s)
	host.holds()
	limited := map[string]int{}
	for i := range 40 {
		update := at(host.URL + "/" + strconv.Itoa(i)).With(handlerstest.Object{"client_id": r.ClientID})
		limited[strconv.Itoa(r.replace(update).Status)]++
	}
	if limited["400"] > 30 || limited["429"] < 10 || int(host.asked.Load()) > 30 {
		t.Errorf("answered %v, and fetched %d times", limited, host.asked.Load())
	}
	s.Clock.Advance(time.Hour)
	before, taken := s.LastEvent(), 0
	for range 200 {
		answer := r.replace(r.metadata())
		if answer.Status == http.StatusTooManyRequests {
			continue
		}
		answer.Succeeded(t, http.StatusOK)
		taken++
	}
	var counted int
	err := s.Store.Reader().Raw("SELECT coalesce(sum(count), 0) FROM counted_events WHERE type = 'client-updated'").Scan(&counted).Error
	if err != nil {
		t.Fatal(err)
	}
	if told := len(s.Events(before)); taken < 30 || taken > 100 || told == 0 || told+counted != taken {
		t.Errorf("%d updates were taken, with %d events and %d counted", taken, told, counted)
	}
	if got := r.read().Status; got != http.StatusTooManyRequests {
		t.Errorf("reading answers %d", got)
	}
}

// RFC 7592 §2: who tries tokens is stopped by network; a client that has managed
// itself from there within the hour is not.
func TestBadRegistrationTokensAreLimited(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Limits: limits.Default})
	r, other := manage(t, s), manage(t, s)
	r.read().Succeeded(t, http.StatusOK)
	var last handlerstest.Answer
	for range 200 {
		last = s.Manage(http.MethodGet, other.path, strings.Repeat("A", 43), nil)
	}
	if last.Status != http.StatusTooManyRequests || last.Header.Get("Retry-After") == "" {
		t.Errorf("after 200 bad tokens: %d", last.Status)
	}
	if got := other.read().Status; got != http.StatusTooManyRequests {
		t.Errorf("a client that was not seen yet: %d", got)
	}
	r.read().Succeeded(t, http.StatusOK)
}

// docs/protocol.md §6 secrets-told: the log of a failed fetch holds a class, and nothing that a stranger chose.
func TestFailedFetchIsLoggedByItsClass(t *testing.T) {
	host := startKeyHost(t)
	s := trusting(t, host)
	refused(t, s.Register(at("https://secret-wdjb-mjht.invalid/x")), oauth.ErrInvalidClientMetadata)
	host.fails()
	refused(t, s.Register(at(host.URL+"/secret-path")), oauth.ErrInvalidClientMetadata)
	refused(t, s.Register(at(strings.Replace(host.URL, "127.0.0.1", "localhost", 1))), oauth.ErrInvalidClientMetadata)
	log := s.Log()
	if strings.Contains(log, "wdjb") || strings.Contains(log, "secret-path") || strings.Contains(log, "localhost") {
		t.Errorf("the log repeats an address: %s", log)
	}
	for _, class := range []string{"name not found", "HTTP 500", "TLS"} {
		if !strings.Contains(log, class) {
			t.Errorf("the log does not say %q: %s", class, log)
		}
	}
}

// docs/decisions/0076-limits-in-numbers.md: fetches from a site can have a number of one's own.
func TestKeyFetchesHaveANumberOfTheirOwn(t *testing.T) {
	for _, burst := range []int{3, 25} { // strict has 20
		host := startKeyHost(t)
		host.holds()
		s := trustingWith(t, host, handlerstest.Config{Limits: limits.Off, More: func(c *web.Config) {
			c.OwnLimits = limits.Own{limits.KeyFetches: {Burst: burst, Every: time.Hour}}
		}})
		for i := range burst + 5 {
			s.Register(at(host.URL + "/" + strconv.Itoa(i)))
		}
		if got := int(host.asked.Load()); got != burst {
			t.Errorf("fetched %d times, want %d", got, burst)
		}
	}
}
