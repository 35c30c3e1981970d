package admin_test

import (
	"testing"

	"countersign/audit/term"
	"countersign/handlers/handlerstest"
	"countersign/views"
)

// The page of an erased account says when, and nothing else; no form changes it. The trail names nobody.
func TestErasedAccountSaysWhen(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Approve(t, s.Phone().Ask(nil).UserCode)
	b := s.BrowserOf(t, s.Administrator("Adam Administrator"))
	id := s.Account.ID
	b.Post(views.AdminOpenRecordPath(id), nil)
	b.Get(views.AccountSettingsPath(id)).Says("Correct the record")
	if err := s.Store.EraseAccount(t.Context(), id, term.ErasureRequested); err != nil {
		t.Fatal(err)
	}
	b.Get(views.AccountSettingsPath(id)).Says("Erased on ").SaysNot("Correct the record", "Anna")
	supervisor := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	supervisor.Get(views.PathReviewEvents).Says("Account erased", "its holder asked for it", "Erased account").SaysNot("A. E.")
	supervisor.Get(views.StoryPath(id)).Says("Story of an erased account", "Account erased").SaysNot("A. E.")
}
