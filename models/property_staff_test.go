package models_test

import (
	"net/netip"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"

	"pgregory.net/rapid"
)

// What staff do besides.

func (w *world) setStatus(t *rapid.T) {
	account := rapid.IntRange(0, len(w.accounts)-1).Draw(t, "account")
	status := rapid.SampledFrom([]string{models.AccountActive, models.AccountActive, models.AccountSuspended, models.AccountLocked,
		models.AccountClosed}).Draw(t, "status")
	needsProof := rapid.SampledFrom([]bool{false, false, true}).Draw(t, "needs a presence proof")
	w.pass(time.Millisecond) // the last import is known by its time
	last := w.lastImport(t)
	done := w.step(t, func() error {
		_, err := w.store.ImportAccounts(w.outer.Context(), []models.ImportedAccount{{Line: 2, Identifiers: w.names[account : account+1],
			FullName: "Account Holder", DateOfBirth: "1980-02-29", Contact: "contact." + w.names[account], Status: status,
			PresenceRequired: &needsProof}},
			audit.Actor{System: "command"})
		return err
	}, func() error { w.m.setStatus(account, status, needsProof); return nil })
	if done {
		return
	}
	if imported, interrupted := w.finishImport(t, last); imported {
		w.m.setStatus(account, status, needsProof)
		w.m.events[len(w.m.events)-1].reason = interrupted
	}
}

func (w *world) lastImport(t *rapid.T) models.ImportProgress {
	last, err := w.store.LastImport(w.outer.Context())
	if err != nil {
		t.Fatal(err)
	}
	return last
}

// finishImport is the process that goes on with an import whose own one crashed. It reports whether there is one after last,
// which then is done, and how its event says that it was taken up; otherwise nothing was imported.
func (w *world) finishImport(t *rapid.T, last models.ImportProgress) (imported bool, interrupted string) {
	w.pass(time.Minute)
	id, err := w.store.NextImport(w.outer.Context())
	if id != "" {
		interrupted = "interrupted"
	}
	for progress := (models.ImportProgress{}); err == nil && id != "" && !progress.Finished; {
		progress, err = w.store.ContinueImport(w.outer.Context(), id)
	}
	if err != nil {
		t.Fatal(err)
	}
	now := w.lastImport(t)
	return now.ID != last.ID && now.Finished, interrupted
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
	signIn, _, err := w.store.BeginSignIn("/", "")
	if err != nil {
		t.Fatal(err)
	}
	token, err := w.store.StartSession(w.outer.Context(), signIn, identity, "", modelstest.Address)
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
