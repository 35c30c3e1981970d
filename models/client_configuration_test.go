package models_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// deletable is a registered client with a request in every state; each is for an account of its own.
type deletable struct {
	*modelstest.Env
	client   models.RegisteredClient
	session  string // of an operator
	requests map[models.State]models.IssuedCodes
	tokens   models.Tokens // of the redeemed one
}

func newDeletable(t *testing.T, env *modelstest.Env) deletable {
	t.Helper()
	registered, err := env.RegisterClient(env.Context, modelstest.Registration(newKey(t)))
	if err != nil {
		t.Fatal(err)
	}
	d := deletable{Env: env, client: registered, session: env.Operator(t, "op"), requests: map[models.State]models.IssuedCodes{}}
	accounts := map[models.State]string{}
	for _, state := range []models.State{models.Pending, models.Matched, models.Approved, models.Redeemed, models.Declined} {
		identifier := string(state) + "@example.com"
		accounts[state] = env.Account(t, identifier)
		d.requests[state] = env.Request(t, d.client.Client, identifier)
	}
	if err := env.Decline(env.Context, d.session, d.requests[models.Declined].DeviceAuthorizationID, "other"); err != nil {
		t.Fatal(err)
	}
	env.Approve(t, d.session, accounts[models.Approved], d.requests[models.Approved])
	env.Approve(t, d.session, accounts[models.Redeemed], d.requests[models.Redeemed])
	if d.tokens, err = env.Redeem(env.Context, modelstest.Redemption(d.client.Client, d.requests[models.Redeemed])); err != nil {
		t.Fatal(err)
	}
	if _, err := env.Match(env.Context, d.session, accounts[models.Matched], d.requests[models.Matched].UserCode); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d deletable) wantState(t *testing.T, codes models.IssuedCodes, want models.State) {
	t.Helper()
	if row, err := d.DeviceAuthorization(d.Context, codes.DeviceAuthorizationID); err != nil || row.State != want {
		t.Errorf("is %s, want %s (%v)", row.State, want, err)
	}
}

// RFC 7592 §2.3: deleting a client ends, in one transaction, what could still be decided or redeemed and every
// binding; what has ended stays as it was, and other clients live on.
func TestDeletingAClientEndsEverything(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		d := newDeletable(t, env)
		env.Account(t, "ada@example.com")
		nobodys, others := env.Request(t, d.client.Client, "nobody@example.com"), env.Request(t, env.Client(t), "ada@example.com")
		if err := env.DeleteClient(env.Context, d.client.ID, "wrong", fromThere); err != models.ErrUnknownToken {
			t.Fatalf("with a wrong token: %v", err)
		}
		before := env.LastEvent(t)
		if err := env.DeleteClient(env.Context, d.client.ID, d.client.RegistrationToken, fromThere); err != nil {
			t.Fatal(err)
		}
		for state, codes := range d.requests {
			if state == models.Redeemed {
				d.wantState(t, codes, models.Redeemed)
			} else {
				d.wantState(t, codes, models.Declined)
			}
		}
		d.wantState(t, nobodys, models.Declined)
		d.wantState(t, others, models.Pending)
		declined := d.requests[models.Declined].DeviceAuthorizationID
		if row, _ := env.DeviceAuthorization(env.Context, declined); row.DeclineReason != "other" {
			t.Errorf("the declined one now says %q", row.DeclineReason)
		}
		want := []audit.Type{audit.DeviceBindingRevoked, audit.DeviceBindingRevoked, audit.ClientDeleted}
		if got := env.Events(t, before); !slices.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
		if count := lastEvent(t, env).Facts.Count; count == nil || *count != 3 {
			t.Errorf("the event counts %v", count)
		}
	})
}

