package models_test

import (
	"crypto"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// provable is a visit in which the phone's key is at hand.
type provable struct {
	*modelstest.Env
	account, operator, other string
	client                   models.Client
	key                      crypto.Signer
	codes                    models.IssuedCodes
}

func newProvable(t *testing.T, env *modelstest.Env) *provable {
	p := &provable{Env: env, account: env.Account(t, "ada@example.com"), operator: env.Operator(t, "op"), other: env.Operator(t, "other")}
	p.client, p.key = env.ClientOf(t, "test-app")
	p.codes = env.Request(t, p.client, "ada@example.com")
	return p
}

func (p *provable) proof(t *testing.T, change ...func(*oauth.PresenceRequest)) oauth.PresenceProof {
	t.Helper()
	return p.Presence(t, p.key, p.client, p.codes, change...)
}

func (p *provable) matchWith(session string, proof oauth.PresenceProof) error {
	_, err := p.MatchPresence(p.Context, session, p.account, proof, models.KeyKnown)
	return err
}

// docs/presence-proof.md, judging it: a signature that fails is a wrong code, but not
// where the client's key cannot be looked up; a key that was withdrawn proves nothing.
func TestPresenceByTheStateOfTheKey(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newProvable(t, env)
		forged := p.Presence(t, newKey(t), p.client, p.codes)
		match := func(proof oauth.PresenceProof, key models.KeyState) error {
			_, err := p.MatchPresence(p.Context, p.operator, p.account, proof, key)
			return err
		}
		var refused *models.PresenceRefusedError
		for range 8 {
			if err := match(forged, models.KeyUnchecked); !errors.As(err, &refused) || !errors.Is(err, models.ErrPresenceUnchecked) {
				t.Fatalf("with a key that is not known: %v", err)
			}
		}
		if facts := p.facts(t, audit.CodeMatchFailed); facts.Reason != "presence key not checked" || *facts.TriesLeft != 6 {
			t.Errorf("on record as %q with %d tries", facts.Reason, *facts.TriesLeft)
		}
		var wrong *models.WrongCodeError
		if err := match(forged, models.KeyKnown); !errors.As(err, &wrong) || wrong.TriesLeft != 5 {
			t.Errorf("forged: %v", err)
		}
		if err := match(p.proof(t), models.KeyWithdrawn); !errors.As(err, &wrong) || wrong.TriesLeft != 4 {
			t.Errorf("by a withdrawn key: %v", err)
		}
		if _, err := p.FindByPresence(p.Context, p.operator, p.proof(t), models.KeyWithdrawn); err != models.ErrNotFound {
			t.Errorf("found by a withdrawn key: %v", err)
		}
		made := p.Presence(t, newKey(t), p.client, models.IssuedCodes{UserCode: must(oauth.ParseUserCode("BBBB-BBBB"))})
		if err := match(made, models.KeyUnchecked); !errors.As(err, &wrong) || wrong.TriesLeft != 3 {
			t.Errorf("a made-up code: %v", err)
		}
		if err := match(p.proof(t), models.KeyUnchecked); err != nil {
			t.Errorf("signed by the kept key: %v", err)
		}
	})
}

// facts are the facts of the newest event of the type.
func (p *provable) facts(t *testing.T, of audit.Type) audit.Facts {
	t.Helper()
	rows, err := p.Trail(p.Context, audit.Filter{Type: of, Limit: 1})
	if err != nil || len(rows) != 1 {
		t.Fatalf("no %s: %v", of, err)
	}
	return rows[0].Event.Facts
}

// wantPresence reads what is kept of a request.
func (p *provable) wantPresence(t *testing.T, want string) {
	t.Helper()
	d, err := p.DeviceAuthorization(p.Context, p.codes.DeviceAuthorizationID)
	if err != nil || d.Presence != want {
		t.Errorf("presence %q, %v, want %q", d.Presence, err, want)
	}
}

