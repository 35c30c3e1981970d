package counter

import (
	"countersign/handlers/console"
	"countersign/models/document"
	"countersign/views"
)

// The dates of the form: typed as people read them, with a question where they can mean
// several days, and "no end".

// expiry returns what the form says of the end of the document.
func (s sheet) expiry() document.Date {
	if s.form.DocumentEndless {
		return document.NoEnd
	}
	return typedDate(s.form.DocumentExpiry, document.ReadExpiry(s.form.DocumentExpiry, s.today))
}

// typedDate returns a typed date. For text that is no date, or can mean several, it returns
// a date that no calendar has.
func typedDate(typed string, readings []document.Date) document.Date {
	switch {
	case typed == "":
		return document.Date{}
	case len(readings) != 1:
		return document.Date{Year: 1}
	}
	return readings[0]
}

// asksPrintedDate reports whether the page asks for the printed end, since the scan does not
// tell it.
func (s sheet) asksPrintedDate() bool { return s.scan != nil && s.scan.Expires.NeedsPrintedYear() }

// printedDate reports whether the form gives the printed end.
func (s sheet) printedDate() bool { return s.form.DocumentEndless || s.form.DocumentExpiry != "" }

// dateShapes returns what is wrong with the typed dates that the page asks for. The printed date of a scan is to
// be one of those that the scan can mean.
func (s sheet) dateShapes(rule document.Rule) console.Problems {
	var list console.Problems
	if s.asksPrintedDate() && s.printedDate() || s.scan == nil && rule.Expiry {
		readings := document.ReadExpiry(s.form.DocumentExpiry, s.today)
		end := s.expiry()
		switch {
		case s.form.DocumentEndless && s.form.DocumentExpiry != "" && typedDate(s.form.DocumentExpiry, readings) != document.NoEnd:
			list.Add("document_expiry", views.SayLater("Enter a date or tick that the document has no end, not both."))
		case !s.form.DocumentEndless && len(readings) > 1:
			list.Add("document_expiry", whichDate(readings))
		case s.asksPrintedDate() && end.Known() && !fitsScan(end, s.scan.Expires):
			list.Add("document_expiry", views.SayLater("That is not the date of the scan, whose year ends in 99. Look again, or choose “Type it instead”."))
		}
	}
	if s.scan == nil && rule.MinimumAge > 0 {
		if readings := document.ReadBirthDate(s.form.DocumentBorn, s.today); len(readings) > 1 {
			list.Add("document_born", whichDate(readings))
		}
	}
	return list
}

// fitsScan reports whether a printed day is one that the scan can mean, which has two digits
// of the year.
func fitsScan(printed, scanned document.Date) bool {
	return printed.Year%100 == 99 && (scanned.Month == 0 || printed.Month == scanned.Month && printed.Day == scanned.Day)
}

// whichDate asks which of several days was meant, and says how to type it so that it is one.
func whichDate(readings []document.Date) views.Later {
	return views.SayLater("That can be %s or %s. Type it as eight digits with the year first, for example 20300531.",
		views.DayLater(readings[0].String()), views.DayLater(readings[1].String()))
}
