package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"time"

	"countersign/handlers/gate"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Class says with what a route's requests share their places at work. Too many requests of one class are told to come
// later, and those of another do not notice (docs/decisions/0062-overload.md).
type Class int

// The classes.
const (
	ByAccess    Class = iota // the route's access rule says it
	Polls                    // of device codes; what else the token endpoint is asked is of Phones
	Redemptions              // polls that have something to collect, when there are too many polls
	Phones                   // all else that clients ask
	APIs                     // introspection
	Strangers                // what anybody may ask
	Staff                    // behind a valid session
	NoClass                  // not bounded: it costs next to nothing, or must always be answered

	looks // whether a poll has something to collect
	classes
)

// retryStaff and retryPhones are how long to wait where there is too much to do. The times of phones are spread over
// spreadPhones seconds, so that they do not come back all at once.
const (
	retryStaff   = 5 * time.Second
	retryPhones  = 10 * time.Second
	spreadPhones = 21
	calmAfter    = time.Minute // without a refusal; the next one is logged again
)

// Gates hold the places at work of each class.
type Gates [classes]*gate.Gate

// NewGates returns the gates for a number of processors. Polls are few at once: they are cheap, keep a processor busy all
// the time, and must leave connections of the database to others. Of what writes there are more, since it waits for the
// disk together.
func NewGates(processors int) *Gates {
	return GatesOf(map[Class]gate.Size{
		Polls:       {AtWork: 8 * processors, Waiting: 256 * processors, Patience: 5 * time.Second},
		Redemptions: {AtWork: 8 * processors, Waiting: 256 * processors, Patience: 10 * time.Second},
		Phones:      {AtWork: 64 * processors, Waiting: 256 * processors, Patience: 5 * time.Second},
		APIs:        {AtWork: 16 * processors, Waiting: 256 * processors, Patience: 5 * time.Second},
		Strangers:   {AtWork: 64 * processors, Waiting: 256 * processors, Patience: 5 * time.Second},
		Staff:       {AtWork: 64 * processors, Waiting: 256 * processors, Patience: 10 * time.Second},
		looks:       {AtWork: 4 * processors},
	})
}

// GatesOf returns gates of these sizes. A class without one is not bounded.
func GatesOf(sizes map[Class]gate.Size) *Gates {
	var gates Gates
	for class, size := range sizes {
		gates[class] = gate.New(size, time.After)
	}
	return &gates
}

// gatesOfProcess are those of a process that nothing else was said for.
func gatesOfProcess() *Gates { return NewGates(runtime.GOMAXPROCS(0)) }

// class returns the class of a route.
func (r Route) class() Class {
	switch {
	case r.Class != ByAccess:
		return r.Class
	case r.Access == Public:
		return Strangers
	case r.Access == Introspector:
		return APIs
	case r.Access == Client, r.Access == Token, r.Access == Manager:
		return Phones
	}
	return Staff
}

// OverloadedError says that there is too much of a class to do.
type OverloadedError struct {
	Class      Class
	RetryAfter time.Duration // whole seconds
}

func (e *OverloadedError) Error() string { return fmt.Sprintf("too many %s at once", e.Class) }

// String names the class for the log.
func (c Class) String() string {
	names := map[Class]string{Polls: "polls", Redemptions: "redemptions", Phones: "requests of phones", APIs: "requests of APIs",
		Strangers: "requests of strangers", Staff: "requests of staff"}
	return names[c]
}

// place is a request's place at work.
type place struct {
	gate *gate.Gate // nil when it has none now
}

func (p *place) leave() {
	p.gate.Leave()
	p.gate = nil
}

const placeKey = "place"

// admit is the middleware that gives a request of a class its place at work. A program's body is read before, so that a
// slow sender has none.
func (a *App) admit(class Class) echo.MiddlewareFunc {
	if class == NoClass {
		return func(next echo.HandlerFunc) echo.HandlerFunc { return next }
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			var body []byte
			if c.Get(audienceKey) == Clients {
				body = readAhead(c.Request())
			}
			entered, err := a.enter(c.Request().Context(), class, body)
			if err != nil {
				return err
			}
			at := &place{entered}
			defer at.leave()
			c.Set(placeKey, at)
			return next(c)
		}
	}
}

