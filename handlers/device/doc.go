// Package device holds the endpoints that a client instance and the person with it
// meet: the OAuth protocol, the page behind the verification URI, and a sample API.
//
// # The way of a phone
//
//	metadata.go, jwks.go      it finds the endpoints and the keys (RFC 8414)
//	device.go                 the endpoints, and what they share; proof.go reads their DPoP proofs
//	register.go               it becomes a client instance with its own key (RFC 7591)
//	client_configuration.go   it reads, replaces and deletes its registration (RFC 7592)
//	device_authorization.go   it asks for an account; gets device code and user code (RFC 8628 §3.1)
//	verification.go           the person reads where to go (RFC 8628 §3.3)
//	phone_page.go             the same steps in a browser, for a person without the app; its scripts are in static/phone
//	phone_events.go           tells an open page that there is a decision to poll for (decisions.go watches)
//	token.go                  it polls and redeems (redeem.go), and refreshes (refresh.go)
//	whoami.go                 it calls an API with its token (RFC 9449 §7)
//	verified_claims.go        it asks how its person was verified (OpenID Identity Assurance)
//	introspect.go, revoke.go  it asks about a token, and gives one back (RFC 7662, RFC 9701, RFC 7009);
//	                          a resource server asks about the tokens for its resource
//
// A handler parses, asks the models for one thing and answers. The route table says who may
// call it (handlers/routes.go), and an error becomes an answer in handlers/web.
package device
