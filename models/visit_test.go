package models_test

import (
	"slices"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// One whole visit leaves exactly these events, each once, and a trail that verifies.
func TestVisitLeavesItsTrail(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		account := env.Account(t, "ada@example.com", "C-1001")
		operator := env.Operator(t, "op")
		before := env.LastEvent(t)

		client := env.Client(t)
		codes := env.Request(t, client, " ADA@example.com ")
		found, err := env.Search(env.Context, operator, "c-1001")
		if err != nil || len(found.Accounts) != 1 || found.Accounts[0].ID != account {
			t.Fatalf("search: %+v, %v", found, err)
		}
		if waiting, err := env.Waiting(env.Context, account); err != nil || waiting != 1 {
			t.Errorf("%d requests wait, %v", waiting, err)
		}
		approval := env.Approve(t, operator, account, codes)
		if approval.Binding.AccountID != account || approval.Binding.ClientID != client.ID {
			t.Fatalf("bound to %+v", approval.Binding)
		}
		tokens, err := env.Redeem(env.Context, modelstest.Redemption(client, codes))
		if err != nil || tokens.AccessToken == "" || tokens.RefreshToken == "" {
			t.Fatalf("redeem: %v", err)
		}

		want := []audit.Type{audit.ClientRegistered, audit.DeviceAuthorizationRequested, audit.AccountSearched,
			audit.AccountOpened, audit.CodeMatched, audit.IdentityProofed, audit.DeviceBindingApproved, audit.DeviceBindingRedeemed}
		if got := env.Events(t, before); !slices.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
		report, err := env.VerifyTrail(env.Context)
		if err != nil || !report.OK() || report.Entries != env.LastEvent(t) {
			t.Errorf("verify: %+v, %v", report, err)
		}
	})
}

// A login_hint that names nobody gets codes all the same, and they never become an
// account's (docs/architecture.md §4.1).
func TestUnknownAccountGetsCodesThatNobodyCanMatch(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		account := env.Account(t, "ada@example.com")
		operator := env.Operator(t, "op")
		client := env.Client(t)
		codes := env.Request(t, client, "nobody@example.com")
		var wrong *models.WrongCodeError
		if _, err := env.Match(env.Context, operator, account, codes.UserCode); !asError(err, &wrong) {
			t.Fatalf("match: %v", err)
		}
		if err := env.Decline(env.Context, operator, codes.DeviceAuthorizationID, "other"); err != models.ErrNotFound {
			t.Fatalf("decline: %v", err)
		}
		if _, err := env.ApproveShown(operator, codes.DeviceAuthorizationID); err != models.ErrNotFound {
			t.Fatalf("approve: %v", err)
		}
	})
}
