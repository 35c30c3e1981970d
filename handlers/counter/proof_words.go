package counter

import (
	"context"

	"countersign/models/document"
	"countersign/views"
)

// The words of what is wrong with a scan or a form (counter.md, screen 3). None of them
// repeats what was scanned.

// scanProblems says why a scan gave no document.
func scanProblems(ctx context.Context, problems []document.Problem) []views.FieldError {
	var list []views.FieldError
	for _, p := range problems {
		list = append(list, views.FieldError{Field: "scan", Message: scanWords(ctx, p)})
	}
	return list
}

func scanWords(ctx context.Context, p document.Problem) string {
	switch field := fieldWords(ctx, p.Field); p.Kind {
	case document.CheckDigit:
		return views.Say(ctx, "Check digit wrong in line %d (%s). Scan again or type it.", p.Line, field)
	case document.LineLength:
		return views.Say(ctx, "Line %d has not the right length. Scan again or type it.", p.Line)
	case document.Unreadable:
		if p.Line > 0 {
			return views.Say(ctx, "Line %d cannot be read (%s). Scan again or type it.", p.Line, field)
		}
		return views.Say(ctx, "The code cannot be read (%s). Scan again or type it.", field)
	case document.Conflicting:
		return views.Say(ctx, "The code says two things (%s). Type the fields.", field)
	case document.Missing:
		return views.Say(ctx, "The code does not say this: %s. Scan again or type the fields.", field)
	case document.NotADate:
		return views.Say(ctx, "That is no real date (%s). Scan again or type it.", field)
	}
	return wholeScanWords(ctx, p.Kind)
}

// wholeScanWords are of what concerns no single field.
func wholeScanWords(ctx context.Context, kind document.Kind) string {
	switch kind {
	case document.Empty:
		return views.Say(ctx, "Scan the document or type its fields.")
	case document.IsUserCode:
		return views.Say(ctx, "That is the phone’s code. Scan the ID document.")
	case document.IsPresenceProof:
		return views.Say(ctx, "That is the phone’s proof. Scan the ID document.")
	case document.IsURL:
		return views.Say(ctx, "That is the address of a page. Scan the ID document.")
	case document.Unsupported:
		return views.Say(ctx, "This kind of code cannot be read. Type the fields.")
	case document.StoppedEarly:
		return views.Say(ctx, "The scan stopped early. Scan again or type it.")
	case document.LineBreaksDropped:
		return views.Say(ctx, "The scanner drops line breaks: open the scanner test.")
	case document.KeyboardLayout:
		return views.Say(ctx, "The scanner’s keyboard layout is wrong: open the scanner test.")
	case document.NotAccepted:
		return notAccepted(ctx)
	}
	return views.Say(ctx, "That is no ID document.")
}

func fieldWords(ctx context.Context, field document.Field) string {
	switch field {
	case document.FieldType:
		return views.Say(ctx, "document type")
	case document.FieldIssuer:
		return views.Say(ctx, "issuing country")
	case document.FieldNumber:
		return views.Say(ctx, "document number")
	case document.FieldName:
		return views.Say(ctx, "name")
	case document.FieldNationality:
		return views.Say(ctx, "nationality")
	case document.FieldBorn:
		return views.Say(ctx, "date of birth")
	case document.FieldSex:
		return views.Say(ctx, "sex")
	case document.FieldExpires:
		return views.Say(ctx, "expiry date")
	case document.FieldOptional:
		return views.Say(ctx, "optional data")
	case document.FieldWhole:
		return views.Say(ctx, "the whole")
	}
	return views.Say(ctx, "the scan")
}

