package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"
)

// Access says who may use a route.
type Access int

// The access rules, from open to narrow.
const (
	Public        Access = iota // anybody
	Introspector                // a client instance, or a resource server, by private_key_jwt; see ClientOf
	Client                      // a client instance, by private_key_jwt; see ClientOf
	Token                       // the holder of an access token; the handler checks it with its DPoP proof
	Manager                     // a client instance, by its registration access token; see ManagedOf
	SignedIn                    // anybody of the staff; see SessionOf
	Operator                    // staff with the role operator
	AtCounter                   // an operator who has opened a counter and is in its network
	SecondPerson                // a supervisor, or an operator as AtCounter
	Supervisor                  // staff with the role supervisor
	Administrator               // staff with the role administrator
)

// Audience says who reads a route's answers, and so how errors are told.
type Audience int

// The audiences.
const (
	People  Audience = iota // pages
	Clients                 // JSON, never cached
)

// Origins says from which pages a browser may send an unsafe request.
type Origins int

// The cross-origin rules.
const (
	SameOrigin Origins = iota // http.CrossOriginProtection: the cookie counts
	AnyOrigin                 // the route takes no cookie; each request proves itself
)

// Body limits, in bytes.
const (
	NoBody   int64 = 0
	FormBody int64 = 32 << 10
)

// Route is one line of the route table.
type Route struct {
	Method   string
	Path     string
	Audience Audience
	Access   Access
	Origins  Origins
	Body     int64 // the most bytes of body that are read
	Limit    Limit // how often
	Class    Class // with what it shares its places at work
	Clear    bool  // also in clear: for probes of the process only
	Acts     bool  // a GET that does something: HEAD is not answered
	Handle   echo.HandlerFunc
}

// Limited returns the route with a limit.
func (r Route) Limited(by Limit) Route {
	r.Limit = by
	return r
}

// Sharing returns the route with another class than its access rule has.
func (r Route) Sharing(with Class) Route {
	r.Class = with
	return r
}

// Reading returns the route with another limit of its body, for a file.
func (r Route) Reading(limit int64) Route {
	r.Body = limit
	return r
}

// InClear returns the route for requests that are not encrypted too.
func (r Route) InClear() Route {
	r.Clear = true
	return r
}

// Acting returns the route for a GET that does something, such as a way back from
// elsewhere: HEAD promises to do nothing (RFC 9110 §9.3.2).
func (r Route) Acting() Route {
	r.Acts = true
	return r
}

// Chain puts rules in front of a handler, the first one outermost, once and for all: echo would do it anew for each request.
func Chain(handle echo.HandlerFunc, rules ...echo.MiddlewareFunc) echo.HandlerFunc {
	for _, rule := range slices.Backward(rules) {
		handle = rule(handle)
	}
	return handle
}

// Mount registers the routes with their rules in front, and answers preflights.
func (a *App) Mount(e *echo.Echo, routes []Route) {
	routes = slices.Concat(routes, preflights(routes))
	a.forClients = methodsForClients(routes)
	protection := http.NewCrossOriginProtection()
	for _, route := range routes {
		rules := []echo.MiddlewareFunc{headAsGet, audience(route.Audience)}
		if !route.Clear {
			rules = append(rules, a.encrypted)
		}
		rules = append(rules, limitBody(route.Body), plainBody)
		file := route.Body > FormBody // is read only after the access rule
		if !file {
			rules = append(rules, storable)
		}
		if route.Origins == SameOrigin {
			rules = append(rules, crossOrigin(protection))
		}
		class := route.class()
		if class != NoClass {
			rules = append(rules, a.outdated)
		}
		if class != Staff { // what a stranger sends costs most before it is known who they are
			rules = append(rules, a.admit(class))
		}
		rules = append(rules, a.access(route.Access))
		if file {
			rules = append(rules, storable)
		}
		if class == Staff { // no stranger takes a place of theirs, and who finds none has not used up a limit
			rules = append(rules, a.admit(class))
		}
		rules = append(rules, a.limit(route.Limit))
		e.Match(route.methods(), route.Path, Chain(route.Handle, rules...))
	}
}

// methodsForClients are the methods of each path whose answers no person reads. A person may come to such a path by another
// method, as by a link, and is told so on a page.
func methodsForClients(routes []Route) map[string][]string {
	methods := map[string][]string{}
	for _, route := range routes {
		if route.Audience == Clients {
			methods[route.Path] = append(methods[route.Path], route.methods()...)
		}
	}
	return methods
}

// isForClients reports whether the answer is for a program: nobody shows it.
func (a *App) isForClients(c echo.Context) bool {
	return slices.Contains(a.forClients[c.Path()], c.Request().Method)
}

// access is the middleware of an access rule. A rule that is not known lets nobody in.
func (a *App) access(rule Access) echo.MiddlewareFunc {
	switch rule {
	case Public, Token:
		return func(next echo.HandlerFunc) echo.HandlerFunc { return next }
	case Client, Introspector:
		return a.requireClient(rule)
	case Manager:
		return a.requireManager
	default:
		return a.requireStaff(rule)
	}
}

// headAsGet lets rules and handlers see a GET, so that HEAD is judged and answered alike.
// net/http keeps the request as it came, and sends no body. SentMethod tells what it was.
func headAsGet(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if request := c.Request(); request.Method == http.MethodHead {
			get := request.WithContext(request.Context()) // a copy
			get.Method = http.MethodGet
			c.SetRequest(get)
			c.Set(headKey, true)
		}
		return next(c)
	}
}

const headKey = "head"

// SentMethod is the request's method as it was sent, which a DPoP proof is about (htm, RFC 9449 §4.3).
func SentMethod(c echo.Context) string {
	if head, _ := c.Get(headKey).(bool); head {
		return http.MethodHead
	}
	return c.Request().Method
}

const audienceKey = "audience"

func audience(who Audience) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Set(audienceKey, who)
			if who == Clients {
				noStore(c)
				anyOrigin(c)
			}
			return next(c)
		}
	}
}

// noStore keeps what a client is answered out of every cache (RFC 6749 §5.1).
func noStore(c echo.Context) {
	header := c.Response().Header()
	header["Cache-Control"], header["Pragma"] = valueNoStore, valueNoCache
}

// Cacheable lets anybody keep an answer for that long (RFC 9111 §5.2.2), in seconds.
func Cacheable(c echo.Context, seconds int) {
	c.Response().Header().Set("Cache-Control", "public, max-age="+strconv.Itoa(seconds))
	c.Response().Header().Del("Pragma")
}

// CacheableForGood lets anybody keep an answer that never changes (RFC 8246 §2).
func CacheableForGood(c echo.Context) {
	Cacheable(c, 365*24*60*60)
	c.Response().Header().Set("Cache-Control", c.Response().Header().Get("Cache-Control")+", immutable")
}

// limitBody stops a body that is too long when it is read, whatever Content-Length says.
func limitBody(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			request := c.Request()
			if request.ContentLength > limit {
				return echo.ErrStatusRequestEntityTooLarge
			}
			request.Body = http.MaxBytesReader(c.Response(), request.Body, limit)
			return next(c)
		}
	}
}

func crossOrigin(protection *http.CrossOriginProtection) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := protection.Check(c.Request()); err != nil {
				return ErrCrossOrigin
			}
			return next(c)
		}
	}
}
