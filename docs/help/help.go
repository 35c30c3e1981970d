// Package help has the texts of the Help pages, a Markdown file for each audience and
// language: what somebody reads here is what the program shows. It imports nothing of ours.
package help

import "embed"

//go:embed *.md
var files embed.FS

// Audiences returns for whom there is a text, in the order in which they are offered: their
// names are those of the files and of the pages' addresses.
func Audiences() []string { return []string{"operator", "supervisor", "administrator", "phone"} }

// Text returns the text for an audience in a language (a BCP 47 tag, "de"); false where there
// is none.
func Text(audience, language string) ([]byte, bool) {
	text, err := files.ReadFile(audience + "." + language + ".md")
	return text, err == nil
}
