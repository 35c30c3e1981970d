package counter

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/document"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Bounds of a document number, in characters without blanks.
const (
	shortestNumber = 4
	longestNumber  = 40
)

var (
	issuerShape = regexp.MustCompile(`^[A-Z]{1,3}$`)                     // ISO 3166-1, or ICAO 9303's own such as D
	numberShape = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ./<-]*$`) // as printed
)

// readProofForm reads the form as it was typed, trimmed; the scan box is not of it.
func readProofForm(c echo.Context) views.ProofForm {
	field := func(name string) string { return strings.TrimSpace(web.Field(c, name)) }
	return views.ProofForm{
		DocumentType: field("document_type"), DocumentIssuer: strings.ToUpper(field("document_issuer")),
		DocumentExpiry: field("document_expiry"), DocumentEndless: field("document_endless") == "yes",
		DocumentNumber: field("document_number"), DocumentBorn: field("document_born"),
		NameMatches: field("name_matches"), NameReason: field("name_reason"), DocumentName: field("document_name"),
		BirthMatches: field("birth_matches"),
		PhotoMatches: field("photo_matches") == "yes", DocumentHandled: field("document_handled") == "yes",
		Read: field("read"), OtherCard: field("other_card") == "yes",
	}
}

// sheet is a form to be judged: typed, or the confirmation of a scan.
type sheet struct {
	form    views.ProofForm
	scan    *scan    // nil: typed
	lost    bool     // the form confirms a scan that is not there
	differs []string // what a scan that was given up differed in
	account models.Account
	rules   document.Rules
	today   time.Time // in the counter's zone: a document is good until its last day is over there
}

func (h *Console) sheet(c echo.Context, v visit, kept proofAgain) sheet {
	s := sheet{form: kept.Form, differs: kept.Differed, account: v.account.Account, rules: h.app.Documents, today: h.app.Store.Now().
		In(web.Zone(c))}
	switch {
	case s.form.Read == "" && kept.Scan != nil: // typed all the same, on another page
		s.differs = kept.Scan.differs(s.account)
	case s.form.Read != "" && (kept.Scan == nil || kept.Scan.ID != s.form.Read):
		s.lost = true
	case s.form.Read != "":
		s.scan = kept.Scan
	}
	return s
}

// rule returns what the chosen type needs. Without an accepted type it is what every type needs.
func (s sheet) rule() (document.Rule, bool) {
	rule, accepted := s.rules.Of(document.Type(s.form.DocumentType))
	if accepted {
		return rule, true
	}
	rule = s.rules[0]
	for _, other := range s.rules[1:] {
		rule.Photo, rule.Handled = rule.Photo && other.Photo, rule.Handled && other.Handled
		rule.Number, rule.Issuer, rule.Expiry = rule.Number && other.Number, rule.Issuer && other.Issuer, rule.Expiry && other.Expiry
		rule.Endless = rule.Endless || other.Endless
		rule.MinimumAge = min(rule.MinimumAge, other.MinimumAge)
	}
	return rule, false
}

// needs returns the fields that the page asks for of a type.
func needs(rule document.Rule) string {
	var list []string
	for _, need := range []struct {
		name   string
		needed bool
	}{
		{views.NeedsPhoto, rule.Photo}, {views.NeedsHandled, rule.Handled}, {views.NeedsNumber, rule.Number},
		{views.NeedsIssuer, rule.Issuer}, {views.NeedsExpiry, rule.Expiry}, {views.NeedsEndless, rule.Expiry && rule.Endless},
		{views.NeedsBorn, rule.MinimumAge > 0},
	} {
		if need.needed {
			list = append(list, need.name)
		}
	}
	if list == nil {
		return "nothing"
	}
	return strings.Join(list, " ")
}

// fields returns the document's fields, as package document judges them. Of a typed document
// only those that its type needs are read: the page has not asked for the others.
func (s sheet) fields(rule document.Rule) document.Fields {
	fields := document.Fields{Type: rule.Type, PhotoMatches: s.form.PhotoMatches, Handled: s.form.DocumentHandled}
	if s.scan != nil {
		fields.Issuer, fields.Number, fields.Born, fields.Expires = s.scan.Issuer, s.scan.Number, s.scan.Born, s.scan.Expires
		if s.asksPrintedDate() && s.printedDate() {
			fields.Expires = s.expiry()
		}
		return fields
	}
	if rule.Issuer {
		fields.Issuer = s.form.DocumentIssuer
	}
	if rule.Number {
		fields.Number = s.form.DocumentNumber
	}
	if rule.Expiry {
		fields.Expires = s.expiry()
	}
	if rule.MinimumAge > 0 {
		fields.Born = typedDate(s.form.DocumentBorn, document.ReadBirthDate(s.form.DocumentBorn, s.today))
	}
	return fields
}

// check returns the sheet as models takes it. Call it only when there are no problems.
func (s sheet) check() models.DocumentCheck {
	rule, _ := s.rule()
	fields := s.fields(rule)
	check := models.DocumentCheck{
		Type: string(fields.Type), Issuer: fields.Issuer, Expiry: fields.Expires.String(), Number: fields.Number,
		NameResult: s.form.NameMatches, BirthDateResult: s.form.BirthMatches, Read: models.ReadTyped,
		PhotoMatches: rule.Photo && fields.PhotoMatches, DocumentHandled: rule.Handled && fields.Handled,
	}
	if check.NameResult == models.Differs && slices.Contains(term.NameReasons(), term.NameReason(s.form.NameReason)) {
		check.NameReason = s.form.NameReason
	}
	check.Name, check.BirthDate = s.form.DocumentName, fields.Born.String()
	if s.scan != nil {
		check.Read = string(s.scan.Read)
		if check.Name == "" {
			check.Name = shownName(s.scan.Name)
		}
		return check
	}
	if slices.Contains(s.differs, models.OverruledName) && check.NameResult != models.Differs {
		check.Overruled = append(check.Overruled, models.OverruledName)
	}
	if slices.Contains(s.differs, models.OverruledBirthDate) && check.BirthDateResult != models.Differs {
		check.Overruled = append(check.Overruled, models.OverruledBirthDate)
	}
	return check
}

// problems names everything that is to mend, in the order of the page.
func (s sheet) problems() console.Problems {
	if s.lost {
		return console.Problems{{Field: "scan", Text: views.SayLater(
			"This page was for another scan. Scan the document again, or type its fields.")}}
	}
	list := slices.Concat(s.shapes(), s.documentProblems(), s.statements(), s.comparisons())
	order := []string{"scan", "document_type", "document_issuer", "document_expiry", "document_number", "document_born",
		"name_matches", "document_name", "name_reason", "birth_matches", "photo_matches", "document_handled"}
	slices.SortStableFunc(list, func(a, b console.Problem) int { return slices.Index(order, a.Field) - slices.Index(order, b.Field) })
	return slices.CompactFunc(list, func(a, b console.Problem) bool { return a.Field == b.Field && a.Field != "scan" })
}

// shapes returns what is wrong with the form of what was typed.
func (s sheet) shapes() console.Problems {
	rule, _ := s.rule()
	fields := s.fields(rule)
	list := s.dateShapes(rule)
	if s.scan != nil {
		return list
	}
	if fields.Issuer != "" && !issuerShape.MatchString(fields.Issuer) {
		list.Add("document_issuer", views.SayLater("Enter the issuing country by its code of 1 to 3 letters."))
	}
	length := utf8.RuneCountInString(strings.Join(strings.Fields(fields.Number), ""))
	switch {
	case fields.Number == "":
	case length < shortestNumber || length > longestNumber:
		list.Add("document_number", views.SayLater("A document number has 4 to 40 characters."))
	case !numberShape.MatchString(fields.Number):
		list.Add("document_number", views.SayLater("Enter the document number as it is printed: letters, digits, dashes."))
	}
	if fields.Born.Year != 0 && !fields.Born.Known() {
		list.Add("document_born", realDate())
	}
	return list
}

// comparisons returns what is wrong with the operator's comparisons. Each needs an answer.
// "Not on record" must be true, and no answer may be better than the server's own comparison
// of a scan or of a typed date of birth.
func (s sheet) comparisons() console.Problems {
	name, born := "", ""
	rule, _ := s.rule()
	if s.scan != nil {
		name, born = s.scan.compare(s.account)
	} else if date := s.fields(rule).Born; date.Known() {
		born = string(document.CompareDates(date, s.account.DateOfBirth))
	}
	var list console.Problems
	if words, wrong := answer(s.form.NameMatches, s.account.FullName, name, nameAnswers()); wrong {
		list.Add("name_matches", words)
	}
	if s.form.NameMatches == models.Differs && s.form.NameReason != views.NoNameReason &&
		!slices.Contains(term.NameReasons(), term.NameReason(s.form.NameReason)) {
		list.Add("name_reason", views.SayLater("The name differs: choose a reason."))
	}
	list = append(list, s.documentName()...)
	if words, wrong := answer(s.form.BirthMatches, s.account.DateOfBirth, born, birthAnswers()); wrong {
		list.Add("birth_matches", words)
	}
	return list
}

// documentName returns what is wrong with the name as the document gives it. A second person is
// to judge it, so it is asked for where nothing was scanned.
func (s sheet) documentName() console.Problems {
	var list console.Problems
	switch length := utf8.RuneCountInString(s.form.DocumentName); {
	case s.form.NameMatches != models.Differs || s.form.NameReason == views.NoNameReason:
	case length > models.LongestDocumentName:
		list.Add("document_name", views.SayLater("A name has %d characters at most here.", models.LongestDocumentName))
	case length == 0 && s.scan == nil:
		list.Add("document_name", views.SayLater("Write the name as the document gives it: a second person is to judge it."))
	}
	return list
}

// answer judges what the operator found; computed is what the server did, "" for nothing.
func answer(given, record, computed string, words answerWords) (_ views.Later, wrong bool) {
	switch {
	case !slices.Contains([]string{models.Matches, models.Differs, models.NotOnRecord}, given):
		return words.none, true
	case given == models.NotOnRecord && record != "":
		return words.onRecord, true
	case computed != "" && given != computed && given != models.Differs:
		return words.better, true
	}
	return views.Later{}, false
}
