package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/static"
)

// A process whose database a newer program has changed for good (docs/decisions/0068-oldest-program.md) answers no route from it,
// whoever asks: 503, whole seconds to wait, and a cause that is said once in the log and by /readyz.
func TestTooOldProgramAnswersNothingFromTheDatabase(t *testing.T) {
	w := beginWith(t, handlerstest.Config{})
	modelstest.MigrateByNewer(t, w.Address, true)
	if err := w.Store.CheckOldest(t.Context()); err == nil {
		t.Fatal("it is not too old")
	}
	for _, route := range w.Routes {
		if route.Path == "/readyz" || route.Path == "/healthz" || strings.HasPrefix(route.Path, static.Prefix) {
			continue
		}
		for _, path := range w.addresses(route) {
			for _, who := range []*handlerstest.Staff{nil, &w.operator} {
				if status, after := w.answer(t, route.Method, path, url.Values{}, who); status != http.StatusServiceUnavailable || after != "30" {
					t.Errorf("%s %s: %d, Retry-After %q", route.Method, path, status, after)
				}
			}
		}
	}
	if got := w.Get("/readyz"); got.Status != http.StatusServiceUnavailable || got.String("problem") != string(models.TooOld) {
		t.Errorf("readyz: %d %s", got.Status, got.Text)
	}
	if alive, style := w.Get("/healthz").Status, w.Get(static.URL("app.css")).Status; alive != http.StatusOK || style != http.StatusOK {
		t.Errorf("healthz %d, a stylesheet %d", alive, style)
	}
	if log := w.Log(); strings.Count(log, "stopped working: a newer program is needed") != 1 ||
		!strings.Contains(log, "it asks for a program that knows migration 900") || strings.Contains(log, "level=ERROR msg=fault") {
		t.Errorf("logged %s", log)
	}
}
