package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// docs/protocol.md §6 hostile-text: text that no database takes is refused before it gets there, on
// SQLite and PostgreSQL alike, and is no fault of ours.
func TestTextThatNoDatabaseTakes(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		b := s.BrowserOf(t, s.Operator("Olga Operator"))
		for _, bad := range []string{"ann\x00a", "ann\xffa"} {
			b.Get("/counter/accounts/"+url.PathEscape(bad)).Wants(http.StatusNotFound, "")
			b.Get(views.PathCounter+"?x="+url.QueryEscape(bad)).Wants(http.StatusBadRequest, "")
			b.Post(views.PathSearch, url.Values{"identifier": {bad}}).Wants(http.StatusBadRequest, "")
			b.Post(views.PathSearch, url.Values{"x" + bad: {""}}).Wants(http.StatusBadRequest, "")
		}
		b.Post(views.PathSearch, url.Values{"identifier": {strings.Repeat("x", 40<<10)}}).Wants(http.StatusRequestEntityTooLarge, "")
	})
}
