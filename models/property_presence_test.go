package models_test

import (
	"strconv"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"

	"pgregory.net/rapid"
)

// What phones show at the counter instead of letters, and what others make up.

// presenceKinds are what can be the matter with a proof; mostly nothing is.
var presenceKinds = []string{"good", "good", "good", "good", "good", "another key", "another client", "made-up code", "another server",
	"too long a life", "short life", "as slow as may be", "too slow", "as fast as may be", "too fast"}

// newPresence makes a proof for a request.
func (w *world) newPresence(t *rapid.T, request int, kind string) int {
	right := w.m.requests[request].phone
	p := modelPresence{code: request, names: right, signer: right, issued: w.m.now.Truncate(time.Second)}
	length := modelPresenceAge
	switch kind {
	case "another key":
		p.signer = 1 - right
	case "another client":
		p.names, p.signer = 1-right, 1-right
	case "made-up code":
		p.code = none
	case "another server":
		p.elsewhere = true
	case "too long a life":
		length += time.Second
	case "short life":
		length = 20 * time.Second
	case "as slow as may be":
		p.issued = p.issued.Add(-modelPresenceAge)
	case "too slow":
		p.issued = p.issued.Add(-modelPresenceAge - time.Second)
	case "as fast as may be":
		p.issued = p.issued.Add(modelPresenceSkew)
	case "too fast":
		p.issued = p.issued.Add(modelPresenceSkew + 2*time.Second)
	}
	p.expires = p.issued.Add(length)
	w.m.presences = append(w.m.presences, p)
	w.presences = append(w.presences, w.signed(t, p))
	return len(w.presences) - 1
}

// signed is the proof that a phone's square says, read as the console does.
func (w *world) signed(t *rapid.T, p modelPresence) oauth.PresenceProof {
	code, issuer := must(oauth.ParseUserCode("BBBB-BBBB")), modelstest.Issuer
	if p.code != none {
		code = w.requests[p.code].UserCode
	}
	if p.elsewhere {
		issuer = "https://other.example"
	}
	proof, err := oauth.SignPresenceProof(w.keys[p.signer], oauth.PresenceRequest{ClientID: w.phones[p.names].ID, Issuer: issuer,
		UserCode: code, ID: "square " + strconv.Itoa(len(w.presences)), IssuedAt: p.issued, ExpiresAt: p.expires})
	if err != nil {
		t.Fatal(err)
	}
	return must(oauth.ParsePresenceProof(proof.Travel()))
}

// anyPresence is mostly a new proof, and sometimes one that was shown before.
func (w *world) anyPresence(t *rapid.T) int {
	request := w.anyRequest(t)
	if shown := len(w.presences); shown > 0 && rapid.IntRange(0, 2).Draw(t, "shown before") == 2 {
		return shown - 1 - rapid.IntRange(0, min(shown, 3)-1).Draw(t, "proof, from the newest")
	}
	return w.newPresence(t, request, rapid.SampledFrom(presenceKinds).Draw(t, "kind of proof"))
}

// showPresence is a square that somebody photographs, and nobody scans yet.
func (w *world) showPresence(t *rapid.T) { w.newPresence(t, w.anyRequest(t), "good") }

func (w *world) matchPresence(t *rapid.T) {
	proof := w.anyPresence(t)
	account := 0
	if code := w.m.presences[proof].code; code != none {
		account = max(0, w.m.requests[code].account)
	}
	if rapid.IntRange(0, 5).Draw(t, "another account") == 5 {
		account = rapid.IntRange(0, len(w.accounts)-1).Draw(t, "account")
	}
	w.presenceIn(t, w.someSession(t, false), account, proof)
}

func (w *world) presenceIn(t *rapid.T, session, account, proof int) bool {
	return w.step(t, func() error {
		_, err := w.store.MatchPresence(w.outer.Context(), w.sessions[session].id, w.accounts[account], w.presences[proof], models.KeyKnown)
		return err
	}, func() error { return w.m.matchPresence(session, account, proof) })
}

// scanPresence finds the account by the proof, and then matches with it: one scan.
func (w *world) scanPresence(t *rapid.T) {
	proof, session := w.anyPresence(t), w.someSession(t, false)
	account, found := none, ""
	if w.step(t, func() (err error) {
		found, err = w.store.FindByPresence(w.outer.Context(), w.sessions[session].id, w.presences[proof], models.KeyKnown)
		return err
	}, func() (err error) {
		account, err = w.m.findByPresence(session, proof)
		return err
	}) {
		if found != w.accounts[account] {
			t.Fatalf("the proof finds account %s, in the model %s", found, w.accounts[account])
		}
		w.presenceIn(t, session, account, proof)
	}
}

// requireProof lets an app's publisher ask for the proof, from now on.
func (w *world) requireProof(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "really") != 3 {
		t.Skip("rarely") // it cannot be taken back
	}
	phone := rapid.IntRange(0, len(w.phones)-1).Draw(t, "phone")
	w.step(t, func() error {
		_, err := w.store.AddSoftware(w.outer.Context(), models.NewSoftware{Publisher: "Publisher " + strconv.Itoa(phone),
			SoftwareID: w.phones[phone].SoftwareID, Name: "App", Scope: modelstest.Scope(), PresenceRequired: true})
		return err
	}, func() error { return w.m.requireProof(phone) })
}
