package views

// Choice is one entry of a closed list: the value sent and the words shown.
type Choice struct {
	Value string
	Label string
	Hint  string
}

// The outcomes of comparing a document with the account's record.
const (
	ResultMatches     = "matches"
	ResultDiffers     = "differs"
	ResultNotOnRecord = "not_on_record"
)

// DocumentTypes lists the values of the document_type field.
func DocumentTypes() []Choice {
	return []Choice{
		{Value: "passport", Label: "Passport"},
		{Value: "idcard", Label: "National identity card"},
		{Value: "driving_permit", Label: "Driving licence"},
		{Value: "residence_permit", Label: "Residence permit"},
	}
}

// ComparisonResults lists the values of name_matches and birth_matches.
func ComparisonResults() []Choice {
	return []Choice{
		{Value: ResultMatches, Label: "Matches"},
		{Value: ResultDiffers, Label: "Differs"},
		{Value: ResultNotOnRecord, Label: "Not on record"},
	}
}

// DeclineReasons lists the values of the reason field when declining.
func DeclineReasons() []Choice {
	return []Choice{
		{Value: "customer_left", Label: "The customer left or changed their mind"},
		{Value: "wrong_person", Label: "This is not the account holder"},
		{Value: "document_not_accepted", Label: "The document was not accepted", Hint: "Expired, damaged, or not a kind that we take"},
		{Value: "details_differ", Label: "The details differ from the record"},
		{Value: "suspicious", Label: "Suspicious", Hint: "Someone may be acting for another person or was told what to say"},
		{Value: "other", Label: "Another reason"},
	}
}

// RecallReasons lists the values of the reason field when a supervisor recalls
// an approval or revokes a binding.
func RecallReasons() []Choice {
	return []Choice{
		{Value: "customer_request", Label: "The customer asked for it"},
		{Value: "device_lost", Label: "The device is lost or stolen"},
		{Value: "operator_error", Label: "It was approved by mistake"},
		{Value: "suspicious", Label: "Suspicious"},
		{Value: "other", Label: "Another reason"},
	}
}

// ChoiceLabel returns the words for a value, or the value itself when the list
// does not have it.
func ChoiceLabel(choices []Choice, value string) string {
	for _, c := range choices {
		if c.Value == value {
			return c.Label
		}
	}
	return value
}
