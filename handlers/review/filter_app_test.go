package review_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// A supervisor asks for all clients of an app: from the page of an event, of a request, or by its name in the form, beside the
// other filters. The page says whose events it cannot find.
func TestSupervisorAsksByApp(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		for id, name := range map[string]string{"example.pocketbank": "Pocket Bank for phones", "example.other": "Other app"} {
			_, err := s.Store.AddSoftware(t.Context(), models.NewSoftware{Publisher: "Pocket", SoftwareID: id, Name: name,
				Scope: oauth.Scope{"profile"}})
			if err != nil {
				t.Fatal(err)
			}
		}
		s.Approve(t, s.Phone().Ask(nil).UserCode)
		entry := entryOf(t, s, audit.DeviceBindingApproved)
		b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		trail := views.PathReviewEvents + "?app=example.pocketbank"
		for _, page := range []*handlerstest.Page{
			b.Get(views.EntryPath(entry.Seq)), b.Open(views.ReviewRequestPath(entry.DeviceAuthorizationID)),
		} {
			if page.Says("Pocket Bank for phones"); !slices.Contains(page.Links(), trail) {
				t.Errorf("%s does not lead to the app's trail: %v", page.URL, page.Links())
			}
		}
		page := b.Get(trail).Wants(http.StatusOK, "Audit trail").
			Says("App: Pocket Bank for phones", "remove this filter", "Device approved", "Client registered",
				"Events of clients that were removed since")
		if strings.Contains(rows(page), "Signing key created") {
			t.Error("it lets others through")
		}
		both := page.Form(views.PathReviewEvents).Set("result", "approved").Submit().
			Says("App: Pocket Bank for phones", "Result: Approved", "Device approved")
		if got := strings.Count(rows(both), "<tr>"); got != 1 {
			t.Errorf("%d rows, want 1", got)
		}
		if !slices.Contains(both.Links(), views.PathReviewEvents+"?result=approved") {
			t.Error("the app cannot be taken away alone")
		}
		both.Form(views.PathReviewEvents).Set("app", "example.other").Submit().Says("App: Other app", "No event fits these filters.")
		b.Get(views.PathReviewEvents+"?app=a+b").SaysNot("remove this filter", "Events of clients that were removed since")
		if file := export(b, "app=example.pocketbank", "json-lines"); !strings.Contains(file.Source, `"filter":["software=example.pocketbank"]`) {
			t.Errorf("the export is of all: %.200s", file.Source)
		}
		b.Get(views.PathReviewEvents).Says("App: Pocket Bank for phones")
	})
}
