package review_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// A supervisor asks by names: each leads to what else there is of it, the filters add up in the address, and each of them can be
// taken away.
func TestSupervisorAsksTheTrail(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		s.Approve(t, s.Phone().Ask(nil).UserCode) // by Olga Operator, at Market Square
		b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		page := b.Get(views.PathReviewEvents)
		for _, name := range []struct{ parameter, chip string }{
			{"staff", "Who: Olga Operator"}, {"counter", "Counter: Market Square"}, {"account", "Account: A. E."},
			{"client", "App or client: Pocket Bank"},
		} {
			link := linkWith(t, page, name.parameter)
			filtered := b.Get(link).Wants(http.StatusOK, "Audit trail").Says(name.chip, "remove this filter", "Device approved")
			if strings.Contains(rows(filtered), "Signing key created") || strings.Contains(filtered.Text(), "Anna") {
				t.Errorf("%s lets others through, or tells a name whose record is not open", link)
			}
			page = filtered // the next is asked beside it
		}
		page.Says("Who: Olga Operator", "Counter: Market Square", "Account: A. E.")
		form := page.Form(views.PathReviewEvents).Set("result", "approved").Set("presence", "code only")
		all := form.Set("from", "2026-05-04").Set("until", "2026-05-04").Submit().Wants(http.StatusOK, "Audit trail")
		all.Says("Result: Approved", "Matched by: code only", "From: 2026-05-04", "Until: 2026-05-04",
			"Who: Olga Operator", "App or client: Pocket Bank", "Device approved")
		if got := strings.Count(rows(all), "<tr>"); got != 1 {
			t.Errorf("%d rows, want 1", got)
		}
		without := all.URL.Query()
		without.Del("result")
		if !slices.Contains(all.Links(), views.PathReviewEvents+"?"+without.Encode()) {
			t.Error("the result cannot be taken away alone")
		}
		for name, value := range map[string]string{"result": "declined", "presence": "proved", "from": "2026-05-05", "until": "2026-05-03"} {
			other := all.URL.Query()
			other.Set(name, value)
			b.Get(views.PathReviewEvents + "?" + other.Encode()).Says("No event fits these filters.")
		}
	})
}

// A type that gives reasons offers them; a parameter that means nothing is left aside, and no filter.
func TestTrailTakesOnlyWhatMeansSomething(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	page := b.Get(views.PathReviewEvents + "?type=device-authorization-declined")
	page.Form(views.PathReviewEvents).Set("reason", "suspicious").Submit().Says("Event: Request declined", "Reason:", "No event fits")
	if b.Get(views.PathReviewEvents).SaysNot("Filters in force"); page.Form(views.PathReviewEvents).Value("reason") != "" {
		t.Error("a reason is chosen unasked")
	}
	for _, query := range []url.Values{
		{"reason": {"suspicious"}}, {"result": {"lost"}}, {"presence": {"maybe"}}, {"staff": {"'; --"}}, {"account": {"A B"}},
		{"from": {"yesterday"}}, {"until": {"2026-13-01"}}, {"counter": {strings.Repeat("a", 65)}},
	} {
		b.Get(views.PathReviewEvents+"?"+query.Encode()).Wants(http.StatusOK, "Audit trail").Says("Staff signed in").SaysNot("remove this filter")
	}
}

// linkWith is the link of the page that adds the parameter, of the newest event that has one.
func linkWith(t *testing.T, page *handlerstest.Page, parameter string) string {
	t.Helper()
	for _, link := range page.Links() {
		address, err := url.Parse(link)
		if err == nil && address.Query().Get(parameter) != "" && page.URL.Query().Get(parameter) == "" &&
			(parameter != "staff" || page.URL.RawQuery != "" || operatorOf(page, link)) {
			return link
		}
	}
	t.Fatalf("%s has no link for %s", page.URL, parameter)
	return ""
}

// operatorOf reports whether the link is Olga's and not the supervisor's own.
func operatorOf(page *handlerstest.Page, link string) bool {
	_, after, _ := strings.Cut(page.Source, `href="`+strings.ReplaceAll(link, "&", "&amp;")+`"`)
	text, _, _ := strings.Cut(after, "</a>")
	return strings.Contains(text, "Olga")
}
