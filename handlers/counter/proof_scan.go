package counter

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/document"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// scan is a document that was read from a scan, without what a proofing does not need. It
// travels sealed in the session's cookie; what was scanned itself goes no further than
// document.Parse.
type scan struct {
	ID      string // names it on the page, so that no page is recorded with another's scan
	Read    document.Source
	Type    document.Type
	Issuer  string
	Number  string
	Name    plainName
	Born    document.Date
	Expires document.Date
}

// plainName is a name that can be sealed: document.Name shows itself to nobody.
type plainName document.Name

func newScan(d document.Document) *scan {
	return &scan{ID: rand.Text(), Read: d.Source, Type: d.Type, Issuer: d.Issuer, Number: d.Number,
		Name: plainName(d.Name), Born: d.Born, Expires: d.Expires}
}

// compare holds the document to the record; the answers are as models keeps them.
func (s *scan) compare(account models.Account) (name, born string) {
	return string(document.CompareNames(document.Name(s.Name), account.FullName, account.LatinName)),
		string(document.CompareDates(s.Born, account.DateOfBirth))
}

// differs returns what the document differs in, as models.DocumentCheck.Overruled has it.
func (s *scan) differs(account models.Account) []string {
	var list []string
	name, born := s.compare(account)
	if name == models.Differs {
		list = append(list, models.OverruledName)
	}
	if born == models.Differs {
		list = append(list, models.OverruledBirthDate)
	}
	return list
}

// types returns what the document can be: what it says, and of a card's machine-readable zone,
// which many states do not mark, a residence permit or an identity card.
func (s *scan) types() []document.Type {
	cards := []document.Type{document.IDCard, document.ResidencePermit}
	if s.Read == document.MRZ && slices.Contains(cards, s.Type) {
		return cards
	}
	return []document.Type{s.Type}
}

// readScan reads what came into the scan box. A document takes the place of what was
// scanned or typed before; anything else leaves the form as it was. What the scan found is
// recorded before a page shows it.
func (h *Console) readScan(c echo.Context, v visit, kept proofAgain, text string) (proofAgain, console.Problems, error) {
	ctx, today := c.Request().Context(), h.app.Store.Now().In(web.Zone(c))
	read, problems := document.Parse(strings.ReplaceAll(text, "\r\n", "\n"), today) // a form sends every line break as two
	if len(problems) > 0 {
		return kept, scanProblems(problems), nil
	}
	found := newScan(read)
	name, born := found.compare(v.account.Account)
	err := h.app.Store.RecordScan(ctx, web.SessionOf(c).ID, v.ID,
		models.ScanFindings{Read: string(found.Read), NameResult: name, BirthDateResult: born,
			Name: shownName(found.Name), BirthDate: found.Born.String()})
	if err != nil {
		return kept, nil, err
	}
	kept.Scan, kept.Differed = found, nil
	kept.Form = views.ProofForm{
		Read: found.ID, DocumentType: string(found.Type), NameMatches: name, BirthMatches: born,
		PhotoMatches: kept.Form.PhotoMatches, DocumentHandled: kept.Form.DocumentHandled, OtherCard: kept.Form.OtherCard,
	}
	return kept, h.sheet(c, v, kept).documentProblems(), nil
}

// typed gives the scanned fields up, to be typed: what the document said is the start, and
// what it differed in is remembered.
func (k proofAgain) typed(account models.Account) proofAgain {
	if k.Scan == nil {
		return k
	}
	k.Form = views.ProofForm{
		DocumentType: k.Form.DocumentType, DocumentIssuer: k.Scan.Issuer, DocumentEndless: k.Scan.Expires.Endless, DocumentNumber: k.Scan.Number,
		PhotoMatches: k.Form.PhotoMatches, DocumentHandled: k.Form.DocumentHandled, DocumentName: shownName(k.Scan.Name),
	}
	if k.Scan.Expires.Known() {
		k.Form.DocumentExpiry = k.Scan.Expires.String()
	}
	k.Differed, k.Scan = k.Scan.differs(account), nil
	return k
}

// proofProps returns what the page shows: what the rules ask for, and what was scanned beside
// the record.
func (h *Console) proofProps(c echo.Context, v visit, again proofAgain) views.ProofProps {
	ctx := c.Request().Context()
	props := views.ProofProps{
		Record: v.account.Compared(), Visit: v.facts(ctx, web.Zone(c), h.app.Store.Now()), Form: again.Form,
		Types: typeChoices(ctx, h.app.Documents, h.app.Documents.Types()),
	}
	if len(props.Types) == 1 {
		props.Form.DocumentType = props.Types[0].Value
	}
	if s := again.Scan; s != nil {
		name, born := s.compare(v.account.Account)
		if props.Form.NameMatches != models.Differs {
			props.Form.NameMatches = name
		}
		if props.Form.BirthMatches != models.Differs {
			props.Form.BirthMatches = born
		}
		props.Scan = &views.ScanFacts{
			ID: s.ID, Read: string(s.Read), Types: typeChoices(ctx, h.app.Documents, s.types()), Issuer: s.Issuer, Number: s.Number,
			Expires: shownExpiry(ctx, s.Expires), PrintedYear: s.Expires.NeedsPrintedYear(), Name: shownName(s.Name), Born: shownDate(ctx, s.Born),
			NameResult: name, BirthResult: born,
		}
	}
	return props
}

// typeChoices returns those of the types that are accepted, with what the page asks for each.
func typeChoices(ctx context.Context, rules document.Rules, types []document.Type) []views.Choice {
	var list []views.Choice
	for _, choice := range views.DocumentTypes(ctx) {
		if rule, accepted := rules.Of(document.Type(choice.Value)); accepted && slices.Contains(types, rule.Type) {
			choice.Needs = needs(rule)
			list = append(list, choice)
		}
	}
	return list
}

// shownDate returns a date for people where all of it is known.
func shownDate(ctx context.Context, d document.Date) string { return views.Day(ctx, d.String()) }

func shownExpiry(ctx context.Context, d document.Date) string {
	switch {
	case d.Endless:
		return views.Say(ctx, "no end")
	case d.NeedsPrintedYear():
		return views.Say(ctx, "a year that ends in 99, or no end")
	}
	return shownDate(ctx, d)
}

func shownName(n plainName) string {
	name, given := n.Surname, document.Name(n).Given()
	switch {
	case name == "": // the document does not say which part is the surname
		name = given
	case given != "":
		name += ", " + given
	}
	if n.Suffix != "" {
		name += ", " + n.Suffix
	}
	if document.Name(n).Truncated() {
		name += " …"
	}
	return name
}
