package models_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"

	"pgregory.net/rapid"
)

// What phones do.

// sensitiveScope is one for which policy requires a presence proof.
const sensitiveScope = "account.write"

func (w *world) askForCodes(t *rapid.T) {
	w.ask(t, rapid.IntRange(none, len(w.accounts)-1).Draw(t, "account"))
}

func (w *world) ask(t *rapid.T, account int) bool {
	phone := rapid.IntRange(0, 1).Draw(t, "phone")
	key := rapid.SampledFrom([]string{modelstest.Thumbprint, modelstest.Thumbprint, ""}).Draw(t, "bound to")
	proof, scope := w.anyProof(t), rapid.SampledFrom([]string{"account.read", "account.read", "account.read", sensitiveScope}).Draw(t, "scope")
	counted := rapid.SampledFrom([]bool{false, false, true}).Draw(t, "counted")
	w.clock.Advance(time.Millisecond) // the oldest request is known by its time
	w.m.now = w.clock.Now()
	hint := "nobody@example.com"
	if account != none {
		hint = w.names[account]
	}
	var codes models.IssuedCodes
	done := w.step(t, func() (err error) {
		codes, err = w.store.RequestDeviceAuthorization(w.outer.Context(), models.DeviceAuthorizationRequest{
			Client: w.phones[phone], LoginHint: hint, Scope: oauth.Scope{scope}, Thumbprint: key,
			Address: modelstest.Address, Counted: counted, Proofs: []models.UsedProof{w.proofs[proof]},
		})
		return err
	}, func() error { return w.m.request(phone, account, key, proof, scope == sensitiveScope, counted) })
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
	row, replayed := w.rows(t)[request], false
	done := w.step(t, func() (err error) {
		tokens, err = w.store.Redeem(w.outer.Context(), models.Redemption{ClientID: w.phones[phone].ID,
			DeviceCode: w.requests[request].DeviceCode, Thumbprint: key, Audience: modelstest.Issuer + "/api",
			Address: modelstest.Address, Proofs: []models.UsedProof{w.proofs[proof]}})
		replayed = outcome(err) == "conflict: redeemed"
		if replayed {
			if fault := w.store.ReplayedRedemption(w.outer.Context(), row, modelstest.Address, []models.UsedProof{w.proofs[proof]}); fault != nil {
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
// staff (docs/protocol.md §6 other-session).
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
	w.step(t, func() error { return w.store.RevokeAccessToken(w.outer.Context(), token.ClientID, token, nil) },
		func() error { return w.m.revokeAccess(answer) })
}
