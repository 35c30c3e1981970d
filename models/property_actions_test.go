package models_test

import (
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"strings"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"

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

func (w *world) askForCodes(t *rapid.T) {
	w.ask(t, rapid.IntRange(none, len(w.accounts)-1).Draw(t, "account"))
}

func (w *world) ask(t *rapid.T, account int) bool {
	phone := rapid.IntRange(0, 1).Draw(t, "phone")
	key := rapid.SampledFrom([]string{modelstest.Thumbprint, modelstest.Thumbprint, ""}).Draw(t, "bound to")
	proof := w.anyProof(t)
	w.clock.Advance(time.Millisecond) // the oldest request is known by its time
	w.m.now = w.clock.Now()
	hint := "nobody@example.com"
	if account != none {
		hint = w.names[account]
	}
	var codes models.IssuedCodes
	done := w.step(t, func() (err error) {
		codes, err = w.store.RequestDeviceAuthorization(w.outer.Context(), models.DeviceAuthorizationRequest{
			Client: w.phones[phone], LoginHint: hint, Scope: oauth.Scope{"account.read"}, Thumbprint: key,
			Address: modelstest.Address, Proofs: []models.UsedProof{w.proofs[proof]},
		})
		return err
	}, func() error { return w.m.request(phone, account, key, proof) })
	if done {
		if codes.ExpiresIn != modelPending || codes.Interval != modelInterval {
			t.Fatalf("expires_in %s, interval %s", codes.ExpiresIn, codes.Interval)
		}
		w.requests = append(w.requests, codes)
	}
	return done
}

// poll asks as a phone does whose request is not decided; what it hears is compared
// after every step.
func (w *world) poll(t *rapid.T) {
	request := w.anyRequest(t)
	phone := w.anyPhone(t, w.m.requests[request].phone)
	_, err := w.store.Poll(w.outer.Context(), w.phones[phone].ID, w.requests[request].DeviceCode)
	want := error(nil)
	if phone != w.m.requests[request].phone {
		want = models.ErrUnknownDeviceCode
	}
	if outcome(err) != outcome(want) {
		t.Fatalf("poll: %v, in the model %v", err, want)
	}
}

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

func (w *world) inSession(t *rapid.T, session, request int, do func(session, request string) error, expected func(session, request int) error) bool {
	return w.step(t, func() error { return do(w.sessions[session].id, w.requests[request].DeviceAuthorizationID) },
		func() error { return expected(session, request) })
}

func (w *world) release(t *rapid.T) {
	w.atDesk(t, func(session, request string) error { return w.store.Release(w.outer.Context(), session, request) }, w.m.release)
}

func (w *world) approve(t *rapid.T) { w.atDesk(t, w.doApprove, w.m.approve) }

func (w *world) doApprove(session, request string) error {
	_, err := w.store.Approve(w.outer.Context(), session, request)
	return err
}

func (w *world) decline(t *rapid.T) {
	w.atDesk(t, func(session, request string) error {
		return w.store.Decline(w.outer.Context(), session, request, "other")
	},
		func(session, request int) error { return w.m.decline(session, request, "other") })
}

func (w *world) recall(t *rapid.T) {
	request := w.anyRequest(t)
	w.inSession(t, w.someSession(t, true), request, func(session, request string) error {
		return w.store.Recall(w.outer.Context(), session, request, "operator error")
	}, func(session, request int) error { return w.m.recall(session, request, "operator error") })
}

func (w *world) revokeBinding(t *rapid.T) {
	request := w.anyRequest(t)
	if !w.m.requests[request].bound {
		t.Skip("no binding")
	}
	w.inSession(t, w.someSession(t, true), request, func(session, request string) error {
		binding, err := w.store.BindingOf(w.outer.Context(), request)
		if err == nil {
			err = w.store.RevokeBinding(w.outer.Context(), session, binding.ID, "lost phone")
		}
		return err
	}, func(session, request int) error { return w.m.revokeBinding(session, request, "lost phone") })
}

func (w *world) unlock(t *rapid.T) {
	session, account := w.someSession(t, true), rapid.IntRange(0, len(w.accounts)-1).Draw(t, "account")
	w.step(t, func() error {
		return w.store.UnlockMatching(w.outer.Context(), w.sessions[session].id, w.accounts[account])
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
	return w.matchIn(t, session, account, request) && (steps < 2 || w.proofIn(t, session, request, false)) &&
		(steps < 3 || w.inSession(t, session, request, w.doApprove, w.m.approve))
}

func (w *world) visitAndRedeem(t *rapid.T) {
	if w.visit(t, 3) {
		w.redeemOf(t, len(w.requests)-1)
	}
}

func (w *world) redeem(t *rapid.T) { w.redeemOf(t, w.anyRequest(t)) }

// loseAnswer is a phone that asks again after its redemption, at once or later.
func (w *world) loseAnswer(t *rapid.T) {
	if !w.visit(t, 3) {
		return
	}
	w.redeemOf(t, len(w.requests)-1)
	for range rapid.IntRange(1, 3).Draw(t, "times") {
		w.waitAndRedeem(t)
	}
}

func (w *world) waitAndRedeem(t *rapid.T) {
	request := w.anyRequest(t)
	w.pass(rapid.SampledFrom([]time.Duration{modelInterval, 0, modelInterval - time.Millisecond, 5 * time.Minute,
		modelReissue - time.Millisecond, modelReissue}).Draw(t, "length"))
	w.redeemOf(t, request)
}

// redeemOf is what the token endpoint does after a poll. That the phone got the answer is
// not needed for anything: a lost answer is one that it never uses.
func (w *world) redeemOf(t *rapid.T, request int) {
	phone, key, proof := w.anyPhone(t, w.m.requests[request].phone), anyKey(t), w.anyProof(t)
	var tokens models.Tokens
	replayed := false
	done := w.step(t, func() (err error) {
		tokens, err = w.store.Redeem(w.outer.Context(), models.Redemption{ClientID: w.phones[phone].ID,
			DeviceCode: w.requests[request].DeviceCode, Thumbprint: key, Audience: modelstest.Issuer + "/api",
			Address: modelstest.Address, Proofs: []models.UsedProof{w.proofs[proof]}})
		replayed = outcome(err) == "conflict: redeemed"
		if replayed {
			if fault := w.store.ReplayedRedemption(w.outer.Context(), w.rows(t)[request], modelstest.Address); fault != nil {
				return fault
			}
		}
		return err
	}, func() error { return w.m.redeem(phone, request, key, proof) })
	if done {
		w.answers = append(w.answers, tokens)
		w.namesTheHolder(t, tokens, request, key)
	}
}

// namesTheHolder: the subject of an access token is the account, never anybody of the
// staff (attacks.md row 9).
func (w *world) namesTheHolder(t *rapid.T, tokens models.Tokens, request int, key string) {
	token := readToken(tokens.AccessToken)
	if token.Subject != w.accounts[w.m.requests[request].account] || token.Confirm.Thumbprint != key {
		t.Fatalf("the token is for %s and key %s", token.Subject, token.Confirm.Thumbprint)
	}
}

type accessToken struct {
	ID      string `json:"jti"`
	Subject string `json:"sub"`
	Confirm struct {
		Thumbprint string `json:"jkt"`
	} `json:"cnf"`
}

func readToken(raw string) (token accessToken) {
	payload := must(base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[1]))
	if err := json.Unmarshal(payload, &token); err != nil {
		panic(err)
	}
	return token
}

func (w *world) refresh(t *rapid.T) {
	answer := w.anyAnswer(t)
	request := w.m.answers[answer].request
	phone, key, proof := w.anyPhone(t, w.m.requests[request].phone), anyKey(t), w.anyProof(t)
	w.step(t, func() error {
		_, err := w.store.Refresh(w.outer.Context(), models.Refreshment{ClientID: w.phones[phone].ID,
			RefreshToken: w.answers[answer].RefreshToken, Thumbprint: key, Audience: modelstest.Issuer + "/api",
			Proofs: []models.UsedProof{w.proofs[proof]}})
		return err
	}, func() error { return w.m.refresh(phone, answer, key, proof) })
}

func (w *world) giveBack(t *rapid.T) {
	answer := w.anyAnswer(t)
	phone := w.anyPhone(t, w.m.requests[w.m.answers[answer].request].phone)
	w.step(t, func() error {
		return w.store.RevokeRefreshToken(w.outer.Context(), w.phones[phone].ID, w.answers[answer].RefreshToken, nil)
	}, func() error { return w.m.giveBack(phone, answer) })
}

// validAccess is an access token as the server would have verified it: its time is not over.
func (w *world) validAccess(t *rapid.T) (int, oauth.AccessToken) {
	answer := w.anyAnswer(t)
	a := w.m.answers[answer]
	if !w.m.now.Before(a.given.Add(modelAccess)) {
		t.Skip("expired")
	}
	token := readToken(w.answers[answer].AccessToken)
	return answer, oauth.AccessToken{ID: token.ID, Subject: token.Subject, ClientID: w.phones[w.m.requests[a.request].phone].ID,
		BindingID: w.answers[answer].BindingID, ExpiresAt: a.given.Add(modelAccess)}
}

func (w *world) call(t *rapid.T) {
	answer, token := w.validAccess(t)
	w.step(t, func() error {
		_, err := w.store.CheckAccessToken(w.outer.Context(), token)
		return err
	}, func() error { return w.m.call(answer) })
}

func (w *world) endAccess(t *rapid.T) {
	answer, token := w.validAccess(t)
	w.step(t, func() error { return w.store.RevokeAccessToken(w.outer.Context(), token, nil) },
		func() error { return w.m.revokeAccess(answer) })
}

func (w *world) setStatus(t *rapid.T) {
	account := rapid.IntRange(0, len(w.accounts)-1).Draw(t, "account")
	status := rapid.SampledFrom([]string{models.AccountActive, models.AccountActive, models.AccountSuspended, models.AccountLocked,
		models.AccountClosed}).Draw(t, "status")
	w.step(t, func() error {
		_, err := w.store.ImportAccounts(w.outer.Context(), []models.ImportedAccount{{Line: 2, Identifiers: w.names[account : account+1],
			FullName: "Account Holder", DateOfBirth: "1980-02-29", Contact: "contact." + w.names[account], Status: status}},
			audit.Actor{System: "test"})
		return err
	}, func() error { w.m.setStatus(account, status); return nil })
}

func (w *world) signIn(t *rapid.T) {
	who := rapid.IntRange(0, len(w.m.staff)-1).Draw(t, "staff")
	if rapid.IntRange(0, 3).Draw(t, "no counter") == 3 {
		w.signInAs(t, who)
		return
	}
	w.toWork(t, who)
}

func (w *world) signInAs(t *rapid.T, who int) int {
	role := models.Operator
	if w.m.staff[who].supervisor {
		role = models.Supervisor
	}
	identity := models.Identity{Issuer: "https://staff.example", Subject: string(rune('a' + who)), Name: "Staff",
		Roles: []models.Role{role}, AuthenticatedAt: w.m.now}
	if own := w.m.staff[who].own; own != none {
		identity.Identifiers = []string{w.names[own]}
	}
	token, err := w.store.StartSession(w.outer.Context(), identity, "", modelstest.Address)
	if err != nil {
		t.Fatal(err)
	}
	session, err := w.store.Session(w.outer.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	w.sessions = append(w.sessions, worldSession{session.ID, token})
	w.m.signIn(who)
	return len(w.sessions) - 1
}

// toWork signs somebody in who can act at once.
func (w *world) toWork(t *rapid.T, who int) int {
	session := w.signInAs(t, who)
	if !w.m.staff[who].supervisor {
		w.openCounterIn(t, session)
	}
	return session
}

func (w *world) openCounter(t *rapid.T) {
	w.openCounterIn(t, rapid.IntRange(0, len(w.sessions)-1).Draw(t, "session"))
}

func (w *world) openCounterIn(t *rapid.T, session int) {
	counter := rapid.IntRange(0, len(w.counters)-1).Draw(t, "counter")
	w.step(t, func() error {
		return w.store.OpenCounter(w.outer.Context(), w.sessions[session].id, w.counters[counter], netip.MustParseAddr(modelstest.Address))
	}, func() error { return w.m.openCounter(session, counter) })
}

func (w *world) signOut(t *rapid.T) {
	session := rapid.IntRange(0, len(w.sessions)-1).Draw(t, "session")
	w.step(t, func() error { return w.store.EndSession(w.outer.Context(), w.sessions[session].id) },
		func() error { return w.m.signOut(session) })
}

func (w *world) look(t *rapid.T) {
	session := rapid.IntRange(0, len(w.sessions)-1).Draw(t, "session")
	w.step(t, func() error {
		_, err := w.store.Session(w.outer.Context(), w.sessions[session].token)
		return err
	}, func() error { return w.m.look(session) })
}
