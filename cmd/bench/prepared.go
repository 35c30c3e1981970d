package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// prepared are requests that are signed and written out before the clock runs, and connections that they are sent on: the load
// shares the processors with the server, and so takes from the server's throughput what it needs for itself. All have the nonce that
// their phones know (RFC 9449 §8), and assertions of some minutes: a round that takes longer fails.
type prepared struct {
	requests [][]byte
	lines    chan *keptLine // one a worker
	sent     func()         // counts a request
}

// sending is what the phone with the number sends: one request.
type sending func(ctx context.Context, p phone, i int) error

// prepareAll lets each phone make what it would send, and connects. close ends the connections.
func (b *bench) prepareAll(ctx context.Context, c *contender, phones []phone, send sending) (*prepared, error) {
	all := &prepared{
		requests: make([][]byte, len(phones)), lines: make(chan *keptLine, b.load.workers), sent: func() { b.load.transport.requests.Add(1) },
	}
	for i, p := range phones {
		var err error
		if all.requests[i], err = recorded(p, func() error { return send(ctx, p, i) }); err != nil {
			return nil, err
		}
	}
	address, err := url.Parse(c.base)
	if err != nil {
		return nil, err
	}
	for range b.load.workers {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address.Host)
		if err != nil {
			return nil, errors.Join(err, all.close())
		}
		all.lines <- &keptLine{connection, bufio.NewReader(connection)}
	}
	return all, nil
}

// ask sends the request with the number, and waits for its answer.
func (p *prepared) ask(_ context.Context, i int) error {
	line := <-p.lines
	defer func() { p.lines <- line }()
	p.sent()
	return line.ask(p.requests[i])
}

func (p *prepared) close() (err error) {
	for len(p.lines) > 0 {
		err = errors.Join(err, (<-p.lines).connection.Close())
	}
	return err
}

// errRecorded is in the place of an answer.
var errRecorded = errors.New("recorded, and not sent")

// recorder keeps the bytes of a request.
type recorder struct{ request bytes.Buffer }

// RoundTrip is part of http.RoundTripper.
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := request.Write(&r.request); err != nil {
		return nil, err
	}
	return nil, errRecorded
}

// recorded is the one request that the phone sends in send.
func recorded(p phone, send func() error) ([]byte, error) {
	usual, r := p.HTTP, &recorder{}
	p.HTTP = &http.Client{Transport: r}
	defer func() { p.HTTP = usual }()
	switch err := send(); {
	case err == nil:
		return nil, errors.New("a request was answered that was to be recorded")
	case !errors.Is(err, errRecorded):
		return nil, fmt.Errorf("a request was to be recorded: %w", err)
	}
	return r.request.Bytes(), nil
}

// keptLine is a connection on which one request follows the other.
type keptLine struct {
	connection net.Conn
	answers    *bufio.Reader
}

func (l *keptLine) ask(request []byte) error {
	if err := l.connection.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := l.connection.Write(request); err != nil {
		return err
	}
	answer, err := http.ReadResponse(l.answers, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("answered %s: %s", answer.Status, text)
	}
	return err
}
