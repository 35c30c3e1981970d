package device

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"countersign/models"
)

// Bounds of the streams of one process (docs/decisions/0015-phone-page.md).
const (
	decisionTick      = time.Second // how often the database is asked, once for all streams
	streamsPerProcess = 2000
	streamsPerNetwork = 250 // an office's phones share an address; a stranger's do as well
	streamsPerClient  = 2   // the newest stay: what a phone lost on the way is dead weight
)

// errNoPlace says that this process has as many streams as it will have.
var errNoPlace = errors.New("as many streams as this process takes")

// decisions tells the open streams of one process that their request was decided. One
// watcher asks the database for all of them, once a tick, and only while there is a
// stream: so it hears of what other processes decide as well, at a cost that does not
// grow with the streams.
type decisions struct {
	decided func(context.Context, []string) ([]string, error) // models.Store.Decided
	log     *slog.Logger

	mu       sync.Mutex // guards the rest
	open     []*stream  // oldest first
	watching bool

	failing bool // the watcher's alone: the last question was not answered, and that is in the log
}

// stream is a phone that waits for its decision.
type stream struct {
	client, network, request string

	told chan bool // true: decided; false: a newer stream took its place. Buffered for one
}

func newDecisions(store *models.Store, log *slog.Logger) *decisions {
	return &decisions{decided: store.Decided, log: log}
}

// enter opens a stream; leave must follow. The oldest of a client with too many is told
// to end. Error: errNoPlace.
func (d *decisions) enter(s *stream) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var ofClient []*stream
	ofNetwork := 0
	for _, other := range d.open {
		if other.client == s.client {
			ofClient = append(ofClient, other)
		} else if s.network != "" && other.network == s.network {
			ofNetwork++
		}
	}
	for len(ofClient) >= streamsPerClient {
		d.remove(ofClient[0], false)
		ofClient = ofClient[1:]
	}
	if len(d.open) >= streamsPerProcess || ofNetwork >= streamsPerNetwork {
		return errNoPlace
	}
	d.open = append(d.open, s)
	if !d.watching {
		d.watching = true
		go d.watch()
	}
	return nil
}

// leave is safe to call for a stream that was told already.
func (d *decisions) leave(s *stream) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.remove(s, false)
}

// remove takes a stream out and tells it why. The caller holds mu.
func (d *decisions) remove(s *stream, decided bool) {
	for i, other := range d.open {
		if other == s {
			d.open = append(d.open[:i], d.open[i+1:]...)
			s.told <- decided
			return
		}
	}
}

// watch ends with the last stream.
func (d *decisions) watch() {
	tick := time.NewTicker(decisionTick)
	defer tick.Stop()
	for range tick.C {
		requests := d.requests()
		if requests == nil {
			return
		}
		d.look(requests)
	}
}

// look asks once. An outage is in the log once, not every second; phones poll as well.
func (d *decisions) look(requests []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	decided, err := d.decided(ctx, requests)
	if err != nil && !d.failing {
		d.log.Error("what was decided cannot be read", "error", err)
	}
	d.failing = err != nil
	d.tell(decided)
}

// requests returns what the open streams wait for; nil: nothing, and the watcher has ended.
func (d *decisions) requests() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var requests []string
	for _, s := range d.open {
		requests = append(requests, s.request)
	}
	d.watching = requests != nil
	return requests
}

func (d *decisions) tell(decided []string) {
	is := map[string]bool{}
	for _, request := range decided {
		is[request] = true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range append([]*stream(nil), d.open...) {
		if is[s.request] {
			d.remove(s, true)
		}
	}
}
