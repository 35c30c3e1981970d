package views

import (
	"context"
	"encoding/json"
)

// Later is a text that is kept and said when somebody reads it, in their language. Its
// arguments are texts and whole numbers.
type Later struct {
	English string
	Args    []any
}

// SayLater is Say for a text that is kept.
func SayLater(english string, args ...any) Later { return Later{english, args} }

// In says the text.
func (l Later) In(ctx context.Context) string { return Say(ctx, l.English, l.Args...) }

// UnmarshalJSON is part of json.Unmarshaler: a number is a whole one again.
func (l *Later) UnmarshalJSON(text []byte) error {
	var kept struct {
		English string
		Args    []any
	}
	err := json.Unmarshal(text, &kept)
	for i, arg := range kept.Args {
		if number, ok := arg.(float64); ok {
			kept.Args[i] = int(number)
		}
	}
	l.English, l.Args = kept.English, kept.Args
	return err
}
