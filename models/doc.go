// Package models keeps everything that must survive a restart and everything that
// several processes must agree on: accounts, client instances, device
// authorizations, proofings, bindings, tokens, staff sessions, server keys. It
// imports the protocol's rules (oauth) and the audit trail (audit) and nothing
// else of ours; no HTTP lives here.
//
// # The way of a visit
//
// One file a verb, the same name as in handlers:
//
//	device_authorization.go   the phone asks; pending
//	search.go                 an operator finds the account and its requests
//	match.go                  the code from the phone; pending → matched
//	proof.go                  the card; matched → proofed
//	decide.go                 who may decide; approve.go, decline.go
//	poll.go, redeem.go        the phone asks again, and redeems; approved → redeemed
//	reissue.go                the answer to a redemption got lost
//	refresh.go, revoke.go     what follows
//	recall.go, release.go     ways back
//
// and before it: register.go, client_configuration.go (RFC 7592), clients.go (disable and
// enable), publisher.go and registration_token.go (who may register).
//
// # States
//
// A device authorization is pending, matched, proofed, approved, redeemed or
// declined (states.go has the one table). "Expired" and "lapsed" are derived from
// the clock and never stored: a pending, matched or proofed request is over when
// now ≥ pending_until, an approved one when now ≥ redeem_until. Matched and proofed
// are the claim of one operator's session for Policy.ClaimLength; when the claim is
// over the request counts as pending again, and its match and proofing must be done
// again.
//
// # Writing
//
// Every change goes through Store.write: an immediate transaction with one now, in
// which the transition and its audit event commit together or not at all. A
// transition is one conditional UPDATE that names the expected state; no row means
// a *StateConflictError, and a database fault stays a fault. A refusal that must be
// remembered (a wrong code) is committed and returned as a value.
package models
