package views

import "net/url"

// PathNotMe is where the links of notices lead.
const PathNotMe = "/not-me/"

// NotMePath is the page of one link, and where its form posts.
func NotMePath(token string) string { return PathNotMe + url.PathEscape(token) }

// NotMeProps is the page that the link of a notice opens.
type NotMeProps struct {
	Action      string
	App         string // what it calls itself
	DeviceName  string // what it calls itself; "" when it says nothing
	RequestedAt string
	Connected   bool
	Approved    bool
	Over        bool   // neither, and nothing waits any more: confirming only tells staff
	DoneAt      string // "" as long as nobody has confirmed
	Ended       bool   // there was something to end
}
