package review_test

import (
	"context"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/handlers/review"
	"countersign/views"

	"golang.org/x/text/language"
)

// A middle is told of ten and more, as the bound of the span that it is in, and not where that has none; each row says from when to
// when, so that no figure is told twice.
func TestLengthsOfTimeInWords(t *testing.T) {
	catalogue, err := views.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		short, long, longest int64
		says                 string
	}{
		{0, 0, 0, ""}, {9, 0, 0, ""}, {10, 0, 0, "Half of them took 1 minute or less."}, {5, 5, 0, "Half of them took 1 minute or less."},
		{4, 6, 0, "Half of them took 1 hour or less."}, {1, 1, 9, ""},
	} {
		plot := review.TimesForTest(catalogue.In(context.Background(), language.English), audit.MeasureLength,
			map[string]int64{"60": c.short, "3600": c.long, audit.SpanLonger.Word(): c.longest})
		if got := strings.Trim(plot.Says, " "); got != c.says {
			t.Errorf("%+v: %q", c, got)
		}
		if c.short+c.long+c.longest == 0 {
			continue
		}
		var names []string
		for _, row := range plot.Rows {
			names = append(names, row.Name)
		}
		want := "up to 1 minute|1 minute to 2 minutes|2 minutes to 3 minutes|3 minutes to 5 minutes|5 minutes to 10 minutes|" +
			"10 minutes to 15 minutes|15 minutes to 30 minutes|30 minutes to 1 hour|more than 1 hour"
		if got := strings.Join(names, "|"); got != want {
			t.Errorf("rows %q", got)
		}
	}
}
