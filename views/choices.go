package views

import (
	"context"

	"countersign/audit/term"
)

// Choice is one entry of a closed list: the value sent and the words shown.
type Choice struct {
	Value string
	Label string
	Hint  string
	Needs string // of a document type: which fields it asks for, with blanks between
}

// The outcomes of comparing a document with the account's record.
const (
	ResultMatches     = string(term.ComparisonMatches)
	ResultDiffers     = string(term.ComparisonDiffers)
	ResultNotOnRecord = string(term.ComparisonNotOnRecord)
)

// choicesOf are words of a closed set, in the reader's language.
func choicesOf(ctx context.Context, words []term.Word) []Choice {
	list := make([]Choice, 0, len(words))
	for _, word := range words {
		choice := Choice{Value: word.Value, Label: say(ctx, word.Label)}
		if word.Hint != "" {
			choice.Hint = say(ctx, word.Hint)
		}
		list = append(list, choice)
	}
	return list
}

// DocumentTypes lists the values of the document_type field, all that there are.
func DocumentTypes(ctx context.Context) []Choice {
	return choicesOf(ctx, term.Words(term.DocumentTypes()))
}

// ComparisonResults lists the values of name_matches and birth_matches.
func ComparisonResults(ctx context.Context) []Choice {
	return choicesOf(ctx, term.Words(term.Comparisons()))
}

// DeclineReasons lists the values of the reason field when declining. What the device is
// told of them is oauth's to say.
func DeclineReasons(ctx context.Context) []Choice { return choicesOf(ctx, term.Words(term.Declines())) }

// SuspendReasons lists the values of the reason field when an account is suspended.
func SuspendReasons(ctx context.Context) []Choice {
	return choicesOf(ctx, term.Words(term.Suspensions()))
}

// ReinstateReasons lists those when it is made active again.
func ReinstateReasons(ctx context.Context) []Choice {
	return choicesOf(ctx, term.Words(term.Reinstatements()))
}

// RecallReasons lists the values of the reason field when a supervisor recalls
// an approval or revokes a binding.
func RecallReasons(ctx context.Context) []Choice { return choicesOf(ctx, term.Words(term.Recalls())) }

// UnlockReasons lists the values of the reason field when a supervisor unlocks an account.
func UnlockReasons(ctx context.Context) []Choice {
	return choicesOf(ctx, term.Words(term.Unlockings()))
}

// Closings lists the values of the closing field of an alert.
func Closings(ctx context.Context) []Choice {
	return choicesOf(ctx, term.Words(term.Closings()))
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