// enter returns the gate by which the request came in. Error: *OverloadedError.
func (a *App) enter(ctx context.Context, class Class, body []byte) (*gate.Gate, error) {
	if class == Polls && !bytes.Contains(body, []byte(oauth.ParamDeviceCode+"=")) {
		class = Phones
	}
	if own := a.Gates[class]; own.Enter(ctx) {
		return own, nil
	}
	if class == Polls && a.canCollect(ctx, body) {
		if class = Redemptions; a.Gates[class].Enter(ctx) {
			return a.Gates[class], nil
		}
	}
	return nil, a.overloaded(ctx, class)
}

// canCollect reports whether a poll would find its request approved. It is asked of a few at once.
func (a *App) canCollect(ctx context.Context, body []byte) bool {
	form, err := url.ParseQuery(string(body))
	if err != nil || !a.Gates[looks].Enter(ctx) {
		return false
	}
	defer a.Gates[looks].Leave()
	approved, err := a.Store.Collectable(ctx, form.Get(oauth.ParamDeviceCode))
	return err == nil && approved
}

// overloaded returns the error for one that found no place, and has it logged where that was not so a minute ago.
func (a *App) overloaded(ctx context.Context, class Class) error {
	now := a.now().Unix()
	if last := a.refused[class].Swap(now); now-last > int64(calmAfter/time.Second) {
		size := a.Gates[class].Size()
		a.Log.WarnContext(ctx, "requests are answered 503: too much to do", "class", class.String(),
			"at_work", size.AtWork, "waiting", size.Waiting)
	}
	if class == Staff || class == Strangers {
		return &OverloadedError{class, retryStaff}
	}
	turn := time.Duration(a.turns.Add(1)%spreadPhones) * time.Second
	return &OverloadedError{class, retryPhones + turn}
}

// readAhead reads the body into memory. What went wrong with it is told to who reads it.
func readAhead(request *http.Request) []byte {
	body, err := readWhole(request)
	request.Body = &bodyAhead{rest: body, err: err}
	return body
}

// bodyAhead is a body that was read into memory.
type bodyAhead struct {
	rest []byte // what nobody has taken yet
	err  error  // what ended it before its end; nil for none
}

// Read is part of io.ReadCloser.
func (b *bodyAhead) Read(into []byte) (int, error) {
	if len(b.rest) == 0 && len(into) > 0 {
		return 0, cmp.Or(b.err, io.EOF)
	}
	count := copy(into, b.rest)
	b.rest = b.rest[count:]
	return count, nil
}

// take returns all that is left, and what ended it. Nobody changes it.
func (b *bodyAhead) take() ([]byte, error) {
	rest := b.rest
	b.rest = nil
	return rest, b.err
}

// Close is part of io.ReadCloser.
func (b *bodyAhead) Close() error { return nil }

// LeavePlace gives a request's place at work to another, before an answer that goes on for minutes.
func LeavePlace(c echo.Context) {
	if at, is := c.Get(placeKey).(*place); is {
		at.leave()
	}
}

// asideKey is under which a context has the place of a request that may wait for another site.
type asideKey struct{}

// Aside returns a context in which waiting for another site takes no place at work.
func Aside(c echo.Context) context.Context {
	return context.WithValue(c.Request().Context(), asideKey{}, c.Get(placeKey))
}

// stepAside gives the place away, and returns how to take one again.
func stepAside(ctx context.Context) (back func()) {
	at, is := ctx.Value(asideKey{}).(*place)
	if !is || at.gate == nil {
		return func() {}
	}
	own := at.gate
	at.leave()
	return func() {
		if own.Return(ctx) {
			at.gate = own
		}
	}
}

// isOverload reports whether there was too much to do, and puts Retry-After on the answer.
func isOverload(err error, c echo.Context) bool {
	overload, is := errors.AsType[*OverloadedError](err)
	if is {
		retryIn(c, overload.RetryAfter)
	}
	return is
}

// laterPage returns the page of an outage, or of too much to do, when the error is one of these. It keeps what was typed.
func (a *App) laterPage(err error, c echo.Context) (views.ErrorProps, bool) {
	if a.unavailable(err, c) {
		return a.unavailablePage(c), true
	}
	if !isOverload(err, c) {
		return views.ErrorProps{}, false
	}
	page := a.unavailablePage(c)
	page.Heading = views.Say(c.Request().Context(), "The server has too much to do now")
	return page, true
}
