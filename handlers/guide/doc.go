// Package guide has the pages that explain: Help, for each role, and where people and accounts
// are invented how one person practises a visit alone.
//
//	help.go      the texts of docs/help as pages; names.go says for whom they are
//	practice.go  the page to practise from
//	cards.go     the documents of nobody that it offers
package guide

import "countersign/handlers/web"

// Guide answers everybody. Make it with New.
type Guide struct {
	app   *web.App
	texts *helpTexts
}

// New makes the pages that explain.
func New(app *web.App) *Guide { return &Guide{app: app, texts: newHelpTexts()} }
