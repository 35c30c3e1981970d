package models_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// wrongCode is no code of any request, in the dash and case that the test wants.
func wrongCode(t *testing.T, v *visit, form func(string) string) oauth.UserCode {
	t.Helper()
	typed := "BCDF-GHJK"
	if typed == v.codes.UserCode.Display() {
		typed = "BCDF-GHJL"
	}
	code, err := oauth.ParseUserCode(form(typed))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// RFC 8628 §5.1, docs/protocol.md §6 limiter-reset: the sixth wrong code locks; sessions, spelling,
// time within the window and a success in between do not set the count back.
func TestWrongCodesLock(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		forms := []func(string) string{
			func(s string) string { return s },
			func(s string) string { return "bcdfghjk" },
			func(s string) string { return " b c d f - g h j k " },
		}
		var wrong *models.WrongCodeError
		for i := range 5 {
			session := []string{v.operator, v.other}[i%2]
			_, err := env.Match(env.Context, session, v.account, wrongCode(t, v, forms[i%3]))
			if !errors.As(err, &wrong) || wrong.TriesLeft != 5-i {
				t.Fatalf("wrong code %d: %v", i+1, err)
			}
			if i == 2 { // a success in between
				if err := v.do("match", v.operator); err != nil {
					t.Fatal(err)
				}
				if err := v.do("release", v.operator); err != nil {
					t.Fatal(err)
				}
			}
			env.Clock.Advance(5 * time.Minute)
		}
		before := env.LastEvent(t)
		var locked *models.MatchLockedError
		if _, err := env.Match(env.Context, v.operator, v.account, wrongCode(t, v, forms[0])); !errors.As(err, &locked) {
			t.Fatalf("sixth wrong code: %v", err)
		}
		if got := env.Events(t, before); len(got) != 2 || got[0] != audit.CodeMatchFailed || got[1] != audit.MatchLocked {
			t.Errorf("events %v", got)
		}
		if err := v.do("match", v.operator); !errors.As(err, &locked) {
			t.Errorf("the right code, locked: %v", err)
		}
		env.Clock.Advance(8 * 24 * time.Hour) // the lock does not wear off
		v.signIn(t)
		v.codes = env.Request(t, v.client, "ada@example.com")
		since := env.LastEvent(t)
		if err := v.do("match", v.operator); !errors.As(err, &locked) {
			t.Errorf("the right code, a week later: %v", err)
		}
		if got := env.Events(t, since); !slices.Equal(got, []audit.Type{audit.CodeMatchFailed}) {
			t.Errorf("a try while locked left %v", got)
		}
		unlockAndMatch(t, v)
	})
}

func unlockAndMatch(t *testing.T, v *visit) {
	t.Helper()
	if list, err := v.LockedAccounts(v.Context); err != nil || len(list) != 1 || list[0].ID != v.account {
		t.Errorf("locked accounts: %+v, %v", list, err)
	}
	if err := v.UnlockMatching(v.Context, v.operator, v.account, term.UnlockingMistyped); !errors.Is(err, models.ErrNotAllowed) {
		t.Errorf("unlocked by an operator: %v", err)
	}
	v.Clock.Advance(time.Second)
	own := v.SignIn(t, "owner", []models.Role{models.Supervisor}, "ada@example.com")
	if err := v.UnlockMatching(v.Context, own, v.account, term.UnlockingMistyped); err != models.ErrOwnAccount {
		t.Errorf("unlocked on their own account: %v", err)
	}
	v.supervisor = v.SignIn(t, "super", []models.Role{models.Supervisor})
	if err := v.UnlockMatching(v.Context, v.supervisor, v.account, term.UnlockingMistyped); err != nil {
		t.Fatal(err)
	}
	if list, err := v.LockedAccounts(v.Context); err != nil || len(list) != 0 {
		t.Errorf("still locked: %+v, %v", list, err)
	}
	if err := v.do("match", v.operator); err != nil {
		t.Errorf("match after the supervisor looked: %v", err)
	}
}

// docs/protocol.md §6 strangers-request: a stranger's request for the same account does not match the code
// of the owner's phone, and the other way round; another account's code is wrong here.
func TestCodeMatchesWithinItsAccountOnly(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		attacker := env.Request(t, env.Client(t), "ada@example.com")
		d, err := env.Match(env.Context, v.operator, v.account, v.codes.UserCode)
		if err != nil || d.ID != v.codes.DeviceAuthorizationID || d.ID == attacker.DeviceAuthorizationID {
			t.Fatalf("matched %s, %v", d.ID, err)
		}
		grace := env.Account(t, "grace@example.com")
		var wrong *models.WrongCodeError
		if _, err := env.Match(env.Context, v.operator, grace, v.codes.UserCode); !errors.As(err, &wrong) {
			t.Errorf("another account's code: %v", err)
		}
	})
}

// docs/architecture.md §4.11: an operator never decides on their own account, by identifier
// in any spelling or by the account's contact; also when it becomes theirs after the
// match. Every try is on record.
func TestOwnAccount(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		for i, claim := range []string{"ADA@Example.com ", "contact.ada@example.com", "later@example.com"} {
			v := newVisit(t, env)
			session := env.Operator(t, "own"+string(rune('a'+i)), claim)
			steps := []string{"match"}
			if claim == "later@example.com" {
				if err := errors.Join(v.do("match", session), v.do("proof", session)); err != nil {
					t.Fatal(err)
				}
				env.Import(t, models.AccountActive, "ada@example.com", claim)
				steps = []string{"match", "approve", "decline"}
			}
			before, state := env.LastEvent(t), v.state(t)
			for _, step := range steps {
				if err := v.do(step, session); !errors.Is(err, models.ErrOwnAccount) {
					t.Errorf("%s as %q: %v", step, claim, err)
				}
			}
			want := slices.Repeat([]audit.Type{audit.DecisionRefused}, len(steps))
			if got := env.Events(t, before); !slices.Equal(got, want) {
				t.Errorf("events %v, want %v", got, want)
			}
			if v.state(t) != state {
				t.Errorf("now %s", v.state(t))
			}
		}
	})
}

