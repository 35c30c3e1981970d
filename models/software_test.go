package models_test

import (
	"errors"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// listed is a visit whose app belongs to a publisher.
func newListed(t *testing.T, env *modelstest.Env, scope ...string) *provable {
	t.Helper()
	_, err := env.AddSoftware(env.Context, models.NewSoftware{Publisher: "P", SoftwareID: "test-app", Name: "Test app", Scope: scope})
	if err != nil {
		t.Fatal(err)
	}
	p := &provable{Env: env, account: env.Account(t, "ada@example.com"), operator: env.Operator(t, "op"), other: env.Operator(t, "other")}
	p.client, p.key = env.ClientOf(t, "test-app")
	p.codes = p.ask(t, scope...)
	return p
}

func (p *provable) ask(t *testing.T, scope ...string) models.IssuedCodes {
	t.Helper()
	codes, err := p.askFor(scope...)
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

func (p *provable) askFor(scope ...string) (models.IssuedCodes, error) {
	return p.RequestDeviceAuthorization(p.Context, models.DeviceAuthorizationRequest{
		Client: p.client, LoginHint: "ada@example.com", Scope: scope, Thumbprint: modelstest.Thumbprint, Address: modelstest.Address,
	})
}

func (p *provable) change(t *testing.T, scope ...string) {
	t.Helper()
	list := oauth.Scope(scope)
	if _, err := p.ChangeSoftware(p.Context, models.SoftwareChange{SoftwareID: "test-app", Scope: &list}); err != nil {
		t.Fatal(err)
	}
}

// proofed takes the request to the last step before the decision.
func (p *provable) proofed(t *testing.T) {
	t.Helper()
	if _, err := p.Match(p.Context, p.operator, p.account, p.codes.UserCode); err != nil {
		t.Fatal(err)
	}
	if err := p.Proof(p.Context, p.operator, p.codes.DeviceAuthorizationID, modelstest.Card()); err != nil {
		t.Fatal(err)
	}
}

func (p *provable) refreshed(refreshToken string, wanted ...string) (models.Tokens, error) {
	return p.Refresh(p.Context, models.Refreshment{ClientID: p.client.ID, RefreshToken: refreshToken,
		Thumbprint: modelstest.Thumbprint, Audience: modelstest.Issuer + "/api", Scope: wanted})
}

func refusedAs(err error, code string) bool {
	var refusal *oauth.Error
	return errors.As(err, &refusal) && refusal.Code == code
}

// docs/decisions/0013: what a change leaves out stays, the event says what holds now, and
// an app that nobody has registered cannot be changed.
func TestChangeSoftware(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newListed(t, env, "account.read")
		added := p.facts(t, audit.PublisherAdded)
		if added.Software != "test-app" || added.Presence != "not required" || added.Scope != "account.read" {
			t.Errorf("added: %+v", added)
		}
		yes := true
		for _, c := range []struct {
			change       models.SoftwareChange
			scope, proof string
		}{
			{models.SoftwareChange{PresenceRequired: &yes}, "account.read", "required"},
			{models.SoftwareChange{Scope: &oauth.Scope{"account.read", "account.write"}}, "account.read account.write", "required"},
			{models.SoftwareChange{Scope: &oauth.Scope{}, PresenceRequired: new(bool)}, "", "not required"},
		} {
			c.change.SoftwareID = "test-app"
			if _, err := p.ChangeSoftware(p.Context, c.change); err != nil {
				t.Fatal(err)
			}
			facts := p.facts(t, audit.PublisherChanged)
			if facts.Publisher != added.Publisher || facts.Software != "test-app" || facts.Scope != c.scope || facts.Presence != c.proof ||
				facts.Actor.System != "command" || facts.Count != nil {
				t.Errorf("changed: %+v, want %q and %q", facts, c.scope, c.proof)
			}
			kept, err := p.Software(p.Context, "test-app")
			if err != nil || kept.Scope != c.scope || kept.PresenceRequired != (c.proof == "required") {
				t.Errorf("kept: %+v, %v", kept, err)
			}
		}
		before := p.LastEvent(t)
		_, unknown := p.ChangeSoftware(p.Context, models.SoftwareChange{SoftwareID: "other", Scope: &oauth.Scope{"account.read"}})
		_, forbidden := p.ChangeSoftware(p.Context,
			models.SoftwareChange{SessionID: p.operator, SoftwareID: "test-app", Scope: &oauth.Scope{"account.read"}})
		if !errors.Is(unknown, models.ErrNotFound) || !errors.Is(forbidden, models.ErrNotAllowed) || p.LastEvent(t) != before {
			t.Errorf("unknown %v, forbidden %v, events %v", unknown, forbidden, p.Events(t, before))
		}
	})
}

