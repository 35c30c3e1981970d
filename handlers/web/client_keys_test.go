package web_test

import (
	"bytes"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"countersign/handlers/limits"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/modelstest"
)

// One site is fetched from as often as the level of limits says, and the log tells which
// fetches were not made (docs/decisions/0012-limits.md).
func TestFetchesAreLimitedByLevel(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	for level, want := range map[limits.Level]int{limits.Default: 60, limits.Strict: 20, limits.Off: 100} {
		var log bytes.Buffer
		app := web.New(web.Config{Store: env.Store, Limits: level, Log: slog.New(slog.NewTextHandler(&log, nil))})
		for i := range 100 {
			if _, _, err := app.FetchKey(t.Context(), "https://127.0.0.1/"+strconv.Itoa(i), "", models.Client{}); err == nil {
				t.Fatal("fetched from the loopback network")
			}
		}
		asked, refused := strings.Count(log.String(), "not a public address"), strings.Count(log.String(), "too many fetches")
		if asked != want || refused != 100-want {
			t.Errorf("%s: %d fetches asked and %d refused, want %d asked of 100", level, asked, refused, want)
		}
	}
}