// Nobody acts without the role, a counter and a live session.
func TestWhoMayAct(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		noCounter := env.SignIn(t, "new", []models.Role{models.Operator})
		ended := env.Operator(t, "gone")
		if err := env.EndSession(env.Context, ended); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			session string
			want    error
		}{{v.supervisor, models.ErrNotAllowed}, {noCounter, models.ErrNoCounter}, {ended, models.ErrSessionEnded}, {"", models.ErrSessionEnded}} {
			for _, step := range []string{"match", "proof", "approve", "decline", "release"} {
				if err := v.do(step, test.session); !errors.Is(err, test.want) {
					t.Errorf("%s: %v, want %v", step, err, test.want)
				}
			}
		}
		v.to(t, models.Approved)
		approver, another := v.operator, env.Operator(t, "another")
		for _, test := range []struct {
			session string
			want    error
		}{{another, models.ErrNotToRecall}, {noCounter, models.ErrNoCounter}, {ended, models.ErrSessionEnded}} {
			v.supervisor = test.session
			if err := v.do("recall", ""); !errors.Is(err, test.want) {
				t.Errorf("recall: %v, want %v", err, test.want)
			}
		}
		v.supervisor = approver
		env.Clock.Advance(models.RecallByOperator)
		if err := v.do("recall", ""); !errors.Is(err, models.ErrNotToRecall) || v.state(t) != models.Approved {
			t.Errorf("recall by the operator who approved, too late: %v", err)
		}
	})
}

// docs/protocol.md §6 rogue-operator: a supervisor recalls before redemption and revokes after.
func TestRecallAndRevoke(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		if err := v.do("recall", ""); err != nil {
			t.Fatal(err)
		}
		if err := v.do("redeem", ""); !isConflict(err) {
			t.Errorf("redeemed after the recall: %v", err)
		}
		v.codes = env.Request(t, v.client, "ada@example.com")
		v.to(t, models.Redeemed)
		if err := v.do("recall", ""); !isConflict(err) {
			t.Errorf("recalled after the redemption: %v", err)
		}
		binding, err := env.BindingOf(env.Context, v.codes.DeviceAuthorizationID)
		if err != nil {
			t.Fatal(err)
		}
		if err := env.RevokeBinding(env.Context, v.supervisor, binding.ID, "device_lost"); err != nil {
			t.Fatal(err)
		}
		if _, err := env.LiveBinding(env.Context, binding.ID); err != models.ErrBindingRevoked {
			t.Errorf("after the revocation: %v", err)
		}
		own := env.SignIn(t, "selfish", []models.Role{models.Supervisor}, "ada@example.com")
		v.codes = env.Request(t, v.client, "ada@example.com")
		v.to(t, models.Approved)
		v.supervisor = own
		before := env.LastEvent(t)
		if err := v.do("recall", ""); !errors.Is(err, models.ErrOwnAccount) || v.state(t) != models.Approved {
			t.Errorf("recalled on their own account: %v", err)
		}
		if got := env.Events(t, before); len(got) != 1 || got[0] != audit.DecisionRefused {
			t.Errorf("events %v", got)
		}
	})
}

// docs/protocol.md §6 window-over, limiter-reset: an expired code is a wrong code like any other. It costs a
// try, and sets nothing back.
func TestExpiredCodeIsAWrongCode(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		expired := v.codes.UserCode
		env.Clock.Advance(env.Policy().PendingWindow)
		v.signIn(t)
		v.codes = env.Request(t, v.client, "ada@example.com")
		for i, code := range []oauth.UserCode{wrongCode(t, v, func(s string) string { return s }), expired, expired} {
			var wrong *models.WrongCodeError
			if _, err := env.Match(env.Context, v.operator, v.account, code); !errors.As(err, &wrong) || wrong.TriesLeft != 5-i {
				t.Errorf("try %d: %v", i+1, err)
			}
		}
	})
}

// Nothing is matched for an account that is not active, and the try is on record.
func TestMatchSuspendedAccount(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		env.Import(t, models.AccountSuspended, "ada@example.com")
		before := env.LastEvent(t)
		if err := v.do("match", v.operator); err != models.ErrAccountNotActive {
			t.Errorf("match: %v", err)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.DecisionRefused}) {
			t.Errorf("events %v", got)
		}
	})
}

// The list of an account begins with what waits, however many requests there are.
func TestWaitingRequestsComeFirst(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	for range 3 {
		env.Clock.Advance(time.Second)
		declined := *v
		declined.codes = env.Request(t, v.client, "ada@example.com")
		if err := declined.do("decline", v.operator); err != nil {
			t.Fatal(err)
		}
	}
	view, err := env.Store.Account(env.Context, v.account)
	if err != nil || len(view.Requests) != 4 || view.Requests[0].ID != v.codes.DeviceAuthorizationID {
		t.Errorf("%d requests, %v", len(view.Requests), err)
	}
}
