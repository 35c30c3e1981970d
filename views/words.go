package views

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// Every text that a person reads goes through Say. The English text, as it stands in the
// code, is its key; words/de.json has the German. A text with a number that decides
// between singular and plural has its forms in words/en.json too. A language is a file, and
// no code names one but English (docs/languages.md).

//go:embed words/*.json
var wordFiles embed.FS

// Words are the catalogues, read once. They are only read after LoadWords.
type Words struct {
	catalogue *catalog.Builder
	matcher   language.Matcher
	languages []Language                       // English first, the others by their tags
	texts     map[language.Tag]map[string]bool // which texts a language has of its own
	unsaid    []string
	speakers  []*speaker // of each of languages
}

// LoadWords reads the language files of the program and then those of the folders. A file of a
// folder adds a language, or puts its texts in place of the program's. Error: a file that cannot
// be read or is no language file (docs/languages.md), with its name and the text.
func LoadWords(folders ...fs.FS) (*Words, error) {
	own, err := fs.Sub(wordFiles, "words")
	if err != nil {
		return nil, err
	}
	words := &Words{catalogue: catalog.NewBuilder(catalog.Fallback(language.English)), texts: map[language.Tag]map[string]bool{}}
	for _, folder := range append([]fs.FS{own}, folders...) {
		if err := words.loadFolder(folder); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(words.languages, func(a, b Language) int {
		if a.isEnglish() != b.isEnglish() {
			return map[bool]int{true: -1, false: 1}[a.isEnglish()]
		}
		return strings.Compare(a.Tag.String(), b.Tag.String())
	})
	words.matcher = language.NewMatcher(words.tags())
	words.unsaid = words.findUnsaid()
	for _, l := range words.languages {
		words.speakers = append(words.speakers, words.newSpeaker(l))
	}
	return words, nil
}

func (w *Words) tags() []language.Tag {
	var tags []language.Tag
	for _, l := range w.languages {
		tags = append(tags, l.Tag)
	}
	return tags
}

// findUnsaid lists what no catalogue of the program has: the German one is whole.
func (w *Words) findUnsaid() []string {
	var list []string
	for _, l := range w.languages {
		for text := range w.texts[l.Tag] {
			if !w.texts[language.German][text] && !w.texts[language.English][text] {
				list = append(list, l.Tag.String()+": "+text)
			}
		}
	}
	slices.Sort(list)
	return list
}

// Unsaid lists texts of language files that the program does not say, each after its language:
// they were written for another version.
func (w *Words) Unsaid() []string { return w.unsaid }

// Languages lists the languages that pages can be in: English, then the others by their tags.
func (w *Words) Languages() []Language { return slices.Clone(w.languages) }

// Language returns the language of exactly this tag (BCP 47).
func (w *Words) Language(tag string) (Language, bool) {
	for _, l := range w.languages {
		if strings.EqualFold(l.Tag.String(), tag) {
			return l, true
		}
	}
	return Language{}, false
}

// Match picks the language for a reader: the first of wanted (BCP 47 tags or
// Accept-Language headers) that there is, else English.
func (w *Words) Match(wanted ...string) language.Tag {
	_, index := language.MatchStrings(w.matcher, wanted...)
	return w.languages[index].Tag
}

// MatchOr is Match, but with a language of the caller's for a reader who reads none that there is.
func (w *Words) MatchOr(otherwise language.Tag, wanted ...string) language.Tag {
	if _, _, confidence := w.matcher.Match(parsed(wanted)...); confidence == language.No {
		return w.languages[w.at(otherwise)].Tag
	}
	return w.Match(wanted...)
}

func parsed(wanted []string) []language.Tag {
	var tags []language.Tag
	for _, text := range wanted {
		if tag, err := language.Parse(text); err == nil {
			tags = append(tags, tag)
		}
	}
	return tags
}

// at is the place of a language among those that there are, English's where it is none of them.
func (w *Words) at(tag language.Tag) int {
	return max(0, slices.IndexFunc(w.languages, func(l Language) bool { return l.Tag == tag }))
}

// In is a context in which Say speaks the language; English where there is no such language.
func (w *Words) In(ctx context.Context, tag language.Tag) context.Context {
	return context.WithValue(ctx, speakerKey{}, w.speaker(tag))
}

func (w *Words) speaker(tag language.Tag) *speaker { return w.speakers[w.at(tag)] }

func (w *Words) newSpeaker(l Language) *speaker {
	s := &speaker{words: w, language: l, english: message.NewPrinter(language.English, message.Catalog(w.catalogue))}
	s.printer = s.english
	if !s.language.isEnglish() {
		s.printer = message.NewPrinter(s.language.formats, message.Catalog(w.catalogue))
	}
	s.plain = sync.OnceValue(s.sayPlain)
	return s
}

// knows reports whether a text is in the language, or in the one that it is a kind of: de-AT
// takes from de what it does not say in another way.
func (w *Words) knows(tag language.Tag, text string) bool {
	for ; tag != language.Und; tag = tag.Parent() {
		if w.texts[tag][text] {
			return true
		}
	}
	return false
}

type speakerKey struct{}

type speaker struct {
	words    *Words
	language Language
	printer  *message.Printer
	english  *message.Printer
	plain    func() map[string]string // what each text without arguments says, made when one is first said
}

func (s *speaker) sayPlain() map[string]string {
	said := map[string]string{}
	for _, texts := range s.words.texts {
		for text := range texts {
			if !strings.Contains(text, "%") {
				said[text] = s.format(text)
			}
		}
	}
	return said
}

func (s *speaker) say(text string, args ...any) string {
	if len(args) == 0 {
		if said, is := s.plain()[text]; is {
			return said
		}
	}
	return s.format(text, args...)
}

// format tells what the language lacks in English, marked as such.
func (s *speaker) format(text string, args ...any) string {
	if s.language.isEnglish() || s.words.knows(s.language.Tag, text) {
		return s.printer.Sprintf(text, args...)
	}
	return foreign(s.english.Sprintf(text, isolatedArgs(args)...))
}

// speakerOf is the context's, or that of plain English for a context of no reader.
func speakerOf(ctx context.Context) *speaker {
	if s, ok := ctx.Value(speakerKey{}).(*speaker); ok {
		return s
	}
	return plainEnglish()
}

// plainEnglish speaks English with its plural forms. The program's own files are held to be
// readable by a test; were they not, nothing could be said at all.
var plainEnglish = sync.OnceValue(func() *speaker {
	words, err := LoadWords()
	if err != nil {
		panic(err)
	}
	return words.speaker(language.English)
})

// LanguageOf is the language of a context, English where none was chosen.
func LanguageOf(ctx context.Context) language.Tag { return speakerOf(ctx).language.Tag }

// FormatsOf is the context's language with the digits that its file asks for, as scripts in a
// browser take it: "de", or "ar-u-nu-latn".
func FormatsOf(ctx context.Context) string { return speakerOf(ctx).language.formats.String() }

// LanguagesOf lists the languages that the reader of a context may choose from.
func LanguagesOf(ctx context.Context) []Language { return speakerOf(ctx).words.Languages() }

// Say tells a text in the context's language. english is a constant, with the verbs of
// package fmt for args; a text that the language lacks is said in English, between the characters
// that MarkForeign makes an element of.
func Say(ctx context.Context, english string, args ...any) string {
	return speakerOf(ctx).say(english, args...)
}

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
func direction(ctx context.Context) string { return speakerOf(ctx).language.Direction }
