package views

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// Every text that a person reads goes through Say. The English text, as it stands in the
// code, is its key; words/de.json has the German. A text with a number that decides
// between singular and plural has its forms in words/en.json too.

//go:embed words/*.json
var wordFiles embed.FS

// Languages are the languages that pages can be in, the first for everybody who reads none
// of them.
func Languages() []language.Tag { return []language.Tag{language.English, language.German} }

// Words are the catalogues, read once.
type Words struct {
	catalogue catalog.Catalog
	matcher   language.Matcher
}

// LoadWords reads the catalogues. Error: one that cannot be read, which is a fault of the
// program.
func LoadWords() (*Words, error) {
	builder := catalog.NewBuilder(catalog.Fallback(language.English))
	for _, tag := range Languages() {
		if err := loadCatalogue(builder, tag); err != nil {
			return nil, err
		}
	}
	return &Words{catalogue: builder, matcher: language.NewMatcher(Languages())}, nil
}

// loadCatalogue reads words/TAG.json: an English text to its translation, or to one by
// plural category (CLDR: one, few, many, other) of its first argument.
func loadCatalogue(builder *catalog.Builder, tag language.Tag) error {
	name := "words/" + tag.String() + ".json"
	content, err := wordFiles.ReadFile(name)
	if err != nil {
		return err
	}
	var texts map[string]json.RawMessage
	if err := json.Unmarshal(content, &texts); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for key, raw := range texts {
		if err := loadText(builder, tag, key, raw); err != nil {
			return fmt.Errorf("%s: %q: %w", name, key, err)
		}
	}
	return nil
}

func loadText(builder *catalog.Builder, tag language.Tag, key string, raw json.RawMessage) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return builder.SetString(tag, key, text)
	}
	var forms map[string]string
	if err := json.Unmarshal(raw, &forms); err != nil {
		return err
	}
	var cases []any
	for _, category := range []string{"one", "two", "few", "many", "other"} {
		if form, there := forms[category]; there {
			cases = append(cases, category, form)
		}
	}
	return builder.Set(tag, key, plural.Selectf(1, "%d", cases...))
}

// Match picks the language for a reader: the first of wanted (BCP 47 tags or
// Accept-Language headers) that there is, else English.
func (w *Words) Match(wanted ...string) language.Tag {
	_, index := language.MatchStrings(w.matcher, wanted...)
	return Languages()[index]
}

// In is a context in which Say speaks the language.
func (w *Words) In(ctx context.Context, tag language.Tag) context.Context {
	speaker := speaker{tag: tag, printer: message.NewPrinter(tag, message.Catalog(w.catalogue))}
	return context.WithValue(ctx, speakerKey{}, speaker)
}

type speakerKey struct{}

type speaker struct {
	tag     language.Tag
	printer *message.Printer
}

// LanguageOf is the language of a context, English where none was chosen.
func LanguageOf(ctx context.Context) language.Tag {
	if s, ok := ctx.Value(speakerKey{}).(speaker); ok {
		return s.tag
	}
	return language.English
}

// Say tells a text in the context's language. english is a constant, with the verbs of
// package fmt for args; a text that no catalogue has is said in English.
func Say(ctx context.Context, english string, args ...any) string {
	if s, ok := ctx.Value(speakerKey{}).(speaker); ok {
		return s.printer.Sprintf(english, args...)
	}
	return plainEnglish().Sprintf(english, args...)
}

// plainEnglish is for a context of no reader: English, with its plural forms.
var plainEnglish = sync.OnceValue(func() *message.Printer {
	words, err := LoadWords()
	if err != nil {
		return message.NewPrinter(language.English)
	}
	return message.NewPrinter(language.English, message.Catalog(words.catalogue))
})

// Sayer says texts in one language.
type Sayer func(english string, args ...any) string

// Speaker is Say in the context's language.
func Speaker(ctx context.Context) Sayer {
	return func(english string, args ...any) string { return Say(ctx, english, args...) }
}

// Key marks a text of a table that is said later: it has to be in the catalogues like a
// text that Say is given.
func Key(english string) string { return english }

func say(ctx context.Context, english string, args ...any) string { return Say(ctx, english, args...) }

// direction is "rtl" where the language's script runs from right to left.
func direction(ctx context.Context) string {
	script, _ := LanguageOf(ctx).Script()
	switch script.String() {
	case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm":
		return "rtl"
	}
	return "ltr"
}
