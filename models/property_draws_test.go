package models_test

import (
	"time"

	"countersign/models"
	"countersign/models/modelstest"

	"pgregory.net/rapid"
)

// The two DPoP keys that phones use, and may confuse.
const otherThumbprint = "abcdefghijklmnopqrstuvwxyz0123456789abcdefg"

// anyRequest skips the action when there is no request yet.
func (w *world) anyRequest(t *rapid.T) int {
	if len(w.requests) == 0 {
		t.Skip("no request")
	}
	// Counted from the newest: what happens next mostly happens to that one.
	return len(w.requests) - 1 - rapid.IntRange(0, len(w.requests)-1).Draw(t, "request, from the newest")
}

// anySession is mostly the one that handles the request, and any other sometimes.
func (w *world) anySession(t *rapid.T, request int) int {
	if claim := w.m.requests[request].claim; claim != none && rapid.IntRange(0, 4).Draw(t, "other session") != 4 {
		return claim
	}
	return w.someSession(t, false)
}

// someSession is mostly one that may act, and sometimes whoever: signed out, idle, of the
// wrong role.
func (w *world) someSession(t *rapid.T, supervises bool) int {
	if rapid.IntRange(0, 5).Draw(t, "whoever") == 5 {
		return rapid.IntRange(0, len(w.sessions)-1).Draw(t, "session")
	}
	var may []int
	for i, session := range w.m.sessions {
		if w.m.live(session) && w.m.staff[session.staff].supervisor == supervises {
			may = append(may, i)
		}
	}
	if len(may) == 0 {
		who := supervisor
		if !supervises {
			who = rapid.IntRange(operatorOne, operatorTwo).Draw(t, "operator")
		}
		return w.toWork(t, who)
	}
	return rapid.SampledFrom(may).Draw(t, "session")
}

func (w *world) anyAnswer(t *rapid.T) int {
	if len(w.answers) == 0 {
		t.Skip("no tokens")
	}
	return len(w.answers) - 1 - rapid.IntRange(0, len(w.answers)-1).Draw(t, "answer, from the newest")
}

// anyPhone is mostly the right one.
func (w *world) anyPhone(t *rapid.T, right int) int {
	return rapid.SampledFrom([]int{right, right, right, right, right, 1 - right}).Draw(t, "phone")
}

func anyKey(t *rapid.T) string {
	return rapid.SampledFrom([]string{modelstest.Thumbprint, modelstest.Thumbprint, modelstest.Thumbprint, modelstest.Thumbprint,
		otherThumbprint}).Draw(t, "key")
}

// anyProof is mostly a new one, and sometimes one that was sent before and is still valid.
func (w *world) anyProof(t *rapid.T) int {
	var valid []int
	for i, proof := range w.proofs {
		if proof.Until.After(w.m.now) {
			valid = append(valid, i)
		}
	}
	if len(valid) > 0 && rapid.IntRange(0, 9).Draw(t, "used proof") == 9 {
		return rapid.SampledFrom(valid).Draw(t, "proof")
	}
	w.proofs = append(w.proofs, models.UsedProof{Kind: "assertion", Owner: "a phone",
		ID: string(rune('a' + len(w.proofs))), Until: w.m.now.Add(modelUsedProof)})
	w.m.used = append(w.m.used, time.Time{})
	return len(w.proofs) - 1
}
