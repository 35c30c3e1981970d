package counter

import (
	"slices"

	"countersign/handlers/console"
	"countersign/models/document"
	"countersign/views"
)

// The words of what is wrong with a scan or a form (docs/counter.md §1.3). None of them
// repeats what was scanned.

// scanProblems says why a scan gave no document.
func scanProblems(problems []document.Problem) console.Problems {
	var list console.Problems
	for _, p := range problems {
		list.Add("scan", scanWords(p))
	}
	return list
}

func scanWords(p document.Problem) views.Later {
	switch field := fieldWords(p.Field); p.Kind {
	case document.CheckDigit:
		return views.SayLater("Check digit wrong in line %d (%s). Scan again or type it.", p.Line, field)
	case document.LineLength:
		return views.SayLater("Line %d has not the right length. Scan again or type it.", p.Line)
	case document.Unreadable:
		if p.Line > 0 {
			return views.SayLater("Line %d cannot be read (%s). Scan again or type it.", p.Line, field)
		}
		return views.SayLater("The code cannot be read (%s). Scan again or type it.", field)
	case document.Damaged:
		return views.SayLater("Characters of the code are damaged (%s). Type the fields.", field)
	case document.Conflicting:
		return views.SayLater("The code says two things (%s). Type the fields.", field)
	case document.Missing:
		return views.SayLater("The code does not say this: %s. Scan again or type the fields.", field)
	case document.NotADate:
		return views.SayLater("That is no real date (%s). Scan again or type it.", field)
	}
	return wholeScanWords(p.Kind)
}

// wholeScanWords returns the words of a problem that concerns no single field.
func wholeScanWords(kind document.Kind) views.Later {
	switch kind {
	case document.Empty:
		return views.SayLater("Scan the document or type its fields.")
	case document.IsUserCode:
		return views.SayLater("That is the phone’s code. Scan the ID document.")
	case document.IsPresenceProof:
		return views.SayLater("That is the phone’s proof. Scan the ID document.")
	case document.IsURL:
		return views.SayLater("That is the address of a page. Scan the ID document.")
	case document.Unsupported:
		return views.SayLater("This kind of code cannot be read. Type the fields.")
	case document.StoppedEarly:
		return views.SayLater("The scan stopped early. Scan again or type it.")
	case document.LineBreaksDropped:
		return views.SayLater("The scanner drops line breaks: open the scanner test.")
	case document.KeyboardLayout:
		return views.SayLater("The scanner’s keyboard layout is wrong: open the scanner test.")
	case document.NotAccepted:
		return notAccepted()
	}
	return views.SayLater("That is no ID document.")
}

func fieldWords(field document.Field) views.Later {
	switch field {
	case document.FieldType:
		return views.SayLater("document type")
	case document.FieldIssuer:
		return views.SayLater("issuing country")
	case document.FieldNumber:
		return views.SayLater("document number")
	case document.FieldName:
		return views.SayLater("name")
	case document.FieldNationality:
		return views.SayLater("nationality")
	case document.FieldBorn:
		return views.SayLater("date of birth")
	case document.FieldSex:
		return views.SayLater("sex")
	case document.FieldExpires:
		return views.SayLater("expiry date")
	case document.FieldOptional:
		return views.SayLater("optional data")
	case document.FieldWhole:
		return views.SayLater("the whole")
	}
	return views.SayLater("the scan")
}

// documentProblems returns what the rules say of the document itself, scanned or typed. Those of
// a scan stand at the scan box: its fields cannot be mended, only typed instead.
func (s sheet) documentProblems() console.Problems {
	rule, chosen := s.rule()
	var list console.Problems
	if s.scan != nil && !chosen {
		return console.Problems{{Field: "scan", Text: notAccepted()}}
	}
	if !chosen || s.scan != nil && !slices.Contains(s.scan.types(), rule.Type) {
		list.Add("document_type", views.SayLater("Choose what the document is."))
	}
	for _, p := range document.Check(s.fields(rule), document.Rules{rule}, s.today) {
		field, known := map[document.Field]string{
			document.FieldIssuer: "document_issuer", document.FieldNumber: "document_number",
			document.FieldBorn: "document_born", document.FieldExpires: "document_expiry",
		}[p.Field]
		switch {
		case !known: // the two statements
		case p.Kind == document.PrintedYear, p.Field == document.FieldExpires && s.asksPrintedDate():
			list.Add(field, s.documentWords(p, rule))
		case s.scan != nil && p.Kind == document.Missing:
			list.Add("scan", views.SayLater("The document does not say this: %s. Choose “Type it instead”.", fieldWords(p.Field)))
		case s.scan != nil:
			list.Add("scan", s.documentWords(p, rule))
		default:
			list.Add(field, s.documentWords(p, rule))
		}
	}
	return list
}

func (s sheet) documentWords(p document.Problem, rule document.Rule) views.Later {
	switch p.Kind {
	case document.Expired:
		return views.SayLater("Expired on %s. An expired document cannot be used. Use another one, or choose Decline… below the form.",
			views.DayLater(s.fields(rule).Expires.String()))
	case document.UnderAge:
		return views.SayLater("The person is under the age of %d. Choose Decline… below the form.", rule.MinimumAge)
	case document.NotADate:
		return realDate()
	case document.PrintedYear:
		if !rule.Endless {
			return views.SayLater("Enter the date that is printed on the document, with all four digits of the year.")
		}
		return views.SayLater("Enter the date that is printed on the document, with all four digits of the year, or tick that it has no end.")
	case document.Endless:
		return views.SayLater("A document of this kind is not accepted here without an end. Use another one, or choose Decline… below the form.")
	}
	switch p.Field {
	case document.FieldIssuer:
		return views.SayLater("Enter the issuing country by its code of 1 to 3 letters.")
	case document.FieldNumber:
		return views.SayLater("Enter the document number.")
	case document.FieldBorn:
		return views.SayLater("Enter the date of birth as it is printed.")
	}
	return views.SayLater("Enter the date until which the document is valid.")
}

// statements returns what the operator has not said that they did.
func (s sheet) statements() console.Problems {
	rule, _ := s.rule()
	var list console.Problems
	if rule.Photo && !s.form.PhotoMatches {
		list.Add("photo_matches", views.SayLater("Compare the photo with the person. If it does not match, choose Decline… below the form."))
	}
	if rule.Handled && !s.form.DocumentHandled {
		list.Add("document_handled", views.SayLater("Take the document in your hand. A picture or a copy is not enough."))
	}
	return list
}

func notAccepted() views.Later {
	return views.SayLater("This kind of document is not accepted here. Use another one, or choose Decline… below the form.")
}

func realDate() views.Later {
	return views.SayLater("Enter a real date as it is printed, or as eight digits with the year first, for example 20300531.")
}

// answerWords are of one comparison: no answer; "not on record", which is not so; better
// than the server's own.
type answerWords struct{ none, onRecord, better views.Later }

func nameAnswers() answerWords {
	return answerWords{
		none:     views.SayLater("Compare the name with the record, and say what you found."),
		onRecord: views.SayLater("The name is on record. Say whether it matches or differs."),
		better:   views.SayLater("The name that was scanned differs from the record. Choose a reason, or “Type it instead” if the card says something else."),
	}
}

func birthAnswers() answerWords {
	return answerWords{
		none:     views.SayLater("Compare the date of birth with the record, and say what you found."),
		onRecord: views.SayLater("The date of birth is on record. Say whether it matches or differs."),
		better:   views.SayLater("The date of birth that was entered or scanned differs from the record."),
	}
}
