package models_test

import (
	"errors"
	"slices"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

const (
	readable = "https://read.example"
	writable = "https://write.example"
)

// RFC 8707 §2.2: resources are stored with the request and the binding, and each
// access token is for one of them, with its part of the scope.
func TestResources(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			env := modelstest.Open(t, modelstest.Migrated(t, dialect), models.Policy{Resources: oauth.Resources{
				{URI: modelstest.Issuer + "/api"}, {URI: readable, Scope: oauth.Scope{"account.read"}},
				{URI: writable, Scope: oauth.Scope{"account.write"}},
			}})
			client, account := env.Client(t), env.Account(t, "anna@example.org")
			resources := env.Policy().Resources[1:]
			codes, err := env.RequestDeviceAuthorization(env.Context, models.DeviceAuthorizationRequest{
				Client: client, LoginHint: "anna@example.org", Scope: modelstest.Scope(), Resources: resources, Thumbprint: modelstest.Thumbprint,
				Address: modelstest.Address,
			})
			if err != nil {
				t.Fatal(err)
			}
			approval := env.Approve(t, env.Operator(t, "olga"), account, codes)
			if approval.Binding.Resources != readable+" "+writable {
				t.Fatalf("the binding is for %q", approval.Binding.Resources)
			}
			redemption := modelstest.Redemption(client, codes) // names a resource that was not granted
			wantRefusal(t, oauth.ErrInvalidTarget, func() error { _, err := env.Redeem(env.Context, redemption); return err })
			redemption.Audience = ""
			tokens, err := env.Redeem(env.Context, redemption)
			wantTarget(t, env, tokens, err, readable, "account.read")

			refresh := models.Refreshment{ClientID: client.ID, RefreshToken: tokens.RefreshToken, Thumbprint: modelstest.Thumbprint,
				Audience: writable}
			tokens, err = env.Refresh(env.Context, refresh)
			wantTarget(t, env, tokens, err, writable, "account.write")
			refresh.Scope = oauth.Scope{"account.read"}
			wantRefusal(t, oauth.ErrInvalidScope, func() error { _, err := env.Refresh(env.Context, refresh); return err })
			refresh.Audience = modelstest.Issuer + "/api"
			wantRefusal(t, oauth.ErrInvalidTarget, func() error { _, err := env.Refresh(env.Context, refresh); return err })
		})
	}
}

// A request from before there were several resources is for the first one.
func TestNoResourceIsTheFirst(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	client, account := env.Client(t), env.Account(t, "anna@example.org")
	codes := env.Request(t, client, "anna@example.org")
	if approval := env.Approve(t, env.Operator(t, "olga"), account, codes); approval.Binding.Resources != "" {
		t.Fatalf("the binding is for %q", approval.Binding.Resources)
	}
	tokens, err := env.Redeem(env.Context, modelstest.Redemption(client, codes))
	wantTarget(t, env, tokens, err, modelstest.Issuer+"/api", "account.read")
}

func wantTarget(t *testing.T, env *modelstest.Env, tokens models.Tokens, err error, resource, scope string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := env.AccessTokenKeys(env.Context)
	if err != nil {
		t.Fatal(err)
	}
	token, refusal := oauth.VerifyAccessToken(tokens.AccessToken, keys, modelstest.Issuer, []string{resource}, env.Clock.Now())
	if refusal != nil || token.Scope != scope || tokens.Scope != scope {
		t.Fatalf("got %+v with scope %q, %v; want %s with %s", token, tokens.Scope, refusal, resource, scope)
	}
}

// wantRefusal demands a refusal with this code, which changes nothing: neither is a code
// used up nor an event recorded.
func wantRefusal(t *testing.T, code string, do func() error) {
	t.Helper()
	var refusal *oauth.Error
	if err := do(); !errors.As(err, &refusal) || refusal.Code != code {
		t.Fatalf("got %v, want %s", err, code)
	}
}

// docs/decisions/0010-resource-servers.md: added, found, listed, removed, on record.
func TestResourceServers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		before := env.LastEvent(t)
		add := func(name string) (models.ResourceServer, error) {
			client := env.Client(t)
			keys, err := client.Keys()
			if err != nil {
				t.Fatal(err)
			}
			return env.AddResourceServer(env.Context, name, readable, keys)
		}
		first, err := add("Letters")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := add("Letters"); !errors.Is(err, models.ErrExists) {
			t.Errorf("the same name: %v", err)
		}
		second, err := add("Appointments")
		if err != nil {
			t.Fatal(err)
		}
		found, err := env.ResourceServer(env.Context, first.ID)
		if keys, bad := found.Keys(); err != nil || bad != nil || found != first || len(keys.Keys) != 1 {
			t.Errorf("found %+v: %v, %v", found, err, bad)
		}
		if list, err := env.ResourceServers(env.Context); err != nil || len(list) != 2 || list[0] != second {
			t.Errorf("the list is %v: %v", list, err)
		}
		for _, want := range []error{nil, models.ErrNotFound} {
			if err := env.RemoveResourceServer(env.Context, first.ID); !errors.Is(err, want) {
				t.Errorf("removed: %v, want %v", err, want)
			}
		}
		if _, err := env.ResourceServer(env.Context, first.ID); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("found what was removed: %v", err)
		}
		events := slices.DeleteFunc(env.Events(t, before), func(e audit.Type) bool { return e == audit.ClientRegistered })
		if want := []audit.Type{audit.ResourceServerAdded, audit.ResourceServerAdded, audit.ResourceServerRemoved}; !slices.Equal(events, want) {
			t.Errorf("events are %v", events)
		}
	})
}
