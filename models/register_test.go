package models_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// docs/architecture.md §4.5, RFC 7638: a key is one client instance's, also when it is
// registered many times at once. A refused registration leaves neither row nor event.
func TestKeyIsRegisteredByOneOfMany(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		registration := modelstest.Registration(key)
		before := env.LastEvent(t)
		const parallel = 10
		errs := make(chan error, parallel)
		for range parallel {
			go func() {
				_, err := env.RegisterClient(env.Context, registration)
				errs <- err
			}()
		}
		registered := 0
		for range parallel {
			switch err := <-errs; err {
			case nil:
				registered++
			case models.ErrKeyRegistered:
			default:
				t.Errorf("refused with %v", err)
			}
		}
		if got := env.Events(t, before); registered != 1 || !slices.Equal(got, []audit.Type{audit.ClientRegistered}) {
			t.Errorf("registered %d times, events %v", registered, got)
		}
		registration.Metadata.JWKS.Keys[0].KeyID, registration.Metadata.JWKS.Keys[0].Use = "another name", "sig" // the same key all the same
		if _, err := env.RegisterClient(env.Context, registration); err != models.ErrKeyRegistered {
			t.Errorf("under another name: %v", err)
		}
	})
}