// Nothing of a deleted client works any more, nothing brings it back, and the trail verifies.
func TestDeletedClientStaysDeleted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		d := newDeletable(t, env)
		if err := env.DeleteClient(env.Context, d.client.ID, d.client.RegistrationToken, fromThere); err != nil {
			t.Fatal(err)
		}
		if _, err := env.LiveBinding(env.Context, d.tokens.BindingID); err != models.ErrBindingRevoked {
			t.Errorf("the binding: %v", err)
		}
		if _, err := env.ManagedClient(env.Context, d.client.ID, d.client.RegistrationToken); err != models.ErrUnknownToken {
			t.Errorf("managing it again: %v", err)
		}
		if err := env.EnableClient(env.Context, d.client.ID); err != models.ErrNotFound {
			t.Errorf("enabling it again: %v", err)
		}
		if report, err := env.VerifyTrail(env.Context); err != nil || report.First != nil {
			t.Errorf("the trail: %+v, %v", report.First, err)
		}
	})
}

// RFC 7592 §2.3: an approval and a deletion at the same time: whichever is first, no
// live binding remains.
func TestApprovingWhileTheClientIsDeleted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		account := env.Account(t, "ada@example.com")
		for range 8 {
			session := env.Operator(t, "op")
			registered, err := env.RegisterClient(env.Context, modelstest.Registration(newKey(t)))
			if err != nil {
				t.Fatal(err)
			}
			codes := env.Request(t, registered.Client, "ada@example.com")
			id := codes.DeviceAuthorizationID
			if _, err := env.Match(env.Context, session, account, codes.UserCode); err != nil {
				t.Fatal(err)
			}
			if err := env.Proof(env.Context, session, id, modelstest.Card()); err != nil {
				t.Fatal(err)
			}
			var both sync.WaitGroup
			both.Go(func() {
				var conflict *models.StateConflictError
				_, err := env.ApproveShown(session, id)
				if err != nil && !errors.As(err, &conflict) && err != models.ErrClientNotActive && err != models.ErrNotFound {
					t.Errorf("approving: %v", err)
				}
			})
			both.Go(func() {
				if err := env.DeleteClient(env.Context, registered.ID, registered.RegistrationToken, fromThere); err != nil {
					t.Errorf("deleting: %v", err)
				}
			})
			both.Wait()
			if binding, err := env.BindingOf(env.Context, id); err == nil && binding.RevokedAt == 0 {
				t.Error("a live binding of a deleted client")
			}
		}
	})
}

// RFC 7591 §3: a token lets one of many parallel registrations in, and a
// registration that fails for another reason leaves it.
func TestInitialAccessTokenIsUsedOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		row, token, err := env.AddRegistrationToken(env.Context, models.NewRegistrationToken{Note: "test", Lifetime: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		taken := modelstest.Registration(newKey(t))
		if _, err := env.RegisterClient(env.Context, taken); err != nil {
			t.Fatal(err)
		}
		if taken.InitialToken = token; true {
			if _, err := env.RegisterClient(env.Context, taken); err != models.ErrKeyRegistered {
				t.Fatalf("a key that is taken: %v", err)
			}
		}
		const parallel = 8
		results := make(chan error, parallel)
		for range parallel {
			registration := modelstest.Registration(newKey(t))
			registration.InitialToken = token
			go func() {
				_, err := env.RegisterClient(env.Context, registration)
				results <- err
			}()
		}
		in := 0
		for range parallel {
			switch err := <-results; err {
			case nil:
				in++
			case models.ErrInitialToken:
			default:
				t.Errorf("refused with %v", err)
			}
		}
		if in != 1 {
			t.Errorf("%d registered with one token", in)
		}
		if err := env.RevokeRegistrationToken(env.Context, "", row.ID); err != models.ErrNotFound {
			t.Errorf("a used token was revoked: %v", err)
		}
		var stored string
		if err := env.Reader().Raw("SELECT token_hash || note FROM registration_tokens").Scan(&stored).Error; err != nil ||
			strings.Contains(stored, token) {
			t.Errorf("stored as %q, %v", stored, err)
		}
	})
}

