package term

// Decline is why an operator declines a request.
type Decline string

// Why an operator declines.
const (
	DeclineCustomerLeft        Decline = "customer_left"
	DeclineWrongPerson         Decline = "wrong_person"
	DeclineDocumentExpired     Decline = "document_expired"      // told to the device: oauth.DocumentExpired
	DeclineDocumentNotAccepted Decline = "document_not_accepted" // told to the device: oauth.DocumentNotAccepted
	DeclineCounterTrouble      Decline = "counter_trouble"       // told to the device: oauth.CounterTrouble
	DeclineDetailsDiffer       Decline = "details_differ"
	DeclineSuspicious          Decline = "suspicious" // an alert, and the end of what stands around the request
	DeclineOther               Decline = "other"
)

// Declines lists the set.
func Declines() []Decline {
	return []Decline{
		DeclineCustomerLeft, DeclineWrongPerson, DeclineDocumentExpired, DeclineDocumentNotAccepted,
		DeclineCounterTrouble, DeclineDetailsDiffer, DeclineSuspicious, DeclineOther,
	}
}

// Label returns it in plain English.
func (d Decline) Label() string {
	switch d {
	case DeclineCustomerLeft:
		return "The customer left or changed their mind"
	case DeclineWrongPerson:
		return "This is not the account holder"
	case DeclineDocumentExpired:
		return "The document has expired"
	case DeclineDocumentNotAccepted:
		return "The document was not accepted"
	case DeclineCounterTrouble:
		return "Something at the counter did not work"
	case DeclineDetailsDiffer:
		return "The details differ from the record"
	case DeclineSuspicious:
		return "Suspicious"
	case DeclineOther:
		return "Another reason"
	}
	return string(d)
}

// Hint returns a second sentence for the person who chooses, "" where none is needed.
func (d Decline) Hint() string {
	switch d {
	case DeclineDocumentExpired, DeclineCounterTrouble:
		return "The device says this too"
	case DeclineDocumentNotAccepted:
		return "Forgotten, damaged, or not a kind that we take. The device says this too"
	case DeclineSuspicious:
		return "Someone may be acting for another person, was told what to say, or shows a forged document"
	}
	return ""
}
