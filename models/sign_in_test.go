package models_test

import (
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

// A sign-in comes back once, to the browser that began it, with the provider's state, in
// time, to any process of the server.
func TestSignInIsSingleUse(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		signIn, sealed, err := env.BeginSignIn("/counter", "")
		if err != nil {
			t.Fatal(err)
		}
		resume := func(sealed, state string) error {
			_, err := env.ResumeSignIn(env.Context, sealed, state)
			return err
		}
		for name, refused := range map[string][2]string{
			"another state": {sealed, "another state"}, "no state": {sealed, ""}, "no cookie": {"", signIn.State},
			"changed": {strings.ToUpper(sealed), signIn.State}, "cut": {sealed[:20], signIn.State},
		} {
			if err := resume(refused[0], refused[1]); err != models.ErrSignInExpired {
				t.Errorf("%s: %v", name, err)
			}
		}
		other := reopen(t, env, modelstest.MasterKey()) // as another process of the server
		taken, err := other.ResumeSignIn(env.Context, sealed, signIn.State)
		if err != nil || taken != signIn {
			t.Fatalf("resumed as %+v, %v", taken, err)
		}
		if _, err := other.StartSession(env.Context, taken, identity(env), "", modelstest.Address); err != nil {
			t.Fatal(err)
		}
		if err := resume(sealed, signIn.State); err != models.ErrSignInExpired {
			t.Errorf("again: %v", err)
		}
		if _, err := env.StartSession(env.Context, signIn, identity(env), "", modelstest.Address); err != models.ErrSignInExpired {
			t.Errorf("a second session: %v", err)
		}
		signIn, sealed, _ = env.BeginSignIn("/", "")
		env.Clock.Advance(models.SignInLength - time.Millisecond)
		if err := resume(sealed, signIn.State); err != nil {
			t.Errorf("in time: %v", err)
		}
		env.Clock.Advance(time.Millisecond)
		if err := resume(sealed, signIn.State); err != models.ErrSignInExpired {
			t.Errorf("too late: %v", err)
		}
	})
}

// What is sealed for one server opens nowhere else, and tells nothing.
func TestSealedSignInTellsNothing(t *testing.T) {
	env, elsewhere := modelstest.SQLite(t, models.Policy{}), modelstest.SQLite(t, models.Policy{})
	signIn, sealed, err := env.BeginSignIn("/counter", "a session")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := elsewhere.OpenSignIn(sealed); ok {
		t.Error("another server opens it")
	}
	for _, secret := range []string{signIn.State, signIn.Nonce, signIn.Verifier} {
		if strings.Contains(sealed, secret) || len(secret) != 43 {
			t.Errorf("%q is in clear, or has not 256 bits", secret)
		}
	}
	if none := (models.SignIn{}); none != signIn {
		if _, err := env.StartSession(env.Context, none, identity(env), "", modelstest.Address); err != models.ErrSignInExpired {
			t.Errorf("a session of no sign-in: %v", err)
		}
	}
}

// Beginning writes nothing, and what was begun is remembered only once it has done its work.
func TestBeginningASignInWritesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		count := func(table string) (n int64) {
			if err := env.Reader().Table(table).Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		var signIn models.SignIn
		for range 100 {
			begun, _, err := env.BeginSignIn("/", "")
			if err != nil {
				t.Fatal(err)
			}
			signIn = begun
		}
		if count("sign_ins")+count("used_proofs") != 0 {
			t.Error("there are rows")
		}
		if _, err := env.StartSession(env.Context, signIn, identity(env), "", modelstest.Address); err != nil {
			t.Fatal(err)
		}
		if count("sign_ins") != 0 || count("used_proofs") != 1 {
			t.Errorf("%d and %d rows", count("sign_ins"), count("used_proofs"))
		}
	})
}

// A step-up counts once as well, also in the session that it steps up.
func TestStepUpCountsOnce(t *testing.T) {
	v := beginStepUpVisit(t, "sqlite")
	signIn, _, err := v.BeginSignIn("/", v.session)
	if err != nil {
		t.Fatal(err)
	}
	who := models.Identity{Issuer: "https://staff.example", Subject: "somebody", Roles: []models.Role{models.Operator},
		AuthenticatedAt: v.Clock.Now()}
	if _, err := v.StepUp(v.Context, signIn, who); err != models.ErrNotTheSame {
		t.Fatal(err)
	}
	who.Subject = "op"
	if _, err := v.StepUp(v.Context, signIn, who); err != nil {
		t.Fatalf("what was refused has used nothing up: %v", err)
	}
	if _, err := v.StepUp(v.Context, signIn, who); err != models.ErrSignInExpired {
		t.Errorf("again: %v", err)
	}
}
