package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"countersign/models"

	"github.com/labstack/echo/v4"
)

// A request that ran out of time may have been done: 503, and never "nothing was changed",
// whatever error the database made of it.
func TestRanOutOfTime(t *testing.T) {
	ended, end := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer end()
	for name, test := range map[string]struct {
		ctx context.Context
		err error
	}{
		"told by the error":   {t.Context(), context.DeadlineExceeded},
		"told by the context": {ended, errors.New("interrupted")},
	} {
		app := New(Config{Log: slog.New(slog.DiscardHandler)})
		recorder := httptest.NewRecorder()
		request := httptest.NewRequestWithContext(test.ctx, http.MethodPost, "/counter/visits/x/approve", nil)
		request.Header.Set("Accept", "text/html")
		app.Answer(test.err, echo.New().NewContext(request, recorder))
		body := recorder.Body.String()
		if recorder.Code != http.StatusServiceUnavailable || !strings.Contains(body, "Look whether it was done before you try again.") ||
			strings.Contains(body, "Nothing was changed") {
			t.Errorf("%s: %d %s", name, recorder.Code, body)
		}
	}
}

// The pages offer the reasons that models takes. Should the two ever differ, the person is
// asked for another one: it is no fault of the server.
func TestUnknownReasonIsToBeMended(t *testing.T) {
	app := New(Config{Log: slog.New(slog.DiscardHandler)})
	recorder := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/counter/visits/x/decline", nil)
	request.Header.Set("Accept", "text/html")
	app.Answer(fmt.Errorf("%q is %w", "mood", models.ErrUnknownReason), echo.New().NewContext(request, recorder))
	if body := recorder.Body.String(); recorder.Code != http.StatusBadRequest || !strings.Contains(body, "Go back and choose a reason.") ||
		strings.Contains(body, "mood") {
		t.Errorf("%d %s", recorder.Code, body)
	}
}
