package device_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// The page with the counters says what is known of their hours, in its reader's language: open now, or when next, and the days
// that are different; of hours in words nothing but these.
func TestPlacesSayWhetherTheyAreOpen(t *testing.T) {
	const week = "Mo-Fr 09:00-12:00,13:00-17:00; Sa 22:00-02:00; 2026-05-08 off"
	for _, test := range []struct {
		what, hours, language string
		later                 time.Duration // after Monday 4 May 2026, 11:00 at the counter
		says, saysNot         []string
	}{
		{"open", week, "en", 0, []string{"Open now, until 12:00.", "Monday to Friday: 09:00–12:00, 13:00–17:00", "Saturday: 22:00–02:00",
			"Sunday: closed", "8 May 2026: closed"}, []string{"Mo-Fr"}},
		{"a second before noon", week, "en", time.Hour - time.Second, []string{"Open now, until 12:00."}, nil},
		{"noon", week, "en", time.Hour, []string{"Opens today at 13:00."}, []string{"Open now"}},
		{"the evening", week, "en", 6 * time.Hour, []string{"Opens Tuesday at 09:00."}, nil},
		{"in German", week, "de", 6 * time.Hour, []string{"Öffnet Dienstag um 09:00.",
			"Montag bis Freitag: 09:00–12:00", "Sonntag: geschlossen"}, []string{"Opens"}},
		{"over midnight", week, "en", (5*24 + 14) * time.Hour, []string{"Open now, until 02:00."}, nil},
		{"a day that is closed", week, "en", 4 * 24 * time.Hour, []string{"Opens Saturday at 22:00."}, nil},
		{"far away", "Mo 09:00-10:00", "en", 0, []string{"Opens on 11 May 2026 at 09:00."}, nil},
		{"always", "Mo-Su 00:00-24:00", "en", 0, []string{"Open now."}, []string{"until"}},
		{"words", "Mon–Fri 9–17", "en", 0, []string{"Mon–Fri 9–17"}, []string{"Open now", "Opens"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{})
			if _, _, err := s.Store.AmendCounter(t.Context(), s.Counter.ID, models.CounterAmendment{Hours: &test.hours}); err != nil {
				t.Fatal(err)
			}
			s.Clock.Advance(test.later)
			page := text(t, s, oauth.PathVerification, test.language)
			for _, words := range test.says {
				if !strings.Contains(page, words) {
					t.Errorf("does not say %q: %s", words, page)
				}
			}
			for _, words := range test.saysNot {
				if strings.Contains(page, words) {
					t.Errorf("says %q", words)
				}
			}
		})
	}
}

// text is the part of a page that lists the counters.
func text(t *testing.T, s *handlerstest.Server, path, language string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Endpoint(path), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Language", language)
	_, list, found := strings.Cut(s.Do(request).Text, `<ul class="places">`)
	if !found {
		t.Fatal("no counters are listed")
	}
	list, _, _ = strings.Cut(list, "</ul>")
	return list
}

// The phone's page, which is read later and without a network, gets the openings themselves; of words none.
func TestPhonePageKnowsTheOpenings(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	if list := text(t, s, views.PathPhone, "en"); strings.Contains(list, "data-open") {
		t.Errorf("hours in words have openings: %s", list)
	}
	data := "Mo 09:00-10:00; 2026-05-11 off"
	if _, _, err := s.Store.AmendCounter(t.Context(), s.Counter.ID, models.CounterAmendment{Hours: &data}); err != nil {
		t.Fatal(err)
	}
	list := text(t, s, views.PathPhone, "en")
	if !strings.Contains(list, `data-open="[[1779087600000,1779091200000]]"`) || strings.Contains(list, "Opens") {
		t.Errorf("%s", list)
	}
}
