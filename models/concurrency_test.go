package models_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// docs/protocol.md §6 parallel-redemption: 50 parallel redemptions of one code, exactly one token set.
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
			case err != models.ErrTooSoon: // anything else would be taken for a replay
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

// docs/protocol.md §6 parallel-redemption, docs/architecture.md §4.8: who loses that race asked too soon and is no
// replay, or the endpoint would revoke what the first one just got. The same holds for
// parallel repetitions after a lost answer: one of them gets new tokens, which live.
func TestParallelRedemptionsAreNoReplay(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		for _, answer := range []string{"the first answer", "the lost answer"} {
			const parallel = 20
			answers := make([]models.Tokens, parallel)
			var group sync.WaitGroup
			for i := range answers {
				group.Go(func() {
					var err error
					if answers[i], err = env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes)); err != nil && err != models.ErrTooSoon {
						t.Errorf("%s: refused with %v", answer, err)
					}
				})
			}
			group.Wait()
			got := slices.DeleteFunc(answers, func(tokens models.Tokens) bool { return tokens.RefreshToken == "" })
			if len(got) != 1 {
				t.Fatalf("%s: given %d times", answer, len(got))
			}
			env.Clock.Advance(env.Policy().Interval)
			if answer == "the lost answer" {
				if _, err := env.Refresh(env.Context, refreshment(v, got[0])); err != nil {
					t.Errorf("%s: %v", answer, err)
				}
			}
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
			case !asError(err, &claimed):
				t.Errorf("refused with %v", err)
			}
		}
		if matched != 1 {
			t.Errorf("%d sessions matched", matched)
		}
	})
}

// docs/protocol.md §6 many-writers: 16 concurrent writers, no lock error reaches anybody, and the trail
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
		// Every request, and every one that fell out for a newer one of its phone.
		if got, want := len(env.Events(t, before)), writers*(2*writes-models.WaitingPerPhone); got != want {
			t.Errorf("%d events, want %d", got, want)
		}
		if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() {
			t.Errorf("verify: %+v, %v", report, err)
		}
	})
}

// RFC 8628 §5.1: wrong codes entered at the same moment do not buy more tries.
func TestParallelWrongCodes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		code := wrongCode(t, v, func(s string) string { return s })
		const parallel = 20
		errs := make(chan error, parallel)
		for i := range parallel {
			session := []string{v.operator, v.other}[i%2]
			go func() {
				_, err := env.Match(env.Context, session, v.account, code)
				errs <- err
			}()
		}
		wrong := 0
		for range parallel {
			err := <-errs
			var locked *models.MatchLockedError
			if asError(err, new(*models.WrongCodeError)) {
				wrong++
			} else if !asError(err, &locked) {
				t.Errorf("refused with %v", err)
			}
		}
		var failures int64
		if err := env.Reader().Raw("SELECT count(*) FROM match_failures WHERE NOT while_locked").Scan(&failures).Error; err != nil {
			t.Fatal(err)
		}
		if wrong != 5 || failures != 6 {
			t.Errorf("%d wrong codes were answered, %d counted", wrong, failures)
		}
	})
}
