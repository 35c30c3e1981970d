package device

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// An outage of the database is in the log once for each time that it begins, not once a
// second: the log of a long one would hide what else happened.
func TestAnOutageIsLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	d := &decisions{log: slog.New(slog.NewTextHandler(&log, nil))}
	for _, outage := range []bool{true, true, true, false, true, true} {
		d.decided = func(context.Context, []string) ([]string, error) {
			if outage {
				return nil, errors.New("no database")
			}
			return nil, nil
		}
		d.look(nil)
	}
	if got := strings.Count(log.String(), "what was decided cannot be read"); got != 2 {
		t.Errorf("two outages have %d lines in the log:\n%s", got, log.String())
	}
}
