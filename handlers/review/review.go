// Package review is the supervisors' part of the console: the audit trail with names,
// the page of one request, and the ways back: recall before the device redeems, revoke
// after, unlock after too many wrong codes. What all handlers share is in handlers/web;
// the route table is in handlers.
//
//	events.go    the trail, newest first, by type, a page at a time
//	request.go   one device authorization with everything known about it
//	recall.go    recall and revoke
//	unlock.go    codes may be entered for an account again
package review

import (
	"countersign/handlers/web"
)

// Review answers the requests of supervisors. Make it with New.
type Review struct{ app *web.App }

// New makes the supervisors' part.
func New(app *web.App) *Review { return &Review{app: app} }
