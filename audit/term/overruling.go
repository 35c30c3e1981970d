package term

// Overruling is why a difference that was found before does not count, in the operator's
// word for the second person.
type Overruling string

// OverrulingOtherCard is the only one.
const OverrulingOtherCard Overruling = "other card"

// Overrulings lists the set.
func Overrulings() []Overruling { return []Overruling{OverrulingOtherCard} }

// Label returns it in plain English.
func (o Overruling) Label() string {
	if o == OverrulingOtherCard {
		return "That was somebody else’s card"
	}
	return string(o)
}
