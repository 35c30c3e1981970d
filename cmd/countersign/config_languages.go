package main

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"countersign/views"

	"golang.org/x/text/language"
)

// LanguageFlags say which languages pages and notices can be in.
type LanguageFlags struct {
	Languages string `help:"Folder of language files of your own, such as fr.json: they add languages, and words to those that there are (docs/languages.md)." placeholder:"FOLDER"`
}

// check reads the language files. A folder that cannot be read leaves the languages of the program.
func (f *LanguageFlags) check(c *checks) *views.Words {
	var folders []fs.FS
	if f.Languages != "" {
		folders = append(folders, os.DirFS(f.Languages))
	}
	words, err := views.LoadWords(folders...)
	if err == nil {
		return words
	}
	c.refuse("languages", fmt.Sprintf("%s: %v", f.Languages, err), "Correct the file as docs/languages.md says, or take it out of the folder")
	if words, err = views.LoadWords(); err != nil {
		c.refuse("languages", err.Error(), "Build the program anew")
	}
	return words
}

// language is one of those that there are.
func (c *checks) language(flag, value string, words *views.Words) language.Tag {
	var tags []string
	for _, l := range words.Languages() {
		tags = append(tags, l.Tag.String())
	}
	l, _ := words.Language(c.oneOf(flag, value, tags...))
	return l.Tag
}

// warnOfUnsaid tells which texts of an organisation's own language files nobody reads.
func warnOfUnsaid(log *slog.Logger, words *views.Words) {
	if unsaid := words.Unsaid(); len(unsaid) > 0 {
		log.Warn("language files have texts that this version does not say", "count", len(unsaid),
			"first", strings.Join(unsaid[:min(len(unsaid), 3)], "; "))
	}
}
