package guide

import (
	"time"

	"countersign/models/document"
	"countersign/views"
)

// Card is a document of nobody, to be tried with an invented account.
type Card struct {
	Person  string // name of the account
	Account string // an identifier of it
	Purpose string // English, said in the reader's language
	document.Specimen
	years int // from today to its end; negative: it has ended
}

// Cards returns what there is to be tried, with ends as they are on a day. The first is in
// order.
func Cards(today time.Time) []Card {
	cards := []Card{
		{Person: "Anna Lindqvist", Account: "anna.lindqvist@example.org", years: 5,
			Purpose:  views.Key("All is in order: name, date of birth and expiry. Approve."),
			Specimen: document.Specimen{Surname: "LINDQVIST", Given: "ANNA", Born: document.Date{Year: 1984, Month: 3, Day: 9}}},
		{Person: "Grace Adeyemi", Account: "C-100248", years: -1,
			Purpose:  views.Key("The document has expired. Ask for another one, or decline."),
			Specimen: document.Specimen{Surname: "ADEYEMI", Given: "GRACE", Born: document.Date{Year: 1969, Month: 1, Day: 17}}},
		{Person: "Małgorzata Kowalczyk", Account: "C-100252", years: 3,
			Purpose:  views.Key("The surname is another than the record has. See what that asks for before an approval."),
			Specimen: document.Specimen{Surname: "NOWAK", Given: "MALGORZATA", Born: document.Date{Year: 1995, Month: 8, Day: 4}}},
	}
	for i := range cards {
		cards[i].Expires = document.DateOf(today.AddDate(cards[i].years, 0, -1)) // never 29 February of a year that has none
	}
	return cards
}
