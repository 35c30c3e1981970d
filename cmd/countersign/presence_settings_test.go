package main

import (
	"strings"
	"testing"
	"time"
)

// The accounts file says of whom the presence proof is required; without the column it
// says nothing.
func TestPresenceColumn(t *testing.T) {
	today := time.Date(2026, time.November, 22, 0, 0, 0, 0, time.UTC)
	read := func(column, value string) (*bool, []error) {
		accounts, problems := readAccounts(strings.NewReader("identifiers,name,date_of_birth,contact,status"+column+"\nx,y,,,"+value+"\n"), today)
		if len(accounts) == 0 {
			return nil, problems
		}
		return accounts[0].PresenceRequired, problems
	}
	if got, problems := read("", ""); got != nil || len(problems) > 0 {
		t.Errorf("without the column: %v, %v", got, problems)
	}
	for value, want := range map[string]bool{"required": true, "Required": true, "": false} {
		if got, problems := read(",presence", ","+value); len(problems) > 0 || got == nil || *got != want {
			t.Errorf("%q: %v, %v", value, got, problems)
		}
	}
	if _, problems := read(",presence", ",yes"); len(problems) != 1 || !strings.Contains(problems[0].Error(), "neither required nor empty") {
		t.Errorf("yes: %v", problems)
	}
}

// A scope that is not there would require nothing: it is refused.
func TestPresenceScopesAreScopes(t *testing.T) {
	flags := &ServeFlags{Scope: []string{"profile=See your name", "payments=Pay"}, PresenceRequiredScope: []string{"payments"}}
	c := &checks{}
	if got := flags.knownScopes(c, "presence-required-scope", flags.PresenceRequiredScope); len(c.problems) != 0 || got.String() != "payments" {
		t.Errorf("%v, %v", got, c.problems)
	}
	flags.PresenceRequiredScope = []string{"payment"}
	if flags.knownScopes(c, "presence-required-scope", flags.PresenceRequiredScope); len(c.problems) != 1 {
		t.Errorf("a mistyped scope: %v", c.problems)
	}
}
