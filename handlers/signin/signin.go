// Package signin is the way of all staff in and out: OpenID Connect with the
// organisation's provider. What the roles open is in handlers/counter, handlers/review and
// handlers/admin; sessions and access rules are in handlers/web; the route table is in
// handlers.
//
//	sign_in.go        to the provider, and back with a session
//	step_up.go        to the provider once more before an approval, and back to the same page
//	session.go        whether a page’s session lives
//	sign_out.go       out here, out at the provider, and signed out by the provider
//	provider.go       what is asked of the provider: code flow, UserInfo, logout tokens
//	discovery.go      its metadata: read at the first need, then hourly; checked at the start
//	provider_keys.go  how often its keys are fetched
//	identity.go       what its claims mean here: name, roles, accounts of the staff's own
//	cause.go          what the log says of a refusal
//
// Nothing of a session is in an address. The way back from the provider is the one GET
// that changes something.
package signin

import (
	"sync"

	"countersign/handlers/console"
	"countersign/handlers/web"
)

// SignIn answers the requests of staff on their way in and out. Make it with New.
type SignIn struct {
	app      *console.Pages
	provider *provider

	accountUnknown sync.Once // the log is told once that the provider names no account
}

// New makes it. The staff's provider is asked for nothing before the first sign-in, so the
// server may start before it.
func New(app *web.App) *SignIn {
	return &SignIn{app: console.New(app), provider: newProvider(app)}
}
