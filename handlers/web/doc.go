// Package web is how the server speaks HTTP: what stands between a connection and a
// handler, and between a handler's error and its answer. It holds no page but the one
// that tells an error. The route table is in handlers. The handlers are in device,
// counter, review, admin, signin and notices; what the pages of staff share is in console.
//
// # The way of a request
//
//	config.go     App: the configuration, with what follows from it
//	route.go      a route carries its access rule, cross-origin rule and body limit;
//	              Mount puts them in front of the handler, so that none can forget them
//	request_id.go what it is called: in the log, in its answer and on pages of trouble
//	log.go        one line for each request, and one more in the metrics (handlers/metrics)
//	trace.go      where its time goes, for OpenTelemetry (handlers/traces)
//	cors.go       which pages of other origins may read it: of what programs are answered
//	headers.go    the security headers of every answer
//	address.go    where it comes from
//	encrypted.go  whether it was encrypted on its way
//	storable.go   whether a database can store its text
//	form.go       its form, from the body alone
//	language.go   which language its reader reads
//	place.go      a counter as the public sees it
//	limit.go      how often: what counts under which key (handlers/limits counts)
//	admission.go  how many at once, by class, and what the others are told (handlers/gate bounds)
//
// # Access
//
//	client.go           client instances: parameters, private_key_jwt
//	client_keys.go      the keys to verify by: registered, or at a jwks_uri
//	                    (handlers/keyfetch fetches them)
//	client_failures.go  where a failed authentication counts
//	bearer.go           a bearer token: to register
//	managed.go          a client that manages its registration, by its own bearer token
//	session.go          staff: cookies, session, role, open counter
//	sign_in_cookie.go   a sign-in on its way to the provider and back
//	id_token_cookie.go  the provider's ID token, for signing out there
//
// # The answer
//
//	render.go     a page: rendered to a buffer first, then the status
//	organisation.go  what the deployment says of itself; logo.go: its picture, checked
//	gzip.go       a page on the wire: compressed where that gives nothing away
//	errors.go     an error: JSON for a client, a page for a person
//	challenge.go  refused by a protected resource, or by client authentication
//	refusals.go   the pages of refusals; conflicts.go: of requests that another handles
//	too_many.go   refused by a limit, with Retry-After
//	unavailable.go  an outage of the database: later, and nothing typed is lost
//	ending.go     the server is about to end: for an answer that goes on for minutes
package web
