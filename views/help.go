package views

import "net/url"

// HelpProps is a text of docs/help as a page.
type HelpProps struct {
	Text     string // markup of ours, with the page's one h1
	Language string // of the text, where it is another than the page's
	BackURL  string // where the reader was; "" for nowhere
	OfVisit  bool   // that is a visit
	Pages    []HelpLink
}

// HelpIndexProps is the page that says for whom there is help.
type HelpIndexProps struct{ Pages []HelpLink }

// HelpLink is one page of help.
type HelpLink struct {
	URL     string
	Readers string // for whom it is
	Current bool
}

// HelpPath is the page of help for an audience of docs/help, which leads back to a page of
// ours; from "" leads nowhere.
func HelpPath(audience, from string) string {
	path := PathHelp + "/" + url.PathEscape(audience)
	if from == "" {
		return path
	}
	return path + "?" + url.Values{"from": {from}}.Encode()
}
