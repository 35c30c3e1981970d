package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// noPolicies are the flags that say how this server runs, and not what it demands of anybody.
var noPolicies = []string{
	"checkpoint-file", "config", "database", "database-file", "drain-delay", "help", "issuer", "listen", "log-format", "log-level",
	"master-key", "metrics-listen",
	"idle-timeout", "master-key-file",
	"migrate", "no-backup", "practice",
	"alert-webhook-secret", "alert-webhook-secret-file",
	"notice-webhook-secret", "notice-webhook-secret-file", "oidc-client-id", "oidc-client-secret", "oidc-client-secret-file",
	"oidc-scopes",
	"smtp-from", "smtp-password", "smtp-password-file", "smtp-security", "smtp-user", "tls-cert", "tls-key", "witness",
}

// docs/decisions/0022-administration.md: the console shows every policy by the
// flag that sets it. A flag that is added is shown there, or declared to be no policy.
func TestPoliciesPageShowsEveryFlag(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	page := s.BrowserOf(t, s.Administrator("Ada Administrator")).Get(views.PathPolicies).Wants(http.StatusOK, "Policies")
	flags := serveFlags(t)
	for _, flag := range flags {
		if shown := strings.Contains(page.Source, ">--"+flag+"<"); shown == slices.Contains(noPolicies, flag) {
			t.Errorf("--%s is shown: %t", flag, shown)
		}
	}
	for _, flag := range noPolicies {
		if flag != "help" && !slices.Contains(flags, flag) {
			t.Errorf("there is no --%s", flag)
		}
	}
}
