package models_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// notUsual is what keeps a redemption from being a usual one, with its answer. nil: it is answered all the same.
var notUsual = map[string]struct {
	make func(t *testing.T, v *visit, r *models.Redemption)
	want func(err error) bool
}{
	"the account is suspended": {func(t *testing.T, v *visit, _ *models.Redemption) {
		v.Import(t, models.AccountSuspended, "ada@example.com")
	}, is(models.ErrAccountNotActive)},
	"the client is disabled": {func(t *testing.T, v *visit, _ *models.Redemption) {
		set(t, v, "UPDATE clients SET status = 'disabled'")
	}, is(models.ErrClientNotActive)},
	"the binding has ended": {func(t *testing.T, v *visit, _ *models.Redemption) {
		set(t, v, "UPDATE bindings SET revoked_at = created_at, revoke_reason = 'other'")
	}, is(models.ErrBindingRevoked)},
	"another client's code": {func(t *testing.T, v *visit, r *models.Redemption) {
		r.ClientID = v.Client(t).ID
	}, is(models.ErrUnknownDeviceCode)},
	"another key": {func(_ *testing.T, _ *visit, r *models.Redemption) {
		r.Thumbprint = "another" + modelstest.Thumbprint[7:]
	}, is(models.ErrWrongKey)},
	"recalled": {func(t *testing.T, v *visit, _ *models.Redemption) {
		if err := v.do("recall", ""); err != nil {
			t.Fatal(err)
		}
	}, isConflict},
	"too late": {func(t *testing.T, v *visit, _ *models.Redemption) {
		set(t, v, "UPDATE device_authorizations SET redeem_until = ?", models.At(v.Clock.Now()))
	}, isConflict},
	"a rule of the client": {func(t *testing.T, v *visit, _ *models.Redemption) {
		set(t, v, `INSERT INTO ending_rules (id, seq, made_at, account_id, client_id, network, reason)
			VALUES ('rule', 1000000, ?, '', ?, '', 'suspicious')`, models.At(v.Clock.Now()), v.client.ID)
	}, isConflict},
	"redeemed a moment ago": {func(t *testing.T, v *visit, _ *models.Redemption) {
		if err := v.do("redeem", ""); err != nil {
			t.Fatal(err)
		}
	}, is(models.ErrTooSoon)},
	"an assertion that has paid": {func(t *testing.T, v *visit, r *models.Redemption) {
		pay(t, v, r.Proofs[0])
	}, is(models.ErrReplayed)},
	"a proof that has paid": {func(t *testing.T, v *visit, r *models.Redemption) {
		pay(t, v, r.Proofs[1])
	}, is(models.ErrReplayedProof)},
	"an assertion that has paid a program from before": {func(t *testing.T, v *visit, r *models.Redemption) {
		set(t, v, "INSERT INTO used_proofs (key, expires_at) VALUES (?, 1)", models.PlainKeyForTest(r.Proofs[0]))
	}, is(models.ErrReplayed)},
	"a proof that has paid a program from before": {func(t *testing.T, v *visit, r *models.Redemption) {
		set(t, v, "INSERT INTO used_proofs (key, expires_at) VALUES (?, 1)", models.PlainKeyForTest(r.Proofs[1]))
	}, is(models.ErrReplayedProof)},
	"one proof twice": {func(_ *testing.T, _ *visit, r *models.Redemption) {
		r.Proofs[0] = r.Proofs[1]
	}, is(models.ErrReplayedProof)},
	"a rule of the account that names others": {func(t *testing.T, v *visit, _ *models.Redemption) {
		set(t, v, `INSERT INTO ending_rules (id, seq, made_at, account_id, client_id, network, reason)
			VALUES ('rule', 1000000, ?, ?, 'another', '', 'suspicious')`, models.At(v.Clock.Now()), v.account)
	}, is(nil)},
}

func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }

func set(t *testing.T, v *visit, statement string, values ...any) {
	t.Helper()
	if err := models.WriterForTest(v.Database).Exec(statement, values...).Error; err != nil {
		t.Fatal(err)
	}
}

// pay uses a proof up for another redemption of another request.
func pay(t *testing.T, v *visit, proof models.UsedProof) {
	t.Helper()
	other := newVisitFor(t, v)
	other.to(t, models.Approved)
	r := modelstest.Redemption(other.client, other.codes)
	at := slices.IndexFunc(r.Proofs, func(p models.UsedProof) bool { return p.Kind == proof.Kind })
	r.Proofs[at] = proof
	if _, err := v.Redeem(v.Context, r); err != nil {
		t.Fatal(err)
	}
}

// What a usual redemption does not judge is judged: each refusal is the one that it would be otherwise, and changes nothing.
func TestWhatIsNotUsualIsJudged(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		first := newVisit(t, env)
		for name, refused := range notUsual {
			env.Import(t, models.AccountActive, "ada@example.com")
			set(t, first, "DELETE FROM ending_rules")
			v := newVisitFor(t, first)
			v.to(t, models.Approved)
			r := modelstest.Redemption(v.client, v.codes)
			refused.make(t, v, &r)
			before, proofs := env.LastEvent(t), usedProofs(t, env)
			_, err := env.Redeem(env.Context, r)
			if !refused.want(err) {
				t.Errorf("%s: %v", name, err)
			}
			if events := env.Events(t, before); err != nil && (len(events) != 0 || usedProofs(t, env) != proofs) {
				t.Errorf("%s: events %v, %d proofs after %d", name, events, usedProofs(t, env), proofs)
			} else if err == nil && !slices.Equal(events, []audit.Type{audit.DeviceBindingRedeemed}) {
				t.Errorf("%s: events %v", name, events)
			}
			set(t, first, "UPDATE clients SET status = 'active'")
			env.Clock.Advance(time.Second)
		}
	})
}

func usedProofs(t *testing.T, env *modelstest.Env) (number int64) {
	t.Helper()
	if err := env.Reader().Raw("SELECT count(*) FROM used_proofs").Scan(&number).Error; err != nil {
		t.Fatal(err)
	}
	return number
}
