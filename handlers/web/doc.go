// Package web holds what every handler shares: the configuration, the shape of a
// route with its access rule, sessions, client authentication, the frame of a page,
// and the only place where an error becomes an answer. The route table itself is in
// the parent package, the handlers in its siblings device, counter and review.
//
// # The way of a request
//
//	route.go     a route carries its access rule, cross-origin rule and body limit;
//	             Mount puts them in front of the handler, so that none can forget them
//	encrypted.go whether nobody could read it on the way; address.go: where it comes from
//	limit.go     how often: what counts under which key (handlers/limits counts)
//	client.go    access for client instances: parameters, private_key_jwt
//	client_keys.go  the keys to verify by: registered, or at a jwks_uri (handlers/keyfetch)
//	bearer.go    access by a bearer token: to register, and to manage a registration
//	config.go    what the handlers need to know
//	headers.go, language.go, log.go, storable.go, ending.go  what every request passes
//	client_failures.go, too_many.go  who has to wait
//	managed.go   access for a client that manages its registration
//	session.go   access for staff: cookie, session, role, open counter
//	render.go    a page: rendered to a buffer first, then the status
//	errors.go    an error: JSON for a client (challenge.go: a protected resource), a page
//	             for a person (refusals.go, conflicts.go)
package web
