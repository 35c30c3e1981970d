package views

import (
	"strings"
	"testing"
)

// A box that holds a text to be copied is as high as the text.
func TestTextRows(t *testing.T) {
	for text, want := range map[string]int{
		"": 1, "one line": 1, "two\nlines": 2, "an empty\n\nline": 3,
		strings.Repeat("x", textWidth): 1, strings.Repeat("x", textWidth+1): 2, strings.Repeat("é", textWidth): 1,
		strings.Repeat("x", 2*textWidth+1) + "\nlast": 4,
	} {
		if rows := textRows(text); rows != want {
			t.Errorf("%q: %d rows, want %d", text, rows, want)
		}
	}
}
