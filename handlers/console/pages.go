package console

import "countersign/handlers/web"

// Pages is the server, with what the pages of staff share. Make it with New.
type Pages struct{ *web.App }

// New returns the shared pages of a server.
func New(app *web.App) *Pages { return &Pages{app} }
