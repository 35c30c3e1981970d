package views

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// firstMark stands for the first part of a phrase while its text is put together: a
// character of the private use area, which no catalogue has.
const firstMark = '\uE000'

// phrase says a text with markup in it: each %s of english, wherever a language puts it,
// is a part.
func phrase(english string, parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		marks := make([]any, len(parts))
		for i := range parts {
			marks[i] = string(rune(firstMark + i))
		}
		text := say(ctx, english, marks...)
		for {
			at := strings.IndexFunc(text, func(r rune) bool { return r >= firstMark && int(r-firstMark) < len(parts) })
			if at < 0 {
				_, err := io.WriteString(w, templ.EscapeString(text))
				return err
			}
			if _, err := io.WriteString(w, templ.EscapeString(text[:at])); err != nil {
				return err
			}
			mark := []rune(text[at:])[0]
			if err := parts[mark-firstMark].Render(ctx, w); err != nil {
				return err
			}
			text = text[at+len(string(mark)):]
		}
	})
}

// isolate wraps a text in Unicode isolates where no bdi element can stand, so that its
// direction cannot turn the words around it.
func isolate(text string) string { return "\u2068" + text + "\u2069" }
