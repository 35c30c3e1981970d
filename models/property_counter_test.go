package models_test

import (
	"errors"

	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"

	"pgregory.net/rapid"
)

// What operators and supervisors do with a request.

func (w *world) match(t *rapid.T) {
	request := w.anyRequest(t)
	account := max(0, w.m.requests[request].account)
	if rapid.IntRange(0, 5).Draw(t, "another account") == 5 {
		account = rapid.IntRange(0, len(w.accounts)-1).Draw(t, "account")
	}
	if rapid.IntRange(0, 5).Draw(t, "made-up code") == 5 {
		request = none
	}
	w.matchIn(t, w.someSession(t, false), account, request)
}

// matchIn types the code of a request, or one that nobody was ever given.
func (w *world) matchIn(t *rapid.T, session, account, request int) bool {
	code := must(oauth.ParseUserCode("BBBB-BBBB"))
	if request != none {
		code = w.requests[request].UserCode
	}
	return w.step(t, func() error {
		_, err := w.store.Match(w.outer.Context(), w.sessions[session].id, w.accounts[account], code)
		return err
	}, func() error { return w.m.match(session, account, request) })
}

func (w *world) proof(t *rapid.T) {
	request := w.anyRequest(t)
	w.proofIn(t, w.anySession(t, request), request, rapid.IntRange(0, 5).Draw(t, "differs") == 5)
}

func (w *world) proofIn(t *rapid.T, session, request int, differs bool) bool {
	card := modelstest.Card()
	if differs {
		card.BirthDateResult = models.Differs
	}
	return w.step(t, func() error {
		return w.store.Proof(w.outer.Context(), w.sessions[session].id, w.requests[request].DeviceAuthorizationID, card)
	}, func() error { return w.m.proof(session, request, differs) })
}

// atDesk is an action of a session on a request.
func (w *world) atDesk(t *rapid.T, do func(session, request string) error, expected func(session, request int) error) bool {
	request := w.anyRequest(t)
	return w.inSession(t, w.anySession(t, request), request, do, expected)
}

func (w *world) inSession(t *rapid.T, session, request int, do func(session, request string) error,
	expected func(session, request int) error) bool {
	return w.step(t, func() error { return do(w.sessions[session].id, w.requests[request].DeviceAuthorizationID) },
		func() error { return expected(session, request) })
}

func (w *world) release(t *rapid.T) {
	w.atDesk(t, func(session, request string) error { return w.store.Release(w.outer.Context(), session, request) }, w.m.release)
}

func (w *world) extend(t *rapid.T) {
	w.atDesk(t, func(session, request string) error { return w.store.Extend(w.outer.Context(), session, request) }, w.m.extend)
}

func (w *world) approve(t *rapid.T) { w.atDesk(t, w.doApprove, w.m.approve) }

func (w *world) doApprove(session, request string) error {
	shown, err := w.store.Shown(w.outer.Context(), request) // nothing, where the page has nothing to show
	if errors.Is(err, errCrash) {
		return err
	}
	_, err = w.store.Approve(w.outer.Context(), session, request, shown)
	return err
}

func (w *world) decline(t *rapid.T) {
	w.atDesk(t, func(session, request string) error {
		return w.store.Decline(w.outer.Context(), session, request, "other")
	},
		func(session, request int) error { return w.m.decline(session, request, "other") })
}

func (w *world) suspect(t *rapid.T) {
	w.atDesk(t, func(session, request string) error {
		return w.store.Decline(w.outer.Context(), session, request, term.DeclineSuspicious)
	}, w.m.suspect)
}

func (w *world) endWaiting(t *rapid.T) {
	request := w.anyRequest(t)
	account := max(0, w.m.requests[request].account)
	session := w.endingSession(t, request)
	w.step(t, func() error {
		_, err := w.store.EndWaiting(w.outer.Context(), w.sessions[session].id, w.accounts[account])
		return err
	}, func() error { return w.m.endWaiting(session, account) })
}

func (w *world) recall(t *rapid.T) {
	request := w.anyRequest(t)
	w.inSession(t, w.endingSession(t, request), request, func(session, request string) error {
		return w.store.Recall(w.outer.Context(), session, request, "operator_error")
	}, func(session, request int) error { return w.m.recall(session, request, "operator_error") })
}

func (w *world) revokeBinding(t *rapid.T) {
	request := w.anyRequest(t)
	if !w.m.requests[request].bound {
		t.Skip("no binding")
	}
	w.inSession(t, w.endingSession(t, request), request, func(session, request string) error {
		binding, err := w.store.BindingOf(w.outer.Context(), request)
		if err == nil {
			err = w.store.RevokeBinding(w.outer.Context(), session, binding.ID, "device_lost")
		}
		return err
	}, func(session, request int) error { return w.m.revokeBinding(session, request, "device_lost") })
}

// endingSession is a supervisor's, or of somebody who may have the account's visit.
func (w *world) endingSession(t *rapid.T, request int) int {
	if rapid.Bool().Draw(t, "by the visit") {
		return w.anySession(t, request)
	}
	return w.someSession(t, true)
}

// revokeAll compares how many ended, too.
func (w *world) revokeAll(t *rapid.T) {
	request := w.anyRequest(t)
	account := max(0, w.m.requests[request].account)
	session := w.endingSession(t, request)
	var ended, expected int
	done := w.step(t, func() (err error) {
		ended, err = w.store.RevokeAll(w.outer.Context(), w.sessions[session].id, w.accounts[account], "device_lost")
		return err
	}, func() (err error) {
		expected, err = w.m.revokeAll(session, account, "device_lost")
		return err
	})
	if done && ended != expected {
		t.Fatalf("%d bindings ended, in the model %d", ended, expected)
	}
}

func (w *world) unlock(t *rapid.T) {
	session, account := w.someSession(t, true), rapid.IntRange(0, len(w.accounts)-1).Draw(t, "account")
	w.step(t, func() error {
		return w.store.UnlockMatching(w.outer.Context(), w.sessions[session].id, w.accounts[account], term.UnlockingMistyped)
	}, func() error { return w.m.unlock(session, account) })
}

// beginVisit takes a new request to some step of a visit, and often to the approval.
func (w *world) beginVisit(t *rapid.T) {
	w.visit(t, rapid.SampledFrom([]int{3, 3, 2, 1}).Draw(t, "steps"))
}

// visit is match, proofing and approval in one session. Each may crash; then the rest does
// not come.
func (w *world) visit(t *rapid.T, steps int) bool {
	const account = 0 // nobody's own
	if !w.ask(t, account) {
		return false
	}
	who := rapid.IntRange(operatorOne, operatorTwo).Draw(t, "operator")
	session, request := w.toWork(t, who), len(w.requests)-1
	return w.showIn(t, session, account, request) && (steps < 2 || w.proofIn(t, session, request, false)) &&
		(steps < 3 || w.inSession(t, session, request, w.doApprove, w.m.approve))
}

// showIn is a match by whatever the phone shows: the proof where it is required, and
// sometimes where it is not.
func (w *world) showIn(t *rapid.T, session, account, request int) bool {
	if w.m.onlyProof(w.m.requests[request]) || rapid.Bool().Draw(t, "shows its proof") {
		return w.presenceIn(t, session, account, w.newPresence(t, request, "good"))
	}
	return w.matchIn(t, session, account, request)
}
