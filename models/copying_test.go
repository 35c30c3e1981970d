package models_test

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/audit/tree"
	"countersign/models"
	"countersign/models/modelstest"

	"golang.org/x/mod/sumdb/tlog"
)

// copyOf is the file of a SQLite store as it is now, opened alone.
func copyOf(t *testing.T, env *modelstest.Env) *models.Database {
	t.Helper()
	file := filepath.Join(t.TempDir(), "site.db")
	if err := env.CopyTo(env.Context, file, nil); err != nil {
		t.Fatal(err)
	}
	return alone(t, file)
}

func alone(t *testing.T, file string) *models.Database {
	t.Helper()
	source, err := models.ConnectAlone(t.Context(), file, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = source.Close() })
	return source
}

// copying is a copy to an address, at the time of a store's clock.
func copying(env *modelstest.Env, address string) models.Copying {
	return models.Copying{Address: address, Now: env.Clock.Now, Log: slog.New(slog.DiscardHandler)}
}

// copied copies a store's database as it is to an empty one on PostgreSQL, and opens a store there, with the same clock.
func copied(t *testing.T, env *modelstest.Env) *modelstest.Env {
	t.Helper()
	address := modelstest.Empty(t, "postgres")
	if _, err := copyOf(t, env).CopyToPostgres(env.Context, copying(env, address)); err != nil {
		t.Fatal(err)
	}
	there := modelstest.Open(t, address, env.Policy())
	there.Clock.Set(env.Clock.Now())
	return there
}

// copiedSite is a site before it is copied: phones that wait, that were approved and that are connected, wrong codes, a decline, an
// erased account, an alert with a note, notices, a witness.
type copiedSite struct {
	*visit
	witness           tree.Cosigner
	waiting, approved *visit
	tokens            models.Tokens
	proof             models.UsedProof // that the redemption was paid with
	before            tree.Checkpoint
	note, receipt     []byte
}

func newCopiedSite(t *testing.T) *copiedSite {
	t.Helper()
	s := &copiedSite{witness: cosigner(t, "a.example/w")}
	env := modelstest.SQLite(t, models.Policy{
		Witnesses: []tree.Verifier{s.witness.Verifier}, NoticeChannels: models.Channels(), AlertChannels: models.Channels(),
	})
	s.visit = newVisit(t, env)
	s.to(t, models.Approved)
	s.waiting, s.approved = newVisitFor(t, s.visit), newVisitFor(t, s.visit)
	s.approved.to(t, models.Approved)
	env.Account(t, "bob@example.com")
	suspicious := env.Request(t, env.Client(t), "bob@example.com")
	s.proof = models.UsedProof{Kind: "dpop", Owner: modelstest.Thumbprint, ID: "once", Until: env.Clock.Now().Add(time.Hour)}
	redemption := modelstest.Redemption(s.client, s.codes)
	redemption.Proofs = []models.UsedProof{s.proof}
	var err error
	if s.tokens, err = env.Redeem(env.Context, redemption); err != nil {
		t.Fatal(err)
	}
	if _, err := env.Match(env.Context, s.operator, s.account, wrongCode(t, s.waiting, func(s string) string { return s })); err == nil {
		t.Fatal("a code matches that nobody has")
	}
	if err := env.Decline(env.Context, s.operator, suspicious.DeviceAuthorizationID, term.DeclineSuspicious); err != nil {
		t.Fatal(err)
	}
	if err := env.EraseAccount(env.Context, env.Account(t, "gone@example.com"), term.ErasureRequested); err != nil {
		t.Fatal(err)
	}
	s.before, _ = sequenced(t, env)
	cosign(t, env, s.witness)
	if s.note, err = env.LogCheckpoint(env.Context); err != nil {
		t.Fatal(err)
	}
	if s.receipt, _, err = env.DecisionProof(env.Context, s.approved.codes.DeviceAuthorizationID); err != nil {
		t.Fatal(err)
	}
	return s
}

// docs/protocol.md §6 moved-site: what waits, what was approved and what is connected goes on where it was copied to; what was used once
// is refused there, too; trail, log and receipts are what they were.
func TestCopiedSiteGoesOn(t *testing.T) {
	s := newCopiedSite(t)
	there := copied(t, s.Env)
	if report, err := there.VerifyTrail(there.Context); err != nil || !report.OK() || !report.Rooted {
		t.Fatalf("%v, %v", report.Problems(), err)
	}
	s.stayedTheSame(t, there)
	on := func(v *visit) *visit { return &visit{Env: there, account: v.account, client: v.client, codes: v.codes} }
	if d, err := there.Poll(there.Context, s.waiting.client.ID, s.waiting.codes.DeviceCode); err != nil || d.State != models.Pending {
		t.Errorf("the waiting phone: %s, %v", d.State, err)
	}
	if _, err := there.Redeem(there.Context, modelstest.Redemption(s.approved.client, s.approved.codes)); err != nil {
		t.Errorf("the approved phone: %v", err)
	}
	refresh := refreshment(on(s.visit), s.tokens)
	refresh.Proofs = []models.UsedProof{s.proof}
	if _, err := there.Refresh(there.Context, refresh); !errors.Is(err, models.ErrReplayedProof) {
		t.Errorf("a proof that was used before: %v", err)
	}
	refresh.Proofs = nil
	if _, err := there.Refresh(there.Context, refresh); err != nil {
		t.Errorf("the connected phone: %v", err)
	}
	waiting := on(s.waiting)
	waiting.signIn(t)
	waiting.to(t, models.Redeemed)
	after, _ := sequenced(t, there)
	head, err := there.LogHead(there.Context)
	if err != nil {
		t.Fatal(err)
	}
	path, err := there.ConsistencyProof(there.Context, head, s.before.Size)
	if err == nil {
		err = tlog.CheckTree(path, head.Size, head.Root, s.before.Size, s.before.Root)
	}
	if err != nil || after.Size <= s.before.Size {
		t.Errorf("%d entries after %d: %v", after.Size, s.before.Size, err)
	}
	if report, err := there.VerifyTrail(there.Context); err != nil || !report.OK() {
		t.Errorf("%v, %v", report.Problems(), err)
	}
}

// stayedTheSame holds log, witness and receipts against what they were.
func (s *copiedSite) stayedTheSame(t *testing.T, there *modelstest.Env) {
	t.Helper()
	is, err := there.Head(there.Context)
	if err != nil {
		t.Fatal(err)
	}
	if was, err := s.Head(s.Context); err != nil || is != was || is.Checkpoint != s.before.Size {
		t.Errorf("%+v, and was %+v, %v", is, was, err)
	}
	log, err := there.CheckLog(there.Context, models.LogCheck{Issuer: modelstest.Issuer, Kept: nil})
	if err != nil || !log.OK() || len(log.Cosigned) != 1 || log.Cosigned[0].Size != s.before.Size {
		t.Errorf("%+v, %v", log, err)
	}
	again, _, err := there.DecisionProof(there.Context, s.approved.codes.DeviceAuthorizationID)
	if err != nil || string(again) != string(s.receipt) {
		t.Errorf("the receipt is\n%s\nand was\n%s\n%v", again, s.receipt, err)
	}
	receipt, err := audit.ReadReceipt(s.receipt)
	if err == nil {
		_, err = receipt.Vouch(audit.Trust{Witnesses: []tree.Verifier{s.witness.Verifier}})
	}
	if err != nil {
		t.Errorf("the receipt from before: %v", err)
	}
	if err := there.HoldCheckpoint(there.Context, s.note); err != nil {
		t.Errorf("the checkpoint from before: %v", err)
	}
}