// The proof takes the place of the typed code, and every record of the visit says so.
func TestPresenceIsProvedInEveryRecord(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newProvable(t, env)
		if err := p.matchWith(p.operator, p.proof(t)); err != nil {
			t.Fatal(err)
		}
		p.wantPresence(t, models.PresenceProved)
		if err := p.Proof(p.Context, p.operator, p.codes.DeviceAuthorizationID, modelstest.Card()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.ApproveShown(p.operator, p.codes.DeviceAuthorizationID); err != nil {
			t.Fatal(err)
		}
		for _, of := range []audit.Type{audit.CodeMatched, audit.IdentityProofed, audit.DeviceBindingApproved} {
			if got := p.facts(t, of).Presence; got != "proved" {
				t.Errorf("%s says %q", of, got)
			}
		}
	})
}

// A proof that was given back, or replaced by a typed code, counts for nothing.
func TestPresenceEndsWithItsMatch(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newProvable(t, env)
		if err := p.matchWith(p.operator, p.proof(t)); err != nil {
			t.Fatal(err)
		}
		if err := p.Release(p.Context, p.operator, p.codes.DeviceAuthorizationID); err != nil {
			t.Fatal(err)
		}
		p.wantPresence(t, "")
		if err := p.matchWith(p.operator, p.proof(t)); err != nil {
			t.Fatal(err)
		}
		approval := p.Env.Approve(t, p.operator, p.account, p.codes) // matches by the typed code
		p.wantPresence(t, models.PresenceCodeOnly)
		if got := p.facts(t, audit.DeviceBindingApproved); got.Presence != "code only" || got.Binding != approval.Binding.ID {
			t.Errorf("the approval says %+v", got)
		}
	})
}

// Guesses count as wrong codes: a proof that another key signed, for another code, of
// another client, for another account's request.
func TestPresenceGuessesAreWrongCodes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newProvable(t, env)
		stranger, strangersKey := env.ClientOf(t, "test-app")
		own := env.Request(t, stranger, "nobody@example.com")
		env.Account(t, "ben@example.com")
		bens := env.Request(t, p.client, "ben@example.com")
		for i, proof := range []oauth.PresenceProof{
			p.Presence(t, strangersKey, p.client, p.codes), // signed by somebody else
			p.Presence(t, strangersKey, stranger, p.codes), // the right code, of somebody else's client
			p.Presence(t, strangersKey, stranger, own),     // somebody's own request, of nobody
			p.Presence(t, p.key, p.client, bens),           // another account's request
		} {
			before := env.LastEvent(t)
			var wrong *models.WrongCodeError
			if err := p.matchWith(p.operator, proof); !errors.As(err, &wrong) || wrong.TriesLeft != 5-i {
				t.Fatalf("guess %d: %v", i+1, err)
			}
			if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.CodeMatchFailed}) {
				t.Errorf("guess %d: events %v", i+1, got)
			}
			if facts := p.facts(t, audit.CodeMatchFailed); facts.Reason != "" || facts.DeviceAuthorization != "" {
				t.Errorf("guess %d: %+v", i+1, facts)
			}
		}
		p.wantPresence(t, "")
	})
}

