package main

import (
	"fmt"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"

	"countersign/oauth"
)

const (
	idleConnections = 2000
	mostPerIdle     = 1.2 // times what a connection costs a bare server of net/http
)

// memoryInUse is what the heap and the stacks hold, in bytes, after the garbage is collected and stacks have shrunk.
func memoryInUse() uint64 {
	for range 5 { // a stack shrinks by half at a time
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc + stats.StackInuse
}

// idleAt opens connections, asks on each once, and leaves them open. All of them together read into one buffer.
func idleAt(t *testing.T, address, path string) []net.Conn {
	t.Helper()
	connections := make([]net.Conn, 0, idleConnections)
	buffer := make([]byte, 64<<10)
	for range idleConnections {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		connections = append(connections, connection)
		if _, err := fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path); err != nil {
			t.Fatal(err)
		}
		if n, err := connection.Read(buffer); err != nil || n < 12 || string(buffer[9:12]) != "200" {
			t.Fatalf("%q, %v", buffer[:n], err)
		}
	}
	return connections
}

// perIdle is what one idle connection holds, in bytes. When the connections have ended, what they held is given back.
func perIdle(t *testing.T, address, path string) float64 {
	t.Helper()
	for _, connection := range idleAt(t, address, path) { // what the first ones make is for all
		_ = connection.Close()
	}
	for range 3 {
		before := settledMemory(t, 0)
		connections := idleAt(t, address, path)
		now := memoryInUse()
		for _, connection := range connections {
			_ = connection.Close()
		}
		if now > before { // else other memory was given back meanwhile, and nothing was measured
			settledMemory(t, before+(now-before)/10)
			return float64(now-before) / idleConnections
		}
	}
	t.Fatal("less memory is in use with the idle connections than without them")
	return 0
}

// settledMemory waits, for less than a minute, until there is no more in use than that, or, for 0, until it gets no less.
func settledMemory(t *testing.T, most uint64) uint64 {
	t.Helper()
	last := memoryInUse()
	if !comesWithin(time.Minute, func() bool {
		now := memoryInUse()
		settled := most == 0 && now+now/100 >= last || now <= most
		last = now
		return settled
	}) {
		t.Errorf("%d bytes are in use after the connections have ended, and %d were before", last, most)
	}
	return last
}

// An idle connection costs little more than one of a bare server of net/http, measured in one run, and what it holds is
// given back when it ends. Not beside other tests: all of the process's memory is looked at.
func TestIdleConnectionsCost(t *testing.T) {
	p := startProduction(t, productionConfig{listen: newAddress(t), flags: []string{"--limits", "off", "--log-level", "info"},
		provider: staffProviderFlags("http://127.0.0.1:1")})
	page := make([]byte, 4096)
	bare := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) }))
	bareCost := perIdle(t, bare.Listener.Addr().String(), "/")
	cost := perIdle(t, p.listen, oauth.PathVerification)
	t.Logf("an idle connection holds %.0f bytes, and %.0f of a bare server", cost, bareCost)
	if cost > mostPerIdle*bareCost {
		t.Errorf("an idle connection holds %.0f bytes, %.2f times the %.0f of a bare server", cost, cost/bareCost, bareCost)
	}
}
