package counter

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Bounds of a document number, in characters without blanks.
const (
	shortestNumber = 4
	longestNumber  = 40
)

var (
	issuerShape = regexp.MustCompile(`^[A-Z]{2,3}$`)                     // ISO 3166-1, or ICAO 9303's own such as D
	numberShape = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ./<-]*$`) // as printed
)

// readProofForm reads the form as it was typed, trimmed.
func readProofForm(c echo.Context) views.ProofForm {
	field := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	return views.ProofForm{
		DocumentType: field("document_type"), DocumentIssuer: strings.ToUpper(field("document_issuer")),
		DocumentExpiry: field("document_expiry"), DocumentNumber: field("document_number"),
		NameMatches: field("name_matches"), BirthMatches: field("birth_matches"),
		PhotoMatches: field("photo_matches") == "yes", DocumentHandled: field("document_handled") == "yes",
	}
}

// checkProofForm names everything that is to mend, in the order of the page. today is
// the counter's day: a document is good until its last day is over there.
func checkProofForm(form views.ProofForm, account models.Account, today time.Time) []views.FieldError {
	var problems []views.FieldError
	add := func(field, message string) {
		if message != "" {
			problems = append(problems, views.FieldError{Field: field, Message: message})
		}
	}
	add("document_type", chosen(form.DocumentType, views.DocumentTypes(), "Choose what the document is."))
	add("document_issuer", fits(issuerShape.MatchString(form.DocumentIssuer), "Enter the issuing country by its code of 2 or 3 letters."))
	add("document_expiry", checkExpiry(form.DocumentExpiry, today))
	add("document_number", checkNumber(form.DocumentNumber))
	add("name_matches", comparison(form.NameMatches, account.FullName, "name"))
	add("birth_matches", comparison(form.BirthMatches, account.DateOfBirth, "date of birth"))
	add("photo_matches", fits(form.PhotoMatches, "Compare the photo with the person. If it does not match, choose Decline… below the form."))
	add("document_handled", fits(form.DocumentHandled, "Take the document in your hand. A picture or a copy is not enough."))
	return problems
}

func fits(ok bool, problem string) string {
	if ok {
		return ""
	}
	return problem
}

func chosen(value string, choices []views.Choice, problem string) string {
	return fits(slices.ContainsFunc(choices, func(c views.Choice) bool { return c.Value == value }), problem)
}

func checkExpiry(typed string, today time.Time) string {
	expiry, err := time.Parse(time.DateOnly, typed)
	switch {
	case typed == "":
		return "Enter the date until which the document is valid."
	case err != nil:
		return "Enter a real date as year-month-day, for example 2030-05-31."
	case typed < today.Format(time.DateOnly):
		return "Expired on " + expiry.Format("2 January 2006") + ". An expired document cannot be used. Use another one, or choose Decline… below the form."
	}
	return ""
}

func checkNumber(typed string) string {
	length := utf8.RuneCountInString(strings.Join(strings.Fields(typed), ""))
	switch {
	case typed == "":
		return "Enter the document number."
	case length < shortestNumber || length > longestNumber:
		return "A document number has 4 to 40 characters."
	case !numberShape.MatchString(typed):
		return "Enter the document number as it is printed: letters, digits, dashes."
	}
	return ""
}

// comparison wants an answer, and no "not on record" about what is on record.
func comparison(answer, record, what string) string {
	if problem := chosen(answer, views.ComparisonResults(), "Compare the "+what+" with the record, and say what you found."); problem != "" {
		return problem
	}
	return fits(answer != views.ResultNotOnRecord || record == "", "The "+what+" is on record. Say whether it matches or differs.")
}

// documentCheck is a checked form as models takes it.
func documentCheck(form views.ProofForm) models.DocumentCheck {
	return models.DocumentCheck{
		Type: form.DocumentType, Issuer: form.DocumentIssuer, Expiry: form.DocumentExpiry, Number: form.DocumentNumber,
		NameResult: form.NameMatches, BirthDateResult: form.BirthMatches,
		PhotoMatches: form.PhotoMatches, DocumentHandled: form.DocumentHandled,
	}
}
