package device_test

import (
	"encoding/json"
	"html"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// The phone's page is told each clock of the counters once, with the next change.
func TestPhonePageHasTheCountersClocks(t *testing.T) {
	t.Parallel()
	s := handlerstest.Start(t, handlerstest.Config{}) // its counter is in Berlin
	for name, zone := range map[string]string{"A": "America/Vancouver", "B": "Europe/Paris", "C": "Asia/Kathmandu"} {
		if _, err := s.Store.AddCounter(t.Context(),
			models.NewCounter{Name: name, Address: "1 Square", Hours: "9 to 17", TimeZone: zone}); err != nil {
			t.Fatal(err)
		}
	}
	october := time.Date(2026, time.October, 20, 12, 0, 0, 0, time.UTC)
	s.Clock.Advance(october.Sub(s.Clock.Now()))
	_, page := read(t, s, views.PathPhone, nil)
	_, rest, _ := strings.Cut(page, `data-settings="`)
	text, _, _ := strings.Cut(rest, `"`)
	var settings struct{ Clocks []views.PhoneClock }
	if err := json.Unmarshal([]byte(html.UnescapeString(text)), &settings); err != nil {
		t.Fatal(err)
	}
	berlin := views.PhoneClock{Minutes: 120, Until: time.Date(2026, time.October, 25, 1, 0, 0, 0, time.UTC).UnixMilli(), Then: 60}
	vancouver, kathmandu := views.PhoneClock{Minutes: -420, Then: -420}, views.PhoneClock{Minutes: 345, Then: 345}
	for _, want := range []views.PhoneClock{berlin, vancouver, kathmandu} {
		if !slices.Contains(settings.Clocks, want) {
			t.Errorf("%+v is missing", want)
		}
	}
	if len(settings.Clocks) != 3 {
		t.Errorf("the clocks are %+v", settings.Clocks)
	}
}
