package models_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

// A clock goes on while a transaction waits for a lock: a row has the time of its event all the same, or verifying would call it
// changed.
func TestRowsHaveTheTimeOfTheirEvents(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		store := anotherProcess(t, env, func() time.Time {
			env.Clock.Advance(time.Millisecond)
			return env.Clock.Now()
		})
		busyDatabase(t, &modelstest.Env{Store: store, Clock: env.Clock, Address: env.Address, Context: env.Context})
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		leaves, err := store.RegisterClient(env.Context, modelstest.Registration(key))
		if err != nil {
			t.Fatal(err)
		}
		if err := store.DeleteClient(env.Context, leaves.ID, leaves.RegistrationToken, models.Stranger{Address: "192.0.2.7"}); err != nil {
			t.Fatal(err)
		}
		report, err := env.CheckRecords(env.Context, nil)
		if err != nil || report.Wrong != 0 || report.Rows < 30 {
			t.Errorf("%d rows, %v, %v", report.Rows, report.Problems(), err)
		}
	})
}
