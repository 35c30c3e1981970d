package views

// VisitSeen is a visit as it was: what its events say of how it went, beside what is on record.
type VisitSeen struct {
	Steps   []NamedFact // how long each took, in the order of a visit
	Marks   []SeenEvent // what stood out
	Looked  []SeenEvent // who opened the record, or acted on the request: the first of each
	Decided bool
	Changed []SeenEvent // what was changed of the record, or of the app, since the decision
}

// SeenEvent is one event in few words, which lead to its page.
type SeenEvent struct {
	Time   string
	Text   string
	Who    string
	WhoURL string
	URL    string
}
