package admin_test

import (
	"net/http"
	"slices"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// Opening hours are filled in for each weekday, with dates that are different; a mistake stands beside its field and loses
// nothing that was typed; words are kept as long as no weekday is filled in.
func TestOpeningHoursOfACounter(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	path := views.CounterSettingsPath(s.Counter.ID)
	form := b.Get(path).Wants(http.StatusOK, "Market Square").Form(path)
	if form.Value("hours") != "Monday to Friday, 9 to 17" || form.Value("open_mo") != "" {
		t.Errorf("the words are %q", form.Value("hours"))
	}
	wrong := form.Set("open_mo", "9 to 5").Set("open_tu", "9:00-12:00, 13:00-17:00").Set("dates", "2026-12-25 closed\nChristmas").Submit()
	want := []string{"Write it like 09:00-12:00, 13:00-17:00, or leave it empty: closed.",
		"Write a date and its hours on each line, like 2026-12-24 09:00-12:00 or 2026-12-25 closed."}
	if got := wrong.Errors(); !slices.Equal(got, want) {
		t.Errorf("errors %q", got)
	}
	again := wrong.Form(path)
	for field, typed := range map[string]string{"open_mo": "9 to 5", "open_tu": "9:00-12:00, 13:00-17:00",
		"dates": "2026-12-25 closed Christmas", "hours": "Monday to Friday, 9 to 17"} {
		if got := again.Value(field); got != typed {
			t.Errorf("%s: %q was typed, %q is there", field, typed, got)
		}
	}
	saved := again.Set("open_mo", "09:00-12:00").Set("open_fr", "22:00-02:00").
		Set("dates", "2026-12-25 closed\n\n2026-12-24 9:00-11:00").Submit()
	saved.Says("The counter is saved.")
	if counter, err := s.Store.Counter(t.Context(), s.Counter.ID); err != nil ||
		counter.Hours != "Mo 09:00-12:00; Tu 09:00-12:00,13:00-17:00; Fr 22:00-02:00; 2026 Dec 24 09:00-11:00; 2026 Dec 25 off" {
		t.Errorf("%q, %v", counter.Hours, err)
	}
	shown := b.Get(path).Form(path)
	for field, want := range map[string]string{"open_mo": "09:00-12:00", "open_tu": "09:00-12:00, 13:00-17:00", "open_we": "",
		"dates": "2026-12-24 09:00-11:00 2026-12-25 closed", "hours": ""} {
		if got := shown.Value(field); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
	b.Get(views.PathCounters).Says("Monday: 09:00–12:00", "Wednesday to Thursday: closed", "Friday: 22:00–02:00")
	before := s.LastEvent()
	shown.Submit().Says("The counter is saved.")
	if events := s.Events(before); len(events) != 0 {
		t.Errorf("the same hours are a change: %v", events)
	}
	only := b.Get(path).Form(path).Set("dates", "2026-12-25 closed")
	for _, day := range views.HoursFields() {
		only.Set(day, "")
	}
	if got := only.Submit().Errors(); len(got) != 1 {
		t.Errorf("open on no weekday: %q", got)
	}
	meant := b.Get(path).Form(path).Set("open_mo", "").Set("open_tu", "").Set("open_fr", "").Set("dates", "").Set("hours", "Mo-Fr 9-17")
	if got := meant.Submit().Errors(); !slices.Equal(got, []string{"Write these hours into the fields of the weekdays."}) {
		t.Errorf("data that cannot be read: %q", got)
	}
	words := b.Get(path).Form(path).Set("dates", "").Set("hours", "By appointment")
	for _, day := range views.HoursFields() {
		words.Set(day, "")
	}
	words.Submit().Says("The counter is saved.")
	b.Get(views.PathCounters).Says("By appointment").SaysNot("Monday:")
}
