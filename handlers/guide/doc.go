// Package guide has the pages that explain: how one person practises a visit alone, where
// people and accounts are invented.
//
//	practice.go  the page to practise from
//	cards.go     the documents of nobody that it offers
package guide

import "countersign/handlers/web"

// Guide answers everybody. Make it with New.
type Guide struct{ app *web.App }

// New makes the pages that explain.
func New(app *web.App) *Guide { return &Guide{app: app} }
