package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"
)

func quietDecisions() *decisions {
	return &decisions{
		decided: func(context.Context, []string) ([]string, error) { return nil, nil },
		log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

func newStream(client, network string) *stream {
	return &stream{client: client, network: network, request: "request of " + client, told: make(chan bool, 1)}
}

// Nobody takes all places: a network has its share, a process an end, and a client whose
// streams are replaced needs no new place (docs/protocol.md §6 slow-and-huge).
func TestStreamsAreBounded(t *testing.T) {
	d := quietDecisions()
	for i := range streamsPerNetwork {
		if err := d.enter(newStream(fmt.Sprint("client", i), "192.0.2.1")); err != nil {
			t.Fatalf("stream %d: %v", i, err)
		}
	}
	if err := d.enter(newStream("one more", "192.0.2.1")); !errors.Is(err, errNoPlace) {
		t.Errorf("a network takes more than its share: %v", err)
	}
	for i := streamsPerNetwork; i < streamsPerProcess; i++ {
		if err := d.enter(newStream(fmt.Sprint("client", i), fmt.Sprint("network", i))); err != nil {
			t.Fatalf("stream %d: %v", i, err)
		}
	}
	if err := d.enter(newStream("one more", "198.51.100.1")); !errors.Is(err, errNoPlace) {
		t.Errorf("a process takes more than its bound: %v", err)
	}
}

// The newest streams of a client stay.
func TestNewestStreamsOfAClientStay(t *testing.T) {
	d := quietDecisions()
	var all []*stream
	for range streamsPerClient + 3 {
		s := newStream("client", "192.0.2.1")
		if err := d.enter(s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	for i, s := range all {
		ended := len(s.told) == 1
		if want := i < len(all)-streamsPerClient; ended != want {
			t.Errorf("stream %d ended: %v, want %v", i, ended, want)
		}
	}
	for _, s := range all {
		d.leave(s)
		d.leave(s) // harmless
	}
	if len(d.open) != 0 {
		t.Errorf("%d streams are left", len(d.open))
	}
}

// The database is asked once a tick for all streams, not at all when there is none, and a
// fault is no end.
func TestOneWatcherForAllStreams(t *testing.T) {
	asked := make(chan int, 100)
	d := quietDecisions()
	d.decided = func(_ context.Context, requests []string) ([]string, error) {
		asked <- len(requests)
		if len(asked) == 1 {
			return nil, errors.New("the database is away")
		}
		return requests, nil
	}
	first, second := newStream("a", "192.0.2.1"), newStream("b", "192.0.2.2")
	for _, s := range []*stream{first, second} {
		if err := d.enter(s); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []*stream{first, second} {
		select {
		case decided := <-s.told:
			if !decided {
				t.Error("a stream ended undecided")
			}
		case <-time.After(time.Minute):
			t.Fatal("nobody was told")
		}
	}
	if len(asked) != 2 || <-asked != 2 || <-asked != 2 {
		t.Errorf("the database was not asked twice for both streams")
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		d.mu.Lock()
		watching := d.watching
		d.mu.Unlock()
		if !watching {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the watcher goes on with nothing to watch")
		}
	}
}
