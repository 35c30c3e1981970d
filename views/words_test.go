package views

import (
	"context"
	"testing"

	"golang.org/x/text/language"
)

func TestSaySpeaksTheLanguageOfItsContext(t *testing.T) {
	words, err := LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	german := words.In(context.Background(), words.Match("", "de-AT, en;q=0.5"))
	for _, test := range []struct {
		ctx  context.Context
		want string
	}{
		{german, "Abmelden"},
		{words.In(context.Background(), language.English), "Sign out"},
		{context.Background(), "Sign out"},
	} {
		if got := Say(test.ctx, "Sign out"); got != test.want {
			t.Errorf("%v: %q, want %q", LanguageOf(test.ctx), got, test.want)
		}
	}
	if tag := words.Match("", "fi, ja"); tag != language.English {
		t.Errorf("a reader of neither language is given %v", tag)
	}
}
