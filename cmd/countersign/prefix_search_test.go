package main

import (
	"net/http"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// docs/protocol.md §6 record-harvest: --prefix-search, with every level of --limits, over HTTP and wherever a search is:
// at a counter, for administrators and for supervisors, who find whole identifiers alone in any case. A whole one is found
// always.
func TestPrefixSearchSetting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args  []string
		finds bool // by the first characters
	}{
		{nil, true},
		{[]string{"--prefix-search", "auto"}, true},
		{[]string{"--limits", "strict"}, false},
		{[]string{"--limits", "strict", "--prefix-search", "auto"}, false},
		{[]string{"--limits", "strict", "--prefix-search", "on"}, true},
		{[]string{"--limits", "strict", "--prefix-search", "off"}, false},
		{[]string{"--limits", "default", "--prefix-search", "auto"}, true},
		{[]string{"--limits", "default", "--prefix-search", "off"}, false},
		{[]string{"--limits", "off", "--prefix-search", "auto"}, true},
		{[]string{"--limits", "off", "--prefix-search", "off"}, false},
	} {
		var settings serveSettings
		parse(t, nil, &settings, serveArgs(c.args...)...)
		s := handlerstest.Start(t, handlerstest.Config{Policy: settings.policy, Limits: settings.limits})
		const one, none = "1 account found", "No account has this identifier."
		want := map[bool]string{true: one, false: none}[c.finds]
		operator, administrator := s.BrowserOf(t, s.Operator("Olga Operator")), s.BrowserOf(t, s.Administrator("Ada"))
		supervisor := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		for _, search := range []struct {
			browser    *handlerstest.Browser
			page, form string
			want       string
		}{
			{operator, views.PathCounter, views.PathSearch, want},
			{administrator, views.PathAccounts, views.PathAccounts, want},
			{supervisor, views.PathReviewEvents, views.PathReviewAccounts, none},
		} {
			t.Logf("%q, %s", c.args, search.form)
			form := func() *handlerstest.Form { return search.browser.Get(search.page).Form(search.form) }
			form().Set("identifier", "K-1").Submit().Wants(http.StatusOK, "").Says(search.want).SaysNot("Anna Example")
			form().Set("identifier", "k-1001").Submit().Wants(http.StatusOK, "Anna Example")
		}
	}
	if got := runWith(t, nil, "", serveArgs("--prefix-search", "of")...); got.code != exitUsage {
		t.Errorf("a word that means nothing: exit code %d, want %d", got.code, exitUsage)
	}
}
