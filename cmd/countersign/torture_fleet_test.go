package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"countersign/oauth/deviceclient"
)

// node is one process of several.
type node struct {
	address  string
	process  *exec.Cmd
	log      *textBuffer
	clock    setClock
	database string // its address, when it is another than that of the others
}

// environment are the variables of one process.
func (f *fleet) environment(n *node) []string {
	variables := append(watchedEnvironment(), f.store...)
	if n.database != "" {
		variables = append(variables, "COUNTERSIGN_DATABASE="+n.database)
	}
	return append(variables, n.clock.variable())
}

// fleet is several processes over one database, behind a balancer that sends each request to the next one, whoever asks, and sends
// one in some to two at once.
type fleet struct {
	*killing
	nodes []*node
	next  atomic.Int64
	mails *mailBook
}

const fleetSize = 3

// startFleet starts the processes, the first ones with other addresses of the database. Their issuer is the balancer's address,
// where nobody listens: whoever asks goes by way.
func startFleet(t *testing.T, k *killing, databases ...string) *fleet {
	t.Helper()
	f := &fleet{killing: k}
	k.way = f.balancer()
	for i := range fleetSize {
		n := &node{address: newAddress(t), clock: newSetClock(t)}
		if i < len(databases) {
			n.database = databases[i]
		}
		f.nodes = append(f.nodes, n)
		f.startNode(t, n)
	}
	return f
}

// startNode starts a process, or starts it again, as a service manager does: until it listens, since it does not start on a database
// that cannot be written just now.
func (f *fleet) startNode(t *testing.T, n *node) {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		ended := f.launch(t, n)
		if until(func() bool { return strings.Contains(n.log.String(), "msg=listening") || isClosed(ended) }) && !isClosed(ended) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("it does not start:\n%s", n.log)
		}
	}
}

// launch begins to start a process.
func (f *fleet) launch(t *testing.T, n *node) (ended chan struct{}) {
	t.Helper()
	own := *f.production
	own.listen = n.address
	n.log = &textBuffer{}
	n.process = exec.Command(watchedProgram(t), own.serveArgs(f.config)...)
	n.process.Env = f.environment(n)
	n.process.Stderr = n.log
	if err := n.process.Start(); err != nil {
		t.Fatal(err)
	}
	started, log := n.process, n.log
	t.Cleanup(func() { _ = started.Process.Kill() })
	ended = make(chan struct{})
	go func() {
		_ = started.Wait()
		if said := log.String(); strings.Contains(said, raceFound) {
			f.problem("%s", said)
		}
		close(ended)
	}()
	return ended
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// killNode is SIGKILL for one of them.
func (f *fleet) killNode(t *testing.T, n *node) {
	t.Helper()
	if err := n.process.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
}

// to is a way to one process.
func (n *node) to() http.RoundTripper { return transportTo(func() string { return n.address }) }

// balancer is the way to the processes, on which some requests are doubled.
func (f *fleet) balancer() http.RoundTripper {
	plain := f.oneAfterAnother()
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		if !f.isOurs(request) || request.Method != http.MethodPost || strings.HasPrefix(request.URL.Path, "/sign-in") || rand.IntN(3) > 0 {
			return plain.RoundTrip(request)
		}
		return f.severally(request, plain, plain)
	})
}

// oneAfterAnother is the way to the processes by turns.
func (f *fleet) oneAfterAnother() http.RoundTripper {
	way := transportTo(func() string { return f.nodes[int(f.next.Add(1))%len(f.nodes)].address })
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		if !f.isOurs(request) {
			return killTransport.RoundTrip(request)
		}
		return way.RoundTrip(request)
	})
}

func (f *fleet) isOurs(request *http.Request) bool {
	return request.URL.Host == strings.TrimPrefix(f.issuer, "http://")
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

// transportTo goes to an address for each request, whatever the request says. Where nobody listens it tries the next two, as
// balancers do.
func transportTo(next func() string) http.RoundTripper {
	var dialer net.Dialer
	return &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		connection, err := dialer.DialContext(ctx, network, next())
		for range fleetSize - 1 {
			if err != nil {
				connection, err = dialer.DialContext(ctx, network, next())
			}
		}
		return connection, err
	}}
}

// onceOnly are the endpoints where the same request, with the same jti and DPoP proof, is done by one process at most.
var onceOnly = []string{"/token", "/device_authorization", "/register"}

// severally sends the same request by several ways at the same moment.
func (f *fleet) severally(request *http.Request, ways ...http.RoundTripper) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	answers := make(chan twin, len(ways))
	for _, way := range ways {
		again := request.Clone(request.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		go func() { answers <- readTwin(way.RoundTrip(again)) }()
	}
	var all []twin
	for range ways {
		all = append(all, <-answers)
	}
	slices.SortStableFunc(all, func(a, b twin) int { return a.rank() - b.rank() })
	if slices.Contains(onceOnly, request.URL.Path) && all[1].rank() == done {
		f.problem("%s was done by two processes:\n%s\n%s", request.URL.Path, all[0].text, all[1].text)
	}
	return all[0].answer()
}

// twin is one of several answers to the same request.
type twin struct {
	response *http.Response
	text     []byte
	err      error
}

func readTwin(response *http.Response, err error) twin {
	if err != nil {
		return twin{err: err}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return twin{response, text, err}
}

// done is the rank of an answer that says that it was done, and those from refused on say that it never will be. The one who asks gets
// the answer of the lower rank: what a client that sends once would have got.
const done, refused = 0, 4

func (w twin) rank() int {
	waits := func(code string) bool { return bytes.Contains(w.text, []byte(`"`+code+`"`)) }
	switch {
	case w.err != nil:
		return 1
	case w.response.StatusCode < 400:
		return done
	case w.response.StatusCode >= 500:
		return 2
	case waits("authorization_pending"), waits("slow_down"), waits("use_dpop_nonce"):
		return 3
	case bytes.Contains(w.text, []byte("was used before")):
		return refused + 1 // the other one has used it, and says more: that the person was declined, say
	}
	return refused
}

func (w twin) answer() (*http.Response, error) {
	if w.err != nil {
		return nil, w.err
	}
	w.response.Body = io.NopCloser(bytes.NewReader(w.text))
	return w.response, nil
}

// backIn fails unless each process, asked alone, registers a phone by then.
func (f *fleet) backIn(t *testing.T, promoted time.Time, within time.Duration) {
	t.Helper()
	for i, n := range f.nodes {
		err := f.registers(t.Context(), n)
		for ; err != nil && time.Since(promoted) < within; err = f.registers(t.Context(), n) {
			time.Sleep(restartPause)
		}
		if err != nil {
			t.Fatalf("process %d after %s: %v\n%s", i, time.Since(promoted), err, n.log)
		}
		t.Logf("process %d writes %s after the promotion", i, time.Since(promoted).Round(time.Millisecond))
	}
}

// registers is a phone of one process.
func (f *fleet) registers(ctx context.Context, n *node) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	phone := &deviceclient.Client{Issuer: f.issuer, HTTP: &http.Client{Transport: n.to()}}
	return phone.Register(ctx, deviceclient.Software{Name: "Pocket", ID: productionSoftware, Version: "1"})
}
