package models_test

import (
	"fmt"
	"sync"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// Attacks row 13: 50 parallel redemptions of one code, exactly one token set.
func TestParallelRedemptions(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		before := env.LastEvent(t)
		const parallel = 50
		errs := make(chan error, parallel)
		for range parallel {
			go func() { errs <- v.do("redeem", "") }()
		}
		redeemed := 0
		for range parallel {
			switch err := <-errs; {
			case err == nil:
				redeemed++
			case err != models.ErrTooSoon && !isConflict(err):
				t.Errorf("refused with %v", err)
			}
		}
		var tokens int64
		if err := env.Reader().Raw("SELECT count(*) FROM refresh_tokens").Scan(&tokens).Error; err != nil {
			t.Fatal(err)
		}
		if redeemed != 1 || tokens != 1 || len(env.Events(t, before)) != 1 {
			t.Errorf("%d answers, %d refresh tokens, events %v", redeemed, tokens, env.Events(t, before))
		}
	})
}

func isConflict(err error) bool {
	var conflict *models.StateConflictError
	return asError(err, &conflict)
}

// Two operators match one request at the same moment: one holds it, the other is told.
func TestParallelMatches(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		sessions := []string{v.operator, v.other, env.Operator(t, "third"), env.Operator(t, "fourth")}
		errs := make(chan error, len(sessions))
		for _, session := range sessions {
			go func() { errs <- v.do("match", session) }()
		}
		matched := 0
		for range sessions {
			var claimed *models.ClaimedError
			switch err := <-errs; {
			case err == nil:
				matched++
			case !asError(err, &claimed) && !isConflict(err):
				t.Errorf("refused with %v", err)
			}
		}
		if matched != 1 {
			t.Errorf("%d sessions matched", matched)
		}
	})
}

// Attacks row 24: 16 concurrent writers, no lock error reaches anybody, and the trail
// has no gap.
func TestSixteenWriters(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		const writers, writes = 16, 20
		env.Account(t, "ada@example.com")
		clients := make([]models.Client, writers)
		for i := range clients {
			clients[i] = env.Client(t)
		}
		before := env.LastEvent(t)
		var group sync.WaitGroup
		errs := make(chan error, writers*writes)
		for _, client := range clients {
			group.Go(func() {
				for i := range writes {
					_, err := env.RequestDeviceAuthorization(env.Context, models.DeviceAuthorizationRequest{
						Client: client, LoginHint: "ada@example.com", Address: modelstest.Address,
						Proofs: []models.UsedProof{{Kind: "assertion", Owner: client.ID, ID: fmt.Sprint(i), Until: env.Clock.Now()}},
					})
					errs <- err
				}
			})
		}
		group.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		if got := len(env.Events(t, before)); got != writers*writes {
			t.Errorf("%d events", got)
		}
		if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() {
			t.Errorf("verify: %+v, %v", report, err)
		}
	})
}
