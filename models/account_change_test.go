package models_test

import (
	"slices"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

func administrator(t *testing.T, env *modelstest.Env, identifiers ...string) string {
	return env.SignIn(t, "admin", []models.Role{models.Administrator}, identifiers...)
}

// docs/architecture.md §3: suspending stops what the account's devices do, and is an event with
// its reason; nobody changes their own account, and such a try is on record.
func TestSuspendAndReinstate(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		admin := administrator(t, env, "own@example.org")
		id, own := env.Account(t, "a@example.org"), env.Account(t, "own@example.org")
		client := env.Client(t)
		codes := env.Request(t, client, "a@example.org")
		env.Approve(t, env.Operator(t, "op"), id, codes)
		before := env.LastEvent(t)
		if err := env.SuspendAccount(env.Context, admin, id, "fraud suspected"); err != nil {
			t.Fatal(err)
		}
		if _, err := env.Redeem(env.Context, modelstest.Redemption(client, codes)); err == nil {
			t.Error("a suspended account's approval is redeemed")
		}
		if err := env.SuspendAccount(env.Context, admin, id, "under review"); err != models.ErrChangedMeanwhile {
			t.Errorf("again: %v", err)
		}
		if err := env.ReinstateAccount(env.Context, admin, id, "cleared"); err != nil {
			t.Fatal(err)
		}
		if err := env.SetAccountRules(env.Context, admin, id, true, true); err != nil {
			t.Fatal(err)
		}
		if err := env.SetAccountRules(env.Context, admin, id, false, true); err != nil {
			t.Fatal(err)
		}
		if err := env.SuspendAccount(env.Context, admin, own, "under review"); err != models.ErrOwnAccount {
			t.Errorf("their own: %v", err)
		}
		if err := env.SetAccountRules(env.Context, admin, own, false, true); err != models.ErrOwnAccount {
			t.Errorf("their own: %v", err)
		}
		if err := env.SuspendAccount(env.Context, env.Operator(t, "op2"), id, "under review"); err != models.ErrNotAllowed {
			t.Errorf("an operator: %v", err)
		}
		rows, err := env.Trail(env.Context, audit.Filter{Limit: 30})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range rows {
			if kind := row.Event.Type; row.Seq > before && (kind == audit.AccountChanged || kind == audit.DecisionRefused) {
				got = append([]string{row.AccountID + " " + row.Event.Facts.Reason}, got...)
			}
		}
		want := []string{id + " status suspended - fraud suspected", id + " status active - cleared", id + " presence required", id +
			" second person required",
			id + " presence not required", own + " own account", own + " own account"}
		if !slices.Equal(got, want) {
			t.Errorf("events %q, want %q", got, want)
		}
		view, err := env.Store.Account(env.Context, id)
		if err != nil || view.PresenceRequired || !view.TwoPersonRequired || view.Status != models.AccountActive {
			t.Errorf("%+v, %v", view.Account, err)
		}
	})
}

// An administrator's search is an event as well, and needs no counter.
func TestSearchAccounts(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		admin := administrator(t, env)
		id := env.Account(t, "a@example.org")
		before := env.LastEvent(t)
		found, err := env.SearchAccounts(env.Context, admin, "A@EX")
		if err != nil || len(found.Accounts) != 1 || found.Accounts[0].ID != id {
			t.Errorf("%+v, %v", found, err)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.AccountSearched}) {
			t.Errorf("events %v", got)
		}
		if _, err := env.SearchAccounts(env.Context, env.Operator(t, "op"), "A@EX"); err != models.ErrNotAllowed {
			t.Errorf("an operator: %v", err)
		}
	})
}
