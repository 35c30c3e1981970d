package views

// EventProps is one event of the trail with its proof.
type EventProps struct {
	EventRow
	Facts   []NamedFact // what else it says, in words
	Verdict Verdict

	Number     string   // of the entry, as a receipt has it
	Leaf       string   // its hash in the tree, base64
	Checkpoint string   // that the proof is for, a signed note; "" when there is no proof
	Proof      []string // the hashes from the leaf up, base64; none: there is no proof, or the tree has one leaf

	Header, Claims string // of the token, indented JSON; "" when it is none
	Token          string // whole, as it was signed

	PreviousURL, NextURL string // the events before and after it of the same request; "" for none
	TrailURL             string // its place in the trail
}

// NamedFact is a fact with its name. URL is "" where it leads nowhere; OpenURL is what a form posts to, where a record is to be
// opened first.
type NamedFact struct{ Name, Value, URL, OpenURL string }

// Verdict is whether an entry is what was written, as found while the page was made.
type Verdict struct {
	Good   bool
	Title  string
	Lines  []string
	Detail string // what the verifier says, in English; "" when all is well
}
