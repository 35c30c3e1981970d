package models_test

import (
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models/modelstest"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// RFC 7517 §5: an answer with the registered key and another one can change between them, as
// often as the client does; an answer to an earlier question cannot.
func TestKeyBesideTheRegisteredOne(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		old, fresh := jose.JSONWebKey{Key: newKey(t).Public()}, jose.JSONWebKey{Key: newKey(t).Public()}
		registration := modelstest.Registration(newKey(t))
		registration.Metadata.JWKS = &jose.JSONWebKeySet{Keys: []jose.JSONWebKey{old}}
		registration.Metadata.JWKSURI, registration.KeyAsked = "https://app.example/jwks", env.Clock.Now()
		client, err := env.RegisterClient(env.Context, registration)
		if err != nil {
			t.Fatal(err)
		}
		before := env.LastEvent(t)
		rotate := func(asked time.Time, want jose.JSONWebKey, keys ...jose.JSONWebKey) {
			t.Helper()
			rotated, err := env.RotateClientKey(env.Context, client.ID, jose.JSONWebKeySet{Keys: keys}, asked, fromThere)
			set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{want}}
			if err != nil || rotated.JWKThumbprint != (oauth.ClientMetadata{JWKS: &set}).Thumbprint() {
				t.Errorf("the key is %s, %v", rotated.JWKThumbprint, err)
			}
		}
		at := env.Clock.Now()
		rotate(at, fresh, fresh, old)
		rotate(at, old, old, fresh)
		rotate(at, old, fresh)
		rotate(at.Add(-time.Millisecond), old, fresh, old)
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.ClientUpdated, audit.ClientUpdated}) {
			t.Errorf("events %v", got)
		}
	})
}
