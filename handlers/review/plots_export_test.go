package review

import (
	"context"

	"countersign/audit"
	"countersign/models"
	"countersign/views"
)

// TimesForTest is the plot of a measure of these counts.
func TimesForTest(ctx context.Context, m audit.Measure, counts map[string]int64) views.Plot {
	p := plots{ctx: ctx, Overview: models.Overview{Counts: map[audit.Measure]map[string]int64{m: counts}}}
	return p.times("length", m, "", "")
}
