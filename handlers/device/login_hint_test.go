package device_test

import (
	"net/http"
	"testing"

	"countersign/handlers/handlerstest"
)

// docs/decisions/0027-spellings.md: whichever usual spelling the phone sends, it is the same account; and a plus sign that
// was not encoded is named, since it would be another one.
func TestLoginHintInAnotherSpelling(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	for _, hint := range []string{"ANNA@EXAMPLE.ORG.", "mailto:anna@example.org", "anna@example.org"} {
		codes := s.Phone().Ask(map[string]string{"login_hint": hint})
		s.Approve(t, codes.UserCode)
	}
	answer := s.Phone().AskRaw(handlerstest.Request{Form: map[string]string{"login_hint": " 447700900118"}})
	answer.Refused(t, http.StatusBadRequest, "invalid_request")
}