// docs/protocol.md §6 shown-code: a relayed proof that is older than 60 s does not match; nor does one of
// the right key that is not meant for this server, or is not whole. No try is lost.
func TestRelayedPresenceProofIsRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newProvable(t, env)
		ago := func(d time.Duration) func(*oauth.PresenceRequest) {
			return func(r *oauth.PresenceRequest) { r.IssuedAt, r.ExpiresAt = r.IssuedAt.Add(-d), r.ExpiresAt.Add(-d) }
		}
		for reason, test := range map[string]struct {
			change func(*oauth.PresenceRequest)
			cause  error
		}{
			"presence expired":            {ago(61 * time.Second), oauth.ErrPresenceExpired},
			"presence from the future":    {ago(-31 * time.Second), oauth.ErrPresenceNotYet},
			"presence for another server": {func(r *oauth.PresenceRequest) { r.Issuer += "/" }, oauth.ErrPresenceOtherServer},
			"presence incomplete":         {func(r *oauth.PresenceRequest) { r.ID = "" }, oauth.ErrPresenceMalformed},
		} {
			before := env.LastEvent(t)
			var refused *models.PresenceRefusedError
			if err := p.matchWith(p.operator, p.proof(t, test.change)); !errors.As(err, &refused) || !errors.Is(err, test.cause) {
				t.Fatalf("%s: %v", reason, err)
			}
			if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.CodeMatchFailed}) {
				t.Errorf("%s: events %v", reason, got)
			}
			facts := p.facts(t, audit.CodeMatchFailed)
			if facts.Reason != reason || *facts.TriesLeft != 6 || facts.DeviceAuthorization != p.codes.DeviceAuthorizationID {
				t.Errorf("%s: %+v", reason, facts)
			}
		}
		proof := p.proof(t) // made, sent far away, and shown there a minute later
		env.Clock.Advance(61 * time.Second)
		if err := p.matchWith(p.operator, proof); !errors.Is(err, oauth.ErrPresenceExpired) {
			t.Errorf("relayed: %v", err)
		}
		if err := p.matchWith(p.operator, p.proof(t, ago(59*time.Second))); err != nil {
			t.Errorf("59 seconds old: %v", err)
		}
	})
}

// A proof is used once, also by 8 counters at the same moment, also after a release, and
// however the tries went.
func TestPresenceProofIsUsedOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newProvable(t, env)
		proof := p.proof(t)
		errs := make([]error, 8)
		var together sync.WaitGroup
		for i := range errs {
			together.Go(func() { errs[i] = p.matchWith(p.operator, proof) })
		}
		together.Wait()
		taken := 0
		for _, err := range errs {
			if err == nil {
				taken++
			} else if !errors.Is(err, models.ErrPresenceReplayed) {
				t.Errorf("%v", err)
			}
		}
		if taken != 1 {
			t.Errorf("taken %d times", taken)
		}
		if err := p.Release(p.Context, p.operator, p.codes.DeviceAuthorizationID); err != nil {
			t.Fatal(err)
		}
		if err := p.Sweep(p.Context); err != nil {
			t.Fatal(err)
		}
		before := env.LastEvent(t)
		if err := p.matchWith(p.other, proof); !errors.Is(err, models.ErrPresenceReplayed) {
			t.Errorf("after the release: %v", err)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.CodeMatchFailed}) ||
			p.facts(t, audit.CodeMatchFailed).Reason != "presence replayed" {
			t.Errorf("events %v", got)
		}
		p.wantPresence(t, "")
		var claimed *models.ClaimedError
		next := p.proof(t)
		if err := p.matchWith(p.other, next); err != nil {
			t.Fatal(err)
		}
		unused := p.proof(t)
		if err := p.matchWith(p.operator, unused); !errors.As(err, &claimed) {
			t.Errorf("another's claim: %v", err)
		}
		if err := p.matchWith(p.other, unused); err != nil {
			t.Errorf("a claim that was not taken used the proof up: %v", err)
		}
	})
}

