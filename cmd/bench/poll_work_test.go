package main

import (
	"bytes"
	"crypto/rand"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"countersign/handlers"
	"countersign/handlers/limits"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth/deviceclient"
)

// moreAllocations is how many objects a pending poll may allocate beyond the limit's handler.
const moreAllocations = 15

// A pending poll is one statement, which reads, and allocates hardly more than the limit's handler: work, which nothing else on
// the machine changes. Time is measured by make bench.
func TestWorkOfAPendingPoll(t *testing.T) {
	store, err := openLimitStore(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "limit.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	least, _ := workOfPolls(t, func(issuer string) (http.Handler, error) { return newLimitHandler(issuer, store) }, nil)
	statements := 0
	own, polls := workOfPolls(t, func(issuer string) (http.Handler, error) { return programHandler(t, issuer, &statements) }, &statements)
	if statements != polls {
		t.Errorf("%d polls asked %d statements", polls, statements)
	}
	t.Logf("a poll allocates %.1f objects, the limit's handler %.1f", own, least)
	if more := own - least; more > moreAllocations && !raceDetector {
		t.Errorf("a poll allocates %.1f objects, %.1f more than the limit's handler", own, more)
	}
}

// programHandler is the program's, with a database of its own whose statements are counted.
func programHandler(t *testing.T, issuer string, statements *int) (http.Handler, error) {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	database, err := models.Connect(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "program.db"), log)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = database.Close() })
	database.Watch(func(string, []any) { *statements++ })
	if _, err := database.MigrateUp(t.Context()); err != nil {
		return nil, err
	}
	store, err := models.Open(t.Context(), database, models.Config{
		Issuer: issuer, Now: time.Now, Rand: rand.Reader, MasterKey: make([]byte, 32), Policy: models.Policy{DPoPNonceRequired: true},
	})
	if err != nil {
		return nil, err
	}
	return handlers.New(web.Config{Store: store, Issuer: issuer, Limits: limits.Off, Log: log})
}

// workOfPolls lets phones ask for codes over HTTP, and hands the handler one poll of each, made before, with nothing in between.
// It returns the objects that one allocates, and how many there were. counted is set to 0 before them.
func workOfPolls(t *testing.T, make func(issuer string) (http.Handler, error), counted *int) (allocations float64, polls int) {
	t.Helper()
	listening := httptest.NewUnstartedServer(nil)
	issuer := "http://" + listening.Listener.Addr().String()
	handler, err := make(issuer)
	if err != nil {
		t.Fatal(err)
	}
	listening.Config.Handler = handler
	listening.Start()
	defer listening.Close()
	made := madePolls(t, issuer)
	const warm = 20 // fill what the program keeps
	answered := func(polls []*http.Request) {
		for _, poll := range polls {
			answer := bareAnswer{header: http.Header{}}
			if handler.ServeHTTP(&answer, poll); answer.status != http.StatusBadRequest || !answer.pending {
				t.Fatalf("a poll is answered %d, and not that it is pending", answer.status)
			}
		}
	}
	answered(made[:warm])
	if counted != nil {
		*counted = 0
	}
	allocations = math.Inf(1) // of the best of some parts: others in this process allocate too, now and then
	for part := range slices.Chunk(made[warm:], 20) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		answered(part)
		runtime.ReadMemStats(&after)
		allocations = min(allocations, float64(after.Mallocs-before.Mallocs)/float64(len(part)))
		polls += len(part)
	}
	return allocations, polls
}

// madePolls are the first polls of phones that wait.
func madePolls(t *testing.T, issuer string) (polls []*http.Request) {
	t.Helper()
	var keep keepPolls
	for i := range 120 {
		p := phone{&deviceclient.Client{Issuer: issuer, HTTP: &http.Client{Transport: &keep}}}
		err := p.Register(t.Context(), deviceclient.Software{Name: "Pocket", ID: softwareID, Version: "1"})
		if err == nil {
			err = p.ask(t.Context(), i)
		}
		if err == nil {
			err = p.pendingPoll(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return keep.polls
}

// keepPolls keeps polls as a server would see them, and answers them itself.
type keepPolls struct{ polls []*http.Request }

// RoundTrip is part of http.RoundTripper.
func (k *keepPolls) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Path != "/token" {
		return http.DefaultTransport.RoundTrip(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	poll := httptest.NewRequest(request.Method, request.URL.String(), bytes.NewReader(body))
	for name, values := range request.Header {
		poll.Header[http.CanonicalHeaderKey(name)] = values
	}
	k.polls = append(k.polls, poll)
	return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader([]byte(`{"error":"authorization_pending"}`)))}, nil
}

// bareAnswer is an answer that allocates nothing itself.
type bareAnswer struct {
	header  http.Header
	status  int
	pending bool
}

// Header is part of http.ResponseWriter.
func (a *bareAnswer) Header() http.Header { return a.header }

// WriteHeader is part of http.ResponseWriter.
func (a *bareAnswer) WriteHeader(status int) { a.status = status }

// Write is part of http.ResponseWriter.
func (a *bareAnswer) Write(body []byte) (int, error) {
	a.pending = a.pending || bytes.Contains(body, []byte(`"authorization_pending"`))
	return len(body), nil
}
