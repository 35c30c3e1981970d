package models_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// The log of a server says every half minute how far a long work is, how fast, and how long the rest takes; of quick work nothing.
func TestLogProgress(t *testing.T) {
	told := func(seconds int) string {
		clock, lines := modelstest.NewClock(), bytes.Buffer{}
		progress := models.LogProgress(slog.New(slog.NewTextHandler(&lines, nil)), clock.Now)
		for second := range int64(seconds) {
			progress("events made searchable", second*1000, 600_000)
			clock.Advance(time.Second)
		}
		return lines.String()
	}
	if lines := told(29); lines != "" {
		t.Errorf("%s", lines)
	}
	lines := told(100)
	if strings.Count(lines, "\n") != 3 ||
		!strings.Contains(lines, `what="events made searchable" done=60000 of=600000 per_second=1000 left=9m0s`) {
		t.Errorf("%s", lines)
	}
}

// What is filled or mended of the tables beside the trail is told after each batch, up to its end.
func TestFillingIsTold(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		account := env.Account(t, "ada@example.com")
		for range 600 {
			if err := env.OpenRecordByCommand(env.Context, account, term.QueryExact); err != nil {
				t.Fatal(err)
			}
		}
		last, heard := env.LastEvent(t), map[string][]int64{}
		ctx := models.Telling(env.Context, func(what string, done, all int64) {
			if heard[what] = append(heard[what], done); done > all || all != last {
				t.Errorf("%s: %d of %d, and the last is %d", what, done, all, last)
			}
		})
		for range 2 { // the second time all is made, and is looked at
			if _, err := env.Reindex(ctx, func(int64) {}); err != nil {
				t.Fatal(err)
			}
		}
		for _, what := range []string{"events looked at", "events counted", "events counted anew"} {
			if steps := heard[what]; len(steps) < 2 || steps[len(steps)-1] != last {
				t.Errorf("%s: %v of %d", what, steps, last)
			}
		}
	})
}
