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
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// Design section 4.5, RFC 7638: a key is one client instance's, also when it is
// registered many times at once. A refused registration leaves neither row nor event.
func TestKeyIsRegisteredOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		metadata := oauth.ClientMetadata{
			ClientName: "Test app", SoftwareID: "test-app", SoftwareVersion: "1", GrantTypes: []string{oauth.GrantTypeDeviceCode},
			JWKS: &jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), Algorithm: "ES256"}}},
		}
		before := env.LastEvent(t)
		const parallel = 10
		errs := make(chan error, parallel)
		for range parallel {
			go func() {
				_, err := env.RegisterClient(env.Context, metadata, modelstest.Scope(), modelstest.Address)
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
		metadata.JWKS.Keys[0].KeyID, metadata.JWKS.Keys[0].Use = "another name", "sig" // the same key all the same
		if _, err := env.RegisterClient(env.Context, metadata, modelstest.Scope(), modelstest.Address); err != models.ErrKeyRegistered {
			t.Errorf("under another name: %v", err)
		}
	})
}