// Only administrators manage who may register; the command may too.
func TestRegistrationIsAdministrators(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		operator := env.SignIn(t, "op", []models.Role{models.Operator, models.Supervisor})
		keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: newKey(t).Public()}}}
		before := env.LastEvent(t)
		for name, try := range map[string]func(session string) error{
			"publisher": func(s string) error {
				_, err := env.SetPublisherKeys(env.Context, models.NewPublisher{SessionID: s, Name: "Bank", Keys: keys})
				return err
			},
			"software": func(s string) error {
				_, err := env.AddSoftware(env.Context, models.NewSoftware{SessionID: s, Publisher: "Bank", SoftwareID: "a", Name: "A"})
				return err
			},
			"token": func(s string) error {
				_, _, err := env.AddRegistrationToken(env.Context, models.NewRegistrationToken{SessionID: s, Lifetime: time.Hour})
				return err
			},
			"revocation": func(s string) error { return env.RevokeRegistrationToken(env.Context, s, "x") },
		} {
			if err := try(operator); err != models.ErrNotAllowed {
				t.Errorf("%s by others: %v", name, err)
			}
			if err := try("nobody"); err != models.ErrSessionEnded {
				t.Errorf("%s by nobody: %v", name, err)
			}
		}
		if got := env.Events(t, before); len(got) > 0 {
			t.Errorf("events %v", got)
		}
	})
}

// RFC 7592 §2.2: the key changes to one that nobody has; a rotation at jwks_uri
// too, once for all processes that saw it.
func TestKeyChanges(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		taken, fresh, next := newKey(t), newKey(t), newKey(t)
		if _, err := env.RegisterClient(env.Context, modelstest.Registration(taken)); err != nil {
			t.Fatal(err)
		}
		registration := modelstest.Registration(newKey(t))
		registration.Metadata.JWKSURI, registration.KeyAsked = "https://app.example/jwks", env.Clock.Now()
		client, err := env.RegisterClient(env.Context, registration)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := env.ReplaceClient(env.Context, client.ID, client.RegistrationToken,
			modelstest.Registration(taken)); err != models.ErrKeyRegistered {
			t.Errorf("another's key: %v", err)
		}
		set := func(key *ecdsa.PrivateKey) jose.JSONWebKeySet {
			return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public()}}}
		}
		later := env.Clock.Now().Add(time.Minute)
		if _, err := env.RotateClientKey(env.Context, client.ID, set(taken), later, models.Stranger{}); err != models.ErrKeyRegistered {
			t.Errorf("rotating to another's key: %v", err)
		}
		before := env.LastEvent(t)
		for range 2 {
			rotated, err := env.RotateClientKey(env.Context, client.ID, set(fresh), later, models.Stranger{})
			if keys := set(fresh); err != nil || rotated.JWKThumbprint != (oauth.ClientMetadata{JWKS: &keys}).Thumbprint() {
				t.Errorf("rotated to %s, %v", rotated.JWKThumbprint, err)
			}
		}
		for _, asked := range []time.Time{later, later.Add(-time.Millisecond), env.Clock.Now()} {
			late, err := env.RotateClientKey(env.Context, client.ID, set(next), asked, models.Stranger{})
			if keys := set(fresh); err != nil || late.JWKThumbprint != (oauth.ClientMetadata{JWKS: &keys}).Thumbprint() ||
				late.JWKSFetchedAt != models.At(later) {
				t.Errorf("an answer to an earlier question: %v, %v", late.JWKSFetchedAt.Time(), err)
			}
		}
		stale := modelstest.Registration(next)
		stale.Metadata.JWKSURI, stale.KeyAsked = "https://app.example/jwks", later.Add(-time.Millisecond)
		if _, err := env.ReplaceClient(env.Context, client.ID, client.RegistrationToken, stale); err != models.ErrStaleKey {
			t.Errorf("replaced by an earlier answer: %v", err)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.ClientUpdated}) {
			t.Errorf("events %v", got)
		}
		replaced, err := env.ReplaceClient(env.Context, client.ID, client.RegistrationToken, modelstest.Registration(next))
		if err != nil || replaced.JWKSURI != "" || replaced.JWKSFetchedAt != 0 {
			t.Errorf("replaced by %+v, %v", replaced, err)
		}
		if _, err := env.RotateClientKey(env.Context, client.ID, set(fresh), later.Add(time.Minute), fromThere); err != models.ErrNotFound {
			t.Errorf("rotating what has no jwks_uri any more: %v", err)
		}
	})
}

