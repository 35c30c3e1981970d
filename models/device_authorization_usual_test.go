package models_test

import (
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// notUsualRequests is what keeps a request for codes from being a usual one, with its answer. nil: it is answered all the same.
var notUsualRequests = map[string]struct {
	make func(t *testing.T, env *modelstest.Env, r *models.DeviceAuthorizationRequest)
	want error
}{
	"the client is disabled": {func(t *testing.T, env *modelstest.Env, r *models.DeviceAuthorizationRequest) {
		setIn(t, env, "UPDATE clients SET status = 'disabled' WHERE id = ?", r.Client.ID)
	}, models.ErrClientNotActive},
	"the client is unknown": {func(_ *testing.T, _ *modelstest.Env, r *models.DeviceAuthorizationRequest) {
		r.Client.ID = "nobody"
	}, models.ErrNotFound},
	"the app may have nothing of the scope": {func(t *testing.T, env *modelstest.Env, r *models.DeviceAuthorizationRequest) {
		setIn(t, env, "UPDATE software SET scope = 'account.other'")
	}, models.ErrScopeWithdrawn},
	"an assertion that has paid": {func(t *testing.T, env *modelstest.Env, r *models.DeviceAuthorizationRequest) {
		payForCodes(t, env, *r, 0)
	}, models.ErrReplayed},
	"a proof that has paid": {func(t *testing.T, env *modelstest.Env, r *models.DeviceAuthorizationRequest) {
		payForCodes(t, env, *r, 1)
	}, models.ErrReplayedProof},
	"an assertion that has paid a program from before": {func(t *testing.T, env *modelstest.Env, r *models.DeviceAuthorizationRequest) {
		setIn(t, env, "INSERT INTO used_proofs (key, expires_at) VALUES (?, 1)", models.PlainKeyForTest(r.Proofs[0]))
	}, models.ErrReplayed},
	"a proof that has paid a program from before": {func(t *testing.T, env *modelstest.Env, r *models.DeviceAuthorizationRequest) {
		setIn(t, env, "INSERT INTO used_proofs (key, expires_at) VALUES (?, 1)", models.PlainKeyForTest(r.Proofs[1]))
	}, models.ErrReplayedProof},
	"one proof twice": {func(_ *testing.T, _ *modelstest.Env, r *models.DeviceAuthorizationRequest) {
		r.Proofs[0] = r.Proofs[1]
	}, models.ErrReplayedProof},
	"an assertion alone": {func(_ *testing.T, _ *modelstest.Env, r *models.DeviceAuthorizationRequest) {
		r.Proofs = r.Proofs[:1]
	}, nil},
}

func setIn(t *testing.T, env *modelstest.Env, statement string, values ...any) {
	t.Helper()
	if err := models.WriterForTest(env.Database).Exec(statement, values...).Error; err != nil {
		t.Fatal(err)
	}
}

// payForCodes uses one of a request's proofs up for another request of the client.
func payForCodes(t *testing.T, env *modelstest.Env, r models.DeviceAuthorizationRequest, proof int) {
	t.Helper()
	paid := r.Proofs[proof]
	r.Proofs = askingWithProofs(env, r.Client, 1_000_000+proof).Proofs
	r.Proofs[proof] = paid
	if _, err := env.RequestDeviceAuthorization(env.Context, r); err != nil {
		t.Fatal(err)
	}
}

// What the one look for an issue does not judge is judged: each refusal is the one that it would be otherwise, and changes nothing.
func TestWhatIsNotUsualOfAnIssueIsJudged(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		if _, err := env.AddSoftware(env.Context, models.NewSoftware{
			Publisher: "Pocket Works", SoftwareID: "test-app", Name: "Pocket", Scope: oauth.Scope{"account.read"},
		}); err != nil {
			t.Fatal(err)
		}
		number := 0
		for name, refused := range notUsualRequests {
			number++
			client := env.Client(t)
			r := askingWithProofs(env, client, number)
			refused.make(t, env, &r)
			before, proofs := env.LastEvent(t), usedProofs(t, env)
			_, err := env.RequestDeviceAuthorization(env.Context, r)
			if !is(refused.want)(err) {
				t.Errorf("%s: %v", name, err)
			}
			if events := env.Events(t, before); err != nil && (len(events) != 0 || usedProofs(t, env) != proofs) {
				t.Errorf("%s: events %v, %d proofs after %d", name, events, usedProofs(t, env), proofs)
			} else if err == nil && !slices.Equal(events, []audit.Type{audit.DeviceAuthorizationRequested}) {
				t.Errorf("%s: events %v", name, events)
			}
			setIn(t, env, "UPDATE software SET scope = 'account.read'")
			env.Clock.Advance(time.Second)
		}
	})
}
