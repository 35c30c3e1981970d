package views

import (
	"context"
	"slices"
	"strings"

	"countersign/audit/term"
)

// ProofProps is the ID document step.
type ProofProps struct {
	Visit
	Record   string    // names the record that stands beside the form
	Differed []string  // what an earlier scan or check found to differ; shown where not empty
	Types    []Choice  // the accepted types, each with what it needs
	Form     ProofForm // what was typed, kept when something is to mend
	Scan     *ScanFacts
}

// ProofForm holds the fields scan, which is never shown again, document_type,
// document_issuer, document_expiry, document_endless, document_number, document_born,
// name_matches, name_reason, document_name, birth_matches, photo_matches and document_handled; the last two
// and document_endless are checkboxes with the value "yes". read names the scan that the page shows, and drop=yes
// asks to type instead.
type ProofForm struct {
	DocumentType    string
	DocumentIssuer  string
	DocumentExpiry  string
	DocumentEndless bool // the document has no end
	DocumentNumber  string
	DocumentBorn    string
	NameMatches     string
	NameReason      string
	DocumentName    string // as the document gives it, where it differs
	BirthMatches    string
	PhotoMatches    bool
	DocumentHandled bool
	Read            string
	OtherCard       bool // other_card=yes: what differed before was of somebody else's card
}

// ScanFacts is what a scan gave, beside the record.
type ScanFacts struct {
	ID          string   // of the scan, for the form
	Read        string   // how it was read: "mrz" or "pdf417"
	Types       []Choice // that it can be
	Issuer      string
	Number      string // shown to be compared with the card; never kept
	Expires     string // "" where the document does not say it
	PrintedYear bool   // the year of Expires has two digits that do not tell it: the printed date is asked for
	Name        string
	Born        string
	NameResult  string // what the server found
	BirthResult string
}

// The values of needs, of a choice of document_type.
const (
	NeedsPhoto   = "photo"
	NeedsHandled = "handled"
	NeedsNumber  = "number"
	NeedsIssuer  = "issuer"
	NeedsExpiry  = "expiry"
	NeedsEndless = "endless" // or the statement that there is none
	NeedsBorn    = "born"
)

// NoNameReason is the value of name_reason when none of NameReasons is true.
const NoNameReason = "none"

// nameReasons are NameReasons, and that none is true.
func nameReasons(ctx context.Context) []Choice {
	return append(NameReasons(ctx), Choice{
		Value: NoNameReason, Label: say(ctx, "None of these"),
		Hint: say(ctx, "It may be another person. Nothing can be approved; you decline on the next page."),
	})
}

// found are the answers about a scanned document: what the server found, or that the
// operator sees a difference all the same. Never better than what was found.
func found(ctx context.Context, result string) []Choice {
	var list []Choice
	for _, c := range ComparisonResults(ctx) {
		if c.Value == result || c.Value == ResultDiffers {
			list = append(list, c)
		}
	}
	return list
}

// readWords says how a document was read; of an older record that does not say it, by hand.
func readWords(ctx context.Context, read string) string {
	if read == "" {
		read = string(term.ReadTyped)
	}
	return say(ctx, term.DocumentRead(read).Label())
}

func receiptRead(ctx context.Context, read string) string {
	if read == "" {
		return ""
	}
	return say(ctx, "Checked by the operator; %s", readWords(ctx, read))
}

func nameOnRecord(ctx context.Context, account AccountFacts) string {
	if account.LatinName == "" {
		return say(ctx, "Record: %s", isolate(account.Name))
	}
	return say(ctx, "Record: %s; in Latin letters: %s", isolate(account.Name), isolate(account.LatinName))
}

func birthOnRecord(ctx context.Context, account AccountFacts) string {
	if account.BirthDate == "" {
		return say(ctx, "not on record")
	}
	return account.BirthDate
}

// asksEndless says whether a document of some type may have no end.
func asksEndless(types []Choice) bool {
	return slices.ContainsFunc(types, func(c Choice) bool { return slices.Contains(strings.Fields(c.Needs), NeedsEndless) })
}

// asksBorn says whether some type has a minimum age.
func asksBorn(types []Choice) bool {
	return slices.ContainsFunc(types, func(c Choice) bool { return slices.Contains(strings.Fields(c.Needs), NeedsBorn) })
}
