package oauth_test

import (
	"testing"

	"countersign/audit/term"
	"countersign/oauth"
)

// What a device may be told is part of what an operator may choose; nothing else is told.
func TestToldReasonsAreReasonsOfADecline(t *testing.T) {
	told := map[term.Decline]string{
		term.DeclineDocumentExpired:     oauth.DocumentExpired,
		term.DeclineDocumentNotAccepted: oauth.DocumentNotAccepted,
		term.DeclineCounterTrouble:      oauth.CounterTrouble,
	}
	for _, reason := range term.Declines() {
		want, isTold := told[reason]
		if isTold && want != string(reason) {
			t.Errorf("%s is told as %s", reason, want)
		}
		if oauth.IsToldReason(string(reason)) != isTold {
			t.Errorf("%s: told = %t", reason, !isTold)
		}
	}
	for _, ending := range term.Endings() {
		if oauth.IsToldReason(string(ending)) {
			t.Errorf("%s is told", ending)
		}
	}
}
