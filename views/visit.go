package views

import "slices"

// DecideProps is the page to check everything on before the decision.
// Field of the decline form: reason.
type DecideProps struct {
	Visit
	Proofing       ProofingFacts
	Scopes         []ScopeFacts
	Checks         []FraudCheck
	Differences    []DocumentDifference
	RedeemBy       string // what the redemption window would end at
	Blocked        string // why approval is refused; "" when it may be approved
	SecondApproval SecondApprovalPart
	Shown          string   // what the page shows, sealed: FieldShown
	Changed        *Changed // what has changed since the page was read; nil: nothing
	FallsWith      FallsWith
	Looked         []string // kinds of the cautions that were ticked before
}

// DocumentDifference is what a document says in other words than the record.
type DocumentDifference struct {
	Read      string // as ProofingFacts has it
	Name      string // "" where it does not differ
	BirthDate string // "" where it does not differ
	At        string
}

// FallsWith is what a decline as suspicious would end as well.
type FallsWith struct {
	Others string // how many further requests; "" for none
	Spared int    // sessions handle these
}

// FieldShown is the field in which a form says what its page showed, and HeaderShown how a
// part of the page that refreshes itself says it.
const (
	FieldShown  = "shown"
	HeaderShown = "X-Shown"
)

// Changed is what is another now than a page showed. Without facts the page did not say.
type Changed struct{ Facts []ChangedFact }

// ChangedFact is one of it, in words.
type ChangedFact struct{ Label, Before, Now string }

// FraudCheck is one fact that could speak against approving.
type FraudCheck struct {
	Kind     string // names it in the form to approve; "" for one that is never a caution
	Label    string
	Value    string
	Caution  bool // this one should make the operator stop and think
	OfDevice bool // stands with the device's own facts while it is no caution
	OfApp    bool // the app's own facts say it already: it is shown as a caution only
}

// TicksFrom is how many cautions ask for a tick on each before the approval.
const TicksFrom = 3

// FieldLooked is the field that the ticks have in common: its values are kinds of cautions. With
// FieldOnlyLooked nothing is approved: the page comes again with what was ticked.
const (
	FieldLooked     = "looked"
	FieldOnlyLooked = "only-looked"
)

// cautions are what is to be looked at.
func (p DecideProps) cautions() []FraudCheck {
	return chosen(p.Checks, func(c FraudCheck) bool { return c.Caution })
}

// quietFacts are facts of one value.
type quietFacts struct {
	Labels []string
	Value  string
}

// quiet is what is as it should be and stands nowhere else, those of one value together.
func (p DecideProps) quiet() []quietFacts {
	var list []quietFacts
	for _, c := range p.Checks {
		if c.Caution || c.OfDevice || c.OfApp {
			continue
		}
		at := slices.IndexFunc(list, func(q quietFacts) bool { return q.Value == c.Value })
		if at < 0 {
			at, list = len(list), append(list, quietFacts{Value: c.Value})
		}
		list[at].Labels = append(list[at].Labels, c.Label)
	}
	return list
}

// ofDevice are what stands with the device's own facts.
func (p DecideProps) ofDevice() []FraudCheck {
	return chosen(p.Checks, func(c FraudCheck) bool { return !c.Caution && c.OfDevice })
}

// Ticks are the cautions that each want a tick; none while they are few.
func (p DecideProps) Ticks() []FraudCheck {
	if marked := p.cautions(); len(marked) >= TicksFrom {
		return marked
	}
	return nil
}

func chosen(checks []FraudCheck, is func(FraudCheck) bool) []FraudCheck {
	return slices.DeleteFunc(slices.Clone(checks), func(c FraudCheck) bool { return !is(c) })
}

// DeclineProps asks why a request is declined before its document is checked.
// Field: reason.
type DeclineProps struct {
	ID      string // of the device authorization
	BackURL string // to where the operator comes from
	Account AccountFacts
	Request RequestFacts

	FallsWith FallsWith
}

// DeclinedProps is the durable page about a decline. Account, AccountName, DeviceName,
// Reason, DeclinedBy and Suspicious are for the operator alone.
type DeclinedProps struct {
	Number         string
	App            string
	DeclinedAt     string
	CounterName    string
	CounterAddress string
	LogPosition    string
	LogHash        string // by which the log commits to the entry
	FileURL        string // the entry with its proof
	Told           string // the reason as far as the device says it too; "" says none
	Account        string // its id
	AccountName    string
	DeviceName     string
	Reason         string
	DeclinedBy     string
	Suspicious     bool
}

// ReceiptProps is the durable page about an approval. It carries no card
// number and no code.
type ReceiptProps struct {
	Heading           string // what holds now: "" for "Device approved"
	Number            string
	ApprovedAt        string
	CounterName       string
	CounterAddress    string
	AccountName       string
	App               string
	Publisher         string
	PublisherVerified bool
	DeviceName        string
	Called            string // the binding's label, where staff have changed it
	DevicesOf         string // the account whose devices may be seen now; "" for nobody's
	MayRecall         bool   // whoever reads it may take the approval back; field: reason
	MayLabel          bool   // whoever reads it approved it, and may change the label
	Label             string // what the field for it holds; field: label
	Visit             string // whose receipt it is
	Scopes            []ScopeFacts
	RedeemBy          string // deadline for getting online
	Read              string // how the ID document was read, as ProofingFacts has it; "" for nothing to say
	Presence          string // whether the device at the counter proved that it asked
	LogPosition       string
	LogHash           string // by which the log commits to the entry
	NotMe             string // how to say "this was not me"; "" for the counter
	ConnectedAt       string // "" as long as the device has not connected
	Changed           string // what happened since, for example "Recalled on …"
}
