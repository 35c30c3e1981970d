package review_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// sequenced lets the log have everything that happened.
func sequenced(t *testing.T, s *handlerstest.Server) {
	t.Helper()
	for {
		done, err := s.Store.Sequence(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !done.Behind() {
			return
		}
	}
}

// tlog-proof, "Format": operator and supervisor download a decision with its proof, as soon as the log has it; before that they are
// told when. Nobody downloads what they may not read.
func TestReceiptFile(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		phone := s.Phone()
		request := s.Approve(t, phone.Ask(nil).UserCode).Binding.DeviceAuthorizationID
		operator, supervisor := s.BrowserOf(t, s.Operator("Olga Operator")), s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		entry, err := s.Store.DecisionEntry(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		other := s.BrowserOf(t, s.Operator("Otto Other"))
		other.Get(views.ReceiptFilePath(request)).Wants(http.StatusOK, "This record is not open").SaysNot("tlog-proof")
		operator.Open(views.ReceiptPath(request)).Says("Hash in the audit log", entry.LeafHash())
		supervisor.Open(views.ReviewRequestPath(request)).Wants(http.StatusOK, "Request of")
		pages := map[string]*handlerstest.Browser{views.ReceiptFilePath(request): operator, views.ReviewReceiptFilePath(request): supervisor}
		for path, b := range pages {
			page := b.Get(path).Wants(http.StatusServiceUnavailable, "Not in the audit log yet")
			if page.Header.Get("Retry-After") != "1" || !strings.Contains(page.Source, `href="`+path+`"`) {
				t.Errorf("%s: Retry-After %q", path, page.Header.Get("Retry-After"))
			}
		}
		sequenced(t, s)
		for path, b := range pages {
			page := b.Get(path)
			name := fmt.Sprintf(`attachment; filename="receipt-%d.tlog-proof"`, entry.Seq)
			receipt, err := audit.ReadReceipt([]byte(page.Source))
			if err != nil || receipt.Entry != entry || page.Header.Get("Content-Disposition") != name {
				t.Errorf("%s: %v, %s", path, err, page.Header.Get("Content-Disposition"))
			}
			if page.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept: %s", path, page.Header.Get("Cache-Control"))
			}
		}
		other.Get(views.ReviewReceiptFilePath(request)).Wants(http.StatusForbidden, "")
	})
}

// A decline has a receipt too, and what is not decided has none.
func TestReceiptFileOfADecline(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	codes := s.Phone().Ask(nil)
	declined := waiting(t, s)
	s.Decline(t, codes.UserCode)
	s.Phone().Ask(nil)
	sequenced(t, s)
	supervisor := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	for request, status := range map[string]int{declined: http.StatusOK, waiting(t, s): http.StatusNotFound} {
		page := supervisor.Open(views.ReviewRequestPath(request))
		if linked := slices.Contains(page.Links(), views.ReviewReceiptFilePath(request)); linked != (status == http.StatusOK) {
			t.Errorf("a link: %t", linked)
		}
		file := supervisor.Get(views.ReviewReceiptFilePath(request))
		receipt, err := audit.ReadReceipt([]byte(file.Source))
		if file.Status != status || (err == nil) != (status == http.StatusOK) || err == nil && receipt.Event.Facts.Reason != "customer_left" {
			t.Errorf("%d, %v", file.Status, err)
		}
	}
}

// waiting is the one request that waits.
func waiting(t *testing.T, s *handlerstest.Server) string {
	t.Helper()
	account, err := s.Store.Account(t.Context(), s.Account.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range account.Requests {
		if request.State == models.Pending {
			return request.ID
		}
	}
	t.Fatal("no request waits")
	return ""
}
