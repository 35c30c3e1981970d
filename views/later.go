package views

import (
	"context"
	"encoding/json"
)

// Later is a text that is kept and said when somebody reads it, in their language. Its
// arguments are texts, whole numbers, and texts that are said later themselves.
type Later struct {
	English string `json:"e,omitempty"`
	Args    []any  `json:"a,omitempty"`
	Date    string `json:"d,omitempty"` // instead of both: a date, told as Day does
}

// SayLater is Say for a text that is kept.
func SayLater(english string, args ...any) Later { return Later{English: english, Args: args} }

// DayLater is Day for a date that is kept.
func DayLater(date string) Later { return Later{Date: date} }

// In says the text.
func (l Later) In(ctx context.Context) string {
	if l.Date != "" {
		return Day(ctx, l.Date)
	}
	args := make([]any, len(l.Args))
	for i, arg := range l.Args {
		if later, ok := arg.(Later); ok {
			arg = later.In(ctx)
		}
		args[i] = arg
	}
	return Say(ctx, l.English, args...)
}

// UnmarshalJSON is part of json.Unmarshaler: every argument is of its own kind again.
func (l *Later) UnmarshalJSON(text []byte) error {
	var kept struct {
		English string            `json:"e"`
		Args    []json.RawMessage `json:"a"`
		Date    string            `json:"d"`
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return err
	}
	*l = Later{English: kept.English, Date: kept.Date}
	for _, raw := range kept.Args {
		arg, err := keptArg(raw)
		if err != nil {
			return err
		}
		l.Args = append(l.Args, arg)
	}
	return nil
}

func keptArg(raw json.RawMessage) (any, error) {
	switch raw[0] {
	case '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err
	case '{':
		var later Later
		err := json.Unmarshal(raw, &later)
		return later, err
	}
	var number int
	err := json.Unmarshal(raw, &number)
	return number, err
}
