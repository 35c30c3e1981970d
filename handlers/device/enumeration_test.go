package device_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
)

// docs/architecture.md §4.1: an identifier that names an account and one that names none are
// answered in the same time. Samples alternate, so that whatever else the machine does
// meets both; medians may differ by a quarter, and a noisy machine gets three tries. That
// both run the same statements is models.TestUnknownIdentifierRunsTheSameStatements.
func TestUnknownIdentifierTakesTheSameTime(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	s := handlerstest.Start(t, handlerstest.Config{})
	const tries, bound = 3, 1.25
	var ratio float64
	for range tries {
		known, unknown := askAlternately(t, s)
		if ratio = known.Seconds() / unknown.Seconds(); ratio < bound && ratio > 1/bound {
			return
		}
		t.Logf("medians %s for a known and %s for an unknown identifier", known, unknown)
	}
	t.Errorf("a known identifier takes %.2f times as long as an unknown one", ratio)
}

// askAlternately returns the medians for a known and an unknown identifier of the same
// length, each asked for by a phone of its own.
func askAlternately(t *testing.T, s *handlerstest.Server) (known, unknown time.Duration) {
	t.Helper()
	const samples = 120
	phones := []*handlerstest.Phone{s.Phone(), s.Phone()}
	var took [2][]time.Duration
	for i := range samples {
		for _, which := range []int{i % 2, 1 - i%2} {
			hint := "anna@example.org"
			if which == 1 {
				hint = "nobo@example.org"
			}
			request := handlerstest.Request{Path: "/device_authorization",
				Form: map[string]string{"login_hint": hint, "instance_name": fmt.Sprint(i)}}
			prepared := phones[which].NewRequest(request)
			began := time.Now()
			s.Do(prepared).Succeeded(t, http.StatusOK)
			took[which] = append(took[which], time.Since(began))
		}
	}
	median := func(all []time.Duration) time.Duration {
		slices.Sort(all)
		return all[len(all)/2]
	}
	return median(took[0]), median(took[1])
}