// documentProblems are what the rules say of the document itself, scanned or typed. Those of
// a scan stand at the scan box: its fields cannot be mended, only typed instead.
func (s sheet) documentProblems(ctx context.Context) []views.FieldError {
	rule, chosen := s.rule()
	var list []views.FieldError
	if s.scan != nil && !chosen {
		return []views.FieldError{{Field: "scan", Message: notAccepted(ctx)}}
	}
	if !chosen || s.scan != nil && len(typeChoices(ctx, document.Rules{rule}, s.scan.types())) == 0 {
		list = append(list, views.FieldError{Field: "document_type", Message: views.Say(ctx, "Choose what the document is.")})
	}
	for _, p := range document.Check(s.fields(rule), document.Rules{rule}, s.today) {
		field, known := map[document.Field]string{
			document.FieldIssuer: "document_issuer", document.FieldNumber: "document_number",
			document.FieldBorn: "document_born", document.FieldExpires: "document_expiry",
		}[p.Field]
		switch {
		case !known: // the two statements
		case s.scan != nil && p.Kind == document.Missing:
			list = append(list, views.FieldError{Field: "scan", Message: views.Say(ctx, "The document does not say this: %s. Choose “Type it instead”.", fieldWords(ctx, p.Field))})
		case s.scan != nil:
			list = append(list, views.FieldError{Field: "scan", Message: s.documentWords(ctx, p, rule)})
		default:
			list = append(list, views.FieldError{Field: field, Message: s.documentWords(ctx, p, rule)})
		}
	}
	return list
}

func (s sheet) documentWords(ctx context.Context, p document.Problem, rule document.Rule) string {
	switch p.Kind {
	case document.Expired:
		return views.Say(ctx, "Expired on %s. An expired document cannot be used. Use another one, or choose Decline… below the form.",
			views.Day(ctx, s.fields(rule).Expires.String()))
	case document.UnderAge:
		return views.Say(ctx, "The person is under the age of %d. Choose Decline… below the form.", rule.MinimumAge)
	case document.NotADate:
		return realDate(ctx)
	}
	switch p.Field {
	case document.FieldIssuer:
		return views.Say(ctx, "Enter the issuing country by its code of 1 to 3 letters.")
	case document.FieldNumber:
		return views.Say(ctx, "Enter the document number.")
	case document.FieldBorn:
		return views.Say(ctx, "Enter the date of birth as it is printed.")
	}
	return views.Say(ctx, "Enter the date until which the document is valid.")
}

// statements are what the operator has not said that they did.
func (s sheet) statements(ctx context.Context) []views.FieldError {
	rule, _ := s.rule()
	var list []views.FieldError
	if rule.Photo && !s.form.PhotoMatches {
		list = append(list, views.FieldError{Field: "photo_matches",
			Message: views.Say(ctx, "Compare the photo with the person. If it does not match, choose Decline… below the form.")})
	}
	if rule.Handled && !s.form.DocumentHandled {
		list = append(list, views.FieldError{Field: "document_handled",
			Message: views.Say(ctx, "Take the document in your hand. A picture or a copy is not enough.")})
	}
	return list
}

func notAccepted(ctx context.Context) string {
	return views.Say(ctx, "This kind of document is not accepted here. Use another one, or choose Decline… below the form.")
}

func realDate(ctx context.Context) string {
	return views.Say(ctx, "Enter a real date as year-month-day, for example 2030-05-31.")
}

// answerWords are of one comparison: no answer; "not on record", which is not so; better
// than the server's own.
type answerWords struct{ none, onRecord, better string }

func nameAnswers(ctx context.Context) answerWords {
	return answerWords{
		none:     views.Say(ctx, "Compare the name with the record, and say what you found."),
		onRecord: views.Say(ctx, "The name is on record. Say whether it matches or differs."),
		better:   views.Say(ctx, "The name that was scanned differs from the record. Choose a reason, or “Type it instead” if the card says something else."),
	}
}

func birthAnswers(ctx context.Context) answerWords {
	return answerWords{
		none:     views.Say(ctx, "Compare the date of birth with the record, and say what you found."),
		onRecord: views.Say(ctx, "The date of birth is on record. Say whether it matches or differs."),
		better:   views.Say(ctx, "The date of birth that was entered or scanned differs from the record."),
	}
}
