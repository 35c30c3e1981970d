package counter_test

import (
	"net/http"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// docs/protocol.md §6 strangers-request: a flood of requests for an account leaves the operator a short list
// that says so, and the owner's code matches although its request is not on it.
func TestFloodLeavesAShortList(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	owner := s.Phone().Ask(nil)
	for range 12 {
		s.Phone().Ask(nil)
	}
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	b.Get(views.AccountPath(s.Account.ID)).Wants(http.StatusOK, "Anna Example").
		Says("3 requests wait for this account", "10 more requests", "are not shown")
	match(b, s, owner.UserCode)
}
