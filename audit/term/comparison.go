package term

// Comparison is the outcome of comparing an ID document with the account's record.
type Comparison string

// Outcomes of a comparison.
const (
	ComparisonMatches     Comparison = "matches"
	ComparisonDiffers     Comparison = "differs"
	ComparisonNotOnRecord Comparison = "not_on_record"
)

// Comparisons lists the set.
func Comparisons() []Comparison {
	return []Comparison{
		ComparisonMatches, ComparisonDiffers, ComparisonNotOnRecord,
	}
}

// Label returns it in plain English.
func (c Comparison) Label() string {
	switch c {
	case ComparisonMatches:
		return "Matches"
	case ComparisonDiffers:
		return "Differs"
	case ComparisonNotOnRecord:
		return "Not on record"
	}
	return string(c)
}