// docs/protocol.md §6 shown-code: where the proof is required, the code alone does not match, and what was
// matched by it before is not approved. No try is lost.
func TestPresenceRequired(t *testing.T) {
	require := map[string]func(t *testing.T, p *provable){
		"by the account": func(t *testing.T, p *provable) { p.requireOfAccount(t, true) },
		"by the app": func(t *testing.T, p *provable) {
			_, err := p.AddSoftware(p.Context,
				models.NewSoftware{Publisher: "P", SoftwareID: "test-app", Name: "Test app", Scope: modelstest.Scope(), PresenceRequired: true})
			if err != nil {
				t.Fatal(err)
			}
		},
		"by the publisher's statement": func(t *testing.T, p *provable) {
			db := models.WriterForTest(modelstest.Connect(t, p.Address))
			if err := db.Exec("UPDATE clients SET presence_required = ? WHERE id = ?", true, p.client.ID).Error; err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, by := range require {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				p := newProvable(t, env)
				if request, err := p.Store.Request(p.Context, p.codes.DeviceAuthorizationID); err != nil || request.PresenceRequired {
					t.Fatalf("required from the start: %v", err)
				}
				p.matchByCode(t, nil)
				if err := p.Proof(p.Context, p.operator, p.codes.DeviceAuthorizationID, modelstest.Card()); err != nil {
					t.Fatal(err)
				}
				by(t, p)
				p.codeIsNotEnough(t)
			})
		})
	}
	t.Run("by a scope", func(t *testing.T) {
		for _, dialect := range []string{"sqlite", "postgres"} {
			t.Run(dialect, func(t *testing.T) {
				address := modelstest.Migrated(t, dialect)
				p := newProvable(t, modelstest.Open(t, address, models.Policy{}))
				p.matchByCode(t, nil)
				if err := p.Proof(p.Context, p.operator, p.codes.DeviceAuthorizationID, modelstest.Card()); err != nil {
					t.Fatal(err)
				}
				strict := modelstest.Open(t, address, models.Policy{PresenceScopes: oauth.Scope{"other", "account.read"}})
				strict.Clock.Advance(p.Clock.Now().Sub(strict.Clock.Now()))
				p.Env = strict
				p.codeIsNotEnough(t)
			})
		}
	})
}

func (p *provable) requireOfAccount(t *testing.T, required bool) {
	t.Helper()
	_, err := p.ImportAccounts(p.Context, []models.ImportedAccount{{Line: 2, Identifiers: []string{"ada@example.com"},
		FullName: "Account Holder", DateOfBirth: "1980-02-29", Status: models.AccountActive, PresenceRequired: &required}},
		audit.Actor{System: "command"})
	if err != nil {
		t.Fatal(err)
	}
}

func (p *provable) matchByCode(t *testing.T, want error) {
	t.Helper()
	if _, err := p.Match(p.Context, p.operator, p.account, p.codes.UserCode); !errors.Is(err, want) {
		t.Fatalf("the code alone: %v, want %v", err, want)
	}
}

// codeIsNotEnough: a request that was matched by its code and proofed, before the proof
// was required.
func (p *provable) codeIsNotEnough(t *testing.T) {
	t.Helper()
	if request, err := p.Store.Request(p.Context, p.codes.DeviceAuthorizationID); err != nil || !request.PresenceRequired {
		t.Fatalf("not shown as required: %v", err)
	}
	before := p.LastEvent(t)
	if _, err := p.ApproveShown(p.operator, p.codes.DeviceAuthorizationID); !errors.Is(err, models.ErrPresenceRequired) {
		t.Fatalf("approve: %v", err)
	}
	p.matchByCode(t, models.ErrPresenceRequired)
	if got := p.Events(t, before); !slices.Equal(got, []audit.Type{audit.DecisionRefused, audit.CodeMatchFailed}) {
		t.Errorf("events %v", got)
	}
	if facts := p.facts(t, audit.CodeMatchFailed); facts.Reason != "presence required" || *facts.TriesLeft != 6 {
		t.Errorf("%s", facts.Reason)
	}
	if err := p.matchWith(p.operator, p.proof(t)); err != nil {
		t.Fatalf("the proof: %v", err)
	}
	if err := p.Proof(p.Context, p.operator, p.codes.DeviceAuthorizationID, modelstest.Card()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.ApproveShown(p.operator, p.codes.DeviceAuthorizationID); err != nil {
		t.Fatalf("approve after the proof: %v", err)
	}
}

// An accounts file without the column leaves what is required of an account; with it, it
// says so either way.
func TestImportKeepsThePresenceRequirement(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newProvable(t, env)
		p.requireOfAccount(t, true)
		env.Import(t, models.AccountActive, "ada@example.com")
		p.matchByCode(t, models.ErrPresenceRequired)
		p.requireOfAccount(t, false)
		p.matchByCode(t, nil)
	})
}