// RFC 6749 §3.3, docs/architecture.md §6 (limited scopes): an approval grants no more than
// the app may have at that moment, and the operator is shown no more; nothing at all is
// refused and on record.
func TestApprovalGrantsWhatTheAppMayHaveNow(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newListed(t, env, "account.read", "account.write")
		p.proofed(t)
		p.change(t)
		_, err := p.ApproveShown(p.operator, p.codes.DeviceAuthorizationID)
		if refused := p.facts(t, audit.DecisionRefused); !errors.Is(err, models.ErrScopeWithdrawn) || refused.Reason != "scope withdrawn" {
			t.Fatalf("with nothing left: %v, %+v", err, refused)
		}
		p.change(t, "account.read")
		if request, err := p.Store.Request(p.Context, p.codes.DeviceAuthorizationID); err != nil || request.Scope != "account.read" {
			t.Errorf("shown: %q, %v", request.Scope, err)
		}
		approval, err := p.ApproveShown(p.operator, p.codes.DeviceAuthorizationID)
		if err != nil || approval.Binding.Scope != "account.read" || p.facts(t, audit.DeviceBindingApproved).Scope != "account.read" {
			t.Fatalf("approved %q, %v", approval.Binding.Scope, err)
		}
		p.change(t, "account.read", "account.write") // what was approved grows no more
		tokens, err := p.Redeem(p.Context, modelstest.Redemption(p.client, p.codes))
		if err != nil || tokens.Scope != "account.read" {
			t.Errorf("redeemed %q, %v", tokens.Scope, err)
		}
	})
}

// RFC 6749 §6: a refresh gives what is left of the grant; more than that, or
// nothing, is invalid_scope. What the app gets back is there again.
func TestTokensForWhatTheAppMayHaveNow(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newListed(t, env, "account.read", "account.write")
		p.Approve(t, p.operator, p.account, p.codes)
		p.change(t)
		if _, err := p.Redeem(p.Context, modelstest.Redemption(p.client, p.codes)); !refusedAs(err, oauth.ErrInvalidScope) {
			t.Fatalf("redeemed with nothing left: %v", err)
		}
		p.change(t, "account.write")
		tokens, err := p.Redeem(p.Context, modelstest.Redemption(p.client, p.codes))
		if err != nil || tokens.Scope != "account.write" {
			t.Fatalf("redeemed %q, %v", tokens.Scope, err)
		}
		wants := func(want string) {
			t.Helper()
			fresh, err := p.refreshed(tokens.RefreshToken)
			if err != nil || fresh.Scope != want {
				t.Errorf("refreshed %q, %v; want %q", fresh.Scope, err, want)
			}
			known, err := p.LookUpRefreshToken(p.Context, p.client.ID, tokens.RefreshToken)
			if err != nil || known.Scope != want {
				t.Errorf("introspected %q, %v; want %q", known.Scope, err, want)
			}
		}
		wants("account.write")
		if _, err := p.refreshed(tokens.RefreshToken, "account.read"); !refusedAs(err, oauth.ErrInvalidScope) {
			t.Errorf("a scope that was lost: %v", err)
		}
		p.change(t)
		if _, err := p.refreshed(tokens.RefreshToken); !refusedAs(err, oauth.ErrInvalidScope) {
			t.Errorf("with nothing left: %v", err)
		}
		p.change(t, "account.read", "account.write")
		wants("account.read account.write")
	})
}

// RFC 6749 §3.3: a request is for what the app may have now, whatever its client
// registered; and what the client reads of its registration (RFC 7592 §2.1) is that.
func TestRequestForWhatTheAppMayHaveNow(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newListed(t, env, "account.read", "account.write")
		p.change(t, "account.read")
		d, err := p.DeviceAuthorization(p.Context, p.ask(t, "account.read", "account.write").DeviceAuthorizationID)
		if err != nil || d.Scope != "account.read" {
			t.Errorf("asked for %q, %v", d.Scope, err)
		}
		before := p.LastEvent(t)
		if _, err := p.askFor("account.write"); !errors.Is(err, models.ErrScopeWithdrawn) || p.LastEvent(t) != before {
			t.Errorf("for what it lost: %v", err)
		}
	})
}

// docs/presence-proof.md: required later, it is required of the requests that wait.
func TestPresenceRequiredLater(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newListed(t, env, "account.read")
		p.proofed(t)
		yes := true
		if _, err := p.ChangeSoftware(p.Context, models.SoftwareChange{SoftwareID: "test-app", PresenceRequired: &yes}); err != nil {
			t.Fatal(err)
		}
		p.codeIsNotEnough(t)
	})
}
