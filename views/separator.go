package views

import (
	"context"
	"strings"
)

// ListSeparator is what a spreadsheet in the context's language takes for the end of a cell: the semicolon where numbers are
// written with a decimal comma.
func ListSeparator(ctx context.Context) rune {
	if strings.Contains(speakerOf(ctx).printer.Sprintf("%.1f", 1.5), ",") {
		return ';'
	}
	return ','
}
