package main

import (
	"testing"
)

// A scope that is not there would require nothing: it is refused.
func TestPresenceScopesAreScopes(t *testing.T) {
	flags := &ServeFlags{Scope: []string{"profile=See your name", "payments=Pay"}, PresenceRequiredScope: []string{"payments"}}
	c := &checks{}
	if got := flags.knownScopes(c, "presence-required-scope", flags.PresenceRequiredScope); len(c.problems) != 0 ||
		got.String() != "payments" {
		t.Errorf("%v, %v", got, c.problems)
	}
	flags.PresenceRequiredScope = []string{"payment"}
	if flags.knownScopes(c, "presence-required-scope", flags.PresenceRequiredScope); len(c.problems) != 1 {
		t.Errorf("a mistyped scope: %v", c.problems)
	}
}
