package term

// Need is why an approval needs a second person.
type Need string

// Why a second person is needed.
const (
	NeedAccount Need = "account"
	NeedScope   Need = "scope"
	NeedName    Need = "name differs"
	NeedScan    Need = "scan overruled"
	NeedAsked   Need = "asked before" // the need stays, whatever is checked since
)

// Needs lists the set.
func Needs() []Need {
	return []Need{
		NeedAccount, NeedScope, NeedName, NeedScan, NeedAsked,
	}
}

// Label returns it in plain English.
func (n Need) Label() string {
	switch n {
	case NeedAccount:
		return "The account needs two people."
	case NeedScope:
		return "What the app may do needs two people."
	case NeedName:
		return "The name on the document differs from the record."
	case NeedScan:
		return "An earlier scan or check differed from the record, and this one does not."
	case NeedAsked:
		return "A second person was asked about this request before."
	}
	return string(n)
}
