package views

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// The reading of language files: TAG.json is an object of English texts with their translations. A translation is a text, or
// texts by the plural category (CLDR) of the first argument. The empty text has the head of the file instead.

// largestLanguageFile is in bytes; the German one has 160,000.
const largestLanguageFile = 2 << 20

// Language is a language that pages can be in, as the head of its file says.
type Language struct {
	Tag       language.Tag
	Name      string // in the language itself: "Deutsch"
	Direction string // of its script: "ltr" or "rtl"

	formats language.Tag // Tag, with the digits that numbers are written in
}

func (l Language) isEnglish() bool { return l.Tag == language.English }

// languageHead is the head of a language file.
type languageHead struct {
	Name      string `json:"name"`
	Direction string `json:"direction"`
	Digits    string `json:"digits"` // a numbering system of CLDR, such as latn; default: the language's own
}

// loadFolder reads each language file of a folder.
func (w *Words) loadFolder(folder fs.FS) error {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return errors.New("there is no language file in it, such as fr.json")
	}
	for _, name := range names {
		if err := w.loadFile(folder, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (w *Words) loadFile(folder fs.FS, name string) error {
	stem := strings.TrimSuffix(name, ".json")
	tag, err := language.Parse(stem)
	if err != nil || tag.String() != stem {
		return errors.New("the name of a language file is a language tag (BCP 47), such as fr.json or pt-BR.json")
	}
	info, err := fs.Stat(folder, name)
	if err != nil {
		return err
	}
	if info.Size() > largestLanguageFile {
		return fmt.Errorf("it is larger than %d bytes", largestLanguageFile)
	}
	content, err := fs.ReadFile(folder, name)
	if err != nil {
		return err
	}
	var texts map[string]json.RawMessage
	if err := json.Unmarshal(content, &texts); err != nil {
		return fmt.Errorf("it is no JSON object of texts: %w", err)
	}
	l, err := w.head(tag, texts[""])
	if err != nil {
		return err
	}
	delete(texts, "")
	for text, raw := range texts {
		if err := w.loadText(l, text, raw); err != nil {
			return fmt.Errorf("%q: %w", text, err)
		}
	}
	return nil
}

// head reads the head of a file and returns its language. A language that is there already may be without.
func (w *Words) head(tag language.Tag, raw json.RawMessage) (Language, error) {
	for _, l := range w.languages {
		if l.Tag == tag {
			return l, nil
		}
	}
	var head languageHead
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&head); err != nil || head.Name == "" || head.Direction != "ltr" && head.Direction != "rtl" {
		return Language{}, errors.New(`it has no head: "": {"name": "the language in itself", "direction": "ltr" or "rtl"}`)
	}
	l := Language{Tag: tag, Name: head.Name, Direction: head.Direction, formats: tag}
	if head.Digits != "" {
		formats, err := tag.SetTypeForKey("nu", head.Digits)
		if err != nil {
			return Language{}, fmt.Errorf("digits %q: %w", head.Digits, err)
		}
		l.formats = formats
	}
	w.languages = append(w.languages, l)
	w.texts[tag] = map[string]bool{}
	return l, nil
}

// pluralCategories are those of CLDR, which says what each language needs.
var pluralCategories = []string{"zero", "one", "two", "few", "many", "other"}

func (w *Words) loadText(l Language, text string, raw json.RawMessage) error {
	w.texts[l.Tag][text] = true
	var one string
	if json.Unmarshal(raw, &one) == nil {
		if err := checkArguments(text, one, false); err != nil {
			return err
		}
		return w.catalogue.SetString(l.Tag, text, one)
	}
	var forms map[string]string
	if err := json.Unmarshal(raw, &forms); err != nil || forms["other"] == "" {
		return errors.New(`it is neither a text nor texts by plural category with "other" among them`)
	}
	var cases []any
	for _, category := range pluralCategories {
		form, there := forms[category]
		delete(forms, category)
		if !there {
			continue
		}
		if err := checkArguments(text, form, true); err != nil {
			return err
		}
		cases = append(cases, category, form)
	}
	for category := range forms {
		return fmt.Errorf("%q is no plural category: those are %s", category, strings.Join(pluralCategories, ", "))
	}
	return w.catalogue.Set(l.Tag, text, plural.Selectf(1, "%d", cases...))
}

var (
	verbPattern        = regexp.MustCompile(`%(\[(\d+)\])?([a-z%])`)
	placeholderPattern = regexp.MustCompile(`\{[a-z]+\}`)
)

// verbsOf lists what a text does with its arguments: the verb of each, by its place.
func verbsOf(text string) map[int]string {
	list, place := map[int]string{}, 0
	for _, m := range verbPattern.FindAllStringSubmatch(text, -1) {
		if m[3] == "%" {
			continue
		}
		place++
		if m[2] != "" {
			place, _ = strconv.Atoi(m[2])
		}
		list[place] = m[3]
	}
	return list
}

// checkArguments holds a translation to the arguments of its text. Error: it lacks one, or takes another. A form may leave out the
// number that it is about.
func checkArguments(text, translation string, isForm bool) error {
	if translation == "" {
		return errors.New("its translation is empty")
	}
	wanted, got := verbsOf(text), verbsOf(translation)
	for place, verb := range wanted {
		if _, there := got[place]; !there && isForm && place == 1 && verb == "d" {
			continue
		}
		if got[place] != verb {
			return fmt.Errorf("%q tells its argument %d not as %%%s", translation, place, verb)
		}
	}
	for place := range got {
		if wanted[place] == "" {
			return fmt.Errorf("%q takes an argument %d, which the text has not", translation, place)
		}
	}
	return checkPlaceholders(text, translation)
}

// checkPlaceholders does the same for what a script fills in, such as {date}.
func checkPlaceholders(text, translation string) error {
	for _, name := range placeholderPattern.FindAllString(text, -1) {
		if !strings.Contains(translation, name) {
			return fmt.Errorf("%q lacks %s", translation, name)
		}
	}
	for _, name := range placeholderPattern.FindAllString(translation, -1) {
		if !strings.Contains(text, name) {
			return fmt.Errorf("%q has %s, which the text has not", translation, name)
		}
	}
	return nil
}