// draft-richer-oauth-instance-00 §2: staff edit the label, the original is kept;
// the event names neither.
func TestRelabelBinding(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		account, session := env.Account(t, "ada@example.com"), env.Operator(t, "op")
		codes := env.Request(t, env.Client(t), "ada@example.com")
		approval := env.Approve(t, session, account, codes)
		supervisor := env.SignIn(t, "super", []models.Role{models.Supervisor})
		administrator := env.SignIn(t, "admin", []models.Role{models.Administrator})
		before := env.LastEvent(t)
		for i, who := range []string{session, supervisor} {
			if err := env.RelabelBinding(env.Context, who, approval.Binding.ID, []string{"Blue phone", "Red phone"}[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := env.RelabelBinding(env.Context, supervisor, approval.Binding.ID, "Red phone"); err != nil {
			t.Fatal(err)
		}
		binding, err := env.Binding(env.Context, approval.Binding.ID)
		d, _ := env.DeviceAuthorization(env.Context, codes.DeviceAuthorizationID)
		if err != nil || binding.Label != "Red phone" || d.InstanceName != "My phone" {
			t.Errorf("%v: label %q, the device says %q", err, binding.Label, d.InstanceName)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.DeviceBindingRelabelled, audit.DeviceBindingRelabelled}) {
			t.Errorf("events %v", got)
		}
		var refusal *oauth.Error
		if err := env.RelabelBinding(env.Context, supervisor, binding.ID, "a\u202eb"); !errors.As(err, &refusal) {
			t.Errorf("a hostile label: %v", err)
		}
		// Another operator may while a request of the account is matched in their session.
		other := env.Operator(t, "other")
		if err := env.RelabelBinding(env.Context, other, binding.ID, "x"); err != models.ErrNotAllowed {
			t.Errorf("by an operator who has not seen the customer: %v", err)
		}
		next := env.Request(t, env.Client(t), "ada@example.com")
		if _, err := env.Match(env.Context, other, account, next.UserCode); err != nil {
			t.Fatal(err)
		}
		if err := env.RelabelBinding(env.Context, other, binding.ID, "Old phone"); err != nil {
			t.Errorf("after a match: %v", err)
		}
		env.Clock.Advance(env.Policy().ClaimLength)
		if err := env.RelabelBinding(env.Context, other, binding.ID, "x"); err != models.ErrNotAllowed {
			t.Errorf("after the claim is over: %v", err)
		}
		for who, want := range map[string]error{administrator: models.ErrNotAllowed, "nobody": models.ErrSessionEnded} {
			if err := env.RelabelBinding(env.Context, who, binding.ID, "x"); err != want {
				t.Errorf("by %s: %v", who, err)
			}
		}
		if err := env.RelabelBinding(env.Context, supervisor, "nothing", "x"); err != models.ErrNotFound {
			t.Errorf("no binding: %v", err)
		}
	})
}

// RFC 7592 §2.2, RFC 6749 §6: what an app may have follows its clients. A
// client does not shed what was taken from its app by calling itself another one.
func TestSoftwareOfAClientStays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		key := newKey(t)
		client, err := env.RegisterClient(env.Context, modelstest.Registration(key))
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range []string{"", "another-app"} {
			registration := modelstest.Registration(key)
			registration.Metadata.SoftwareID = other
			if _, err := env.ReplaceClient(env.Context, client.ID, client.RegistrationToken, registration); err != models.ErrSoftwareChanged {
				t.Errorf("as %q: %v", other, err)
			}
		}
		if _, err := env.ReplaceClient(env.Context, client.ID, client.RegistrationToken, modelstest.Registration(key)); err != nil {
			t.Errorf("as itself: %v", err)
		}
	})
}
