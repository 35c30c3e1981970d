package review

import (
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
)

// A text beside the log that was changed takes the verdict from an entry that is sound itself.
func TestVerdictOnAnAlteredDetail(t *testing.T) {
	found := models.EventView{TrailRow: models.TrailRow{Altered: []string{audit.DetailAddress}}}
	told := eventTeller{ctx: t.Context(), zone: time.UTC, found: found}
	verdict := told.verdict(time.Unix(0, 0))
	if verdict.Good || !strings.Contains(strings.Join(verdict.Lines, "\n"), "A text beside the log is not the one that this entry states") {
		t.Errorf("%+v", verdict)
	}
	told.found.Altered = nil
	if verdict = told.verdict(time.Unix(0, 0)); !verdict.Good {
		t.Errorf("%+v", verdict)
	}
}
