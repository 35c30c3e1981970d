package views

import "context"

// Choice is one entry of a closed list: the value sent and the words shown.
type Choice struct {
	Value string
	Label string
	Hint  string
	Needs string // of a document type: which fields it asks for, with blanks between
}

// The outcomes of comparing a document with the account's record.
const (
	ResultMatches     = "matches"
	ResultDiffers     = "differs"
	ResultNotOnRecord = "not_on_record"
)

// DocumentTypes lists the values of the document_type field, all that there are.
func DocumentTypes(ctx context.Context) []Choice {
	return []Choice{
		{Value: "passport", Label: say(ctx, "Passport")},
		{Value: "idcard", Label: say(ctx, "National identity card")},
		{Value: "driving_permit", Label: say(ctx, "Driving licence")},
		{Value: "residence_permit", Label: say(ctx, "Residence permit")},
		{Value: "organisation_card", Label: say(ctx, "Organisation card"), Hint: say(ctx, "Issued by us, such as a staff or student card")},
	}
}

// ComparisonResults lists the values of name_matches and birth_matches.
func ComparisonResults(ctx context.Context) []Choice {
	return []Choice{
		{Value: ResultMatches, Label: say(ctx, "Matches")},
		{Value: ResultDiffers, Label: say(ctx, "Differs")},
		{Value: ResultNotOnRecord, Label: say(ctx, "Not on record")},
	}
}

// DeclineReasons lists the values of the reason field when declining. What the device is
// told of them is oauth's to say.
func DeclineReasons(ctx context.Context) []Choice {
	return []Choice{
		{Value: "customer_left", Label: say(ctx, "The customer left or changed their mind")},
		{Value: "wrong_person", Label: say(ctx, "This is not the account holder")},
		{Value: "document_expired", Label: say(ctx, "The document has expired"), Hint: say(ctx, "The device says this too")},
		{Value: "document_not_accepted", Label: say(ctx, "The document was not accepted"), Hint: say(ctx, "Forgotten, damaged, or not a kind that we take. The device says this too")},
		{Value: "counter_trouble", Label: say(ctx, "Something at the counter did not work"), Hint: say(ctx, "The device says this too")},
		{Value: "details_differ", Label: say(ctx, "The details differ from the record")},
		{Value: "suspicious", Label: say(ctx, "Suspicious"), Hint: say(ctx, "Someone may be acting for another person, was told what to say, or shows a forged document")},
		{Value: "other", Label: say(ctx, "Another reason")},
	}
}

// RecallReasons lists the values of the reason field when a supervisor recalls
// an approval or revokes a binding.
func RecallReasons(ctx context.Context) []Choice {
	return []Choice{
		{Value: "customer_request", Label: say(ctx, "The customer asked for it")},
		{Value: "device_lost", Label: say(ctx, "The device is lost or stolen")},
		{Value: "operator_error", Label: say(ctx, "It was approved by mistake")},
		{Value: "suspicious", Label: say(ctx, "Suspicious")},
		{Value: "other", Label: say(ctx, "Another reason")},
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
