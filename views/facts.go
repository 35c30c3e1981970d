package views

// AccountFacts is what a person at the counter is compared with.
type AccountFacts struct {
	ID          string
	Name        string // as on the ID card
	LatinName   string // the same in Latin letters; "" when it is not on record
	BirthDate   string // "" shows "not on record"
	Identifiers []string
	Status      string // in words, for example "active" or "suspended"
	NotActive   bool   // nothing can be approved; shows the status as a warning
}

// RequestFacts is one device authorization as staff see it: never its code.
type RequestFacts struct {
	ID                string
	App               string // registered client name
	Publisher         string // registered publisher whose app it is or says it is
	PublisherVerified bool   // the publisher has signed for it
	DeviceName        string // self-asserted by the device; "" when it sent none
	DeviceDescription string // self-asserted by the device
	Asked             string // how long ago: "2 days ago"
	StartedFrom       string // address or place that the request came from
	Deadline          string // end of the pending window
}

// ScopeFacts is one scope with what it lets the app do, in plain words.
type ScopeFacts struct {
	Name    string
	Meaning string
}

// ProofingFacts is the recorded check of an ID document.
type ProofingFacts struct {
	DocumentType    string // in words
	DocumentIssuer  string
	DocumentExpiry  string
	Endless         bool   // the document has no end: DocumentExpiry says nothing then
	NumberEnding    string // the last four characters
	NameResult      string // ResultMatches, ResultDiffers or ResultNotOnRecord
	NameReason      string // why a differing name is the same person's, as a code; "" when nobody said
	BirthResult     string // as NameResult
	Read            string // how the fields were read: "typed", "mrz" or "pdf417"
	Overruled       bool   // an earlier scan or check found a difference that this one does not
	OverruledReason string // what the operator says of it; "" for nothing
	PhotoMatches    bool
	DocumentHandled bool
	RecordedAt      string
}

// Visit is what the pages of a claimed request share.
type Visit struct {
	ID         string // of the device authorization; part of the addresses
	ClaimUntil string // when the claim lapses, for example "14:21"
	Until, Now string // the same, and the server's clock, for the timer: RFC 3339
	Longest    bool   // the claim lasts as long as one can
	Proved     bool   // the device proved its key when it was matched
	Account    AccountFacts
	Request    RequestFacts
}
