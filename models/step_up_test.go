package models_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// stepUpVisit is a proofed visit under a policy that wants a fresh and strong sign-in.
type stepUpVisit struct {
	*modelstest.Env
	token, session, visit string
}

func beginStepUpVisit(t *testing.T, dialect string) stepUpVisit {
	t.Helper()
	env := modelstest.Open(t, modelstest.Migrated(t, dialect), models.Policy{
		StepUp: models.StepUp{MaxAge: 5 * time.Minute, ACR: []string{"strong", "stronger"}},
	})
	account := env.Account(t, "ada@example.com")
	codes := env.Request(t, env.Client(t), "ada@example.com")
	token := signInAt(t, env, "op", "", models.Operator)
	session, err := env.Session(env.Context, token)
	if err != nil {
		t.Fatal(err)
	}
	if err := env.OpenCounter(env.Context, session.ID, env.CounterID(t, "Hall"), netip.MustParseAddr(modelstest.Address)); err != nil {
		t.Fatal(err)
	}
	if _, err := env.Match(env.Context, session.ID, account, codes.UserCode); err != nil {
		t.Fatal(err)
	}
	if err := env.Proof(env.Context, session.ID, codes.DeviceAuthorizationID, modelstest.Card()); err != nil {
		t.Fatal(err)
	}
	return stepUpVisit{env, token, session.ID, codes.DeviceAuthorizationID}
}

func (v stepUpVisit) again(subject, acr string) (string, error) {
	signIn, _, err := v.BeginSignIn("/", v.session)
	if err != nil {
		return "", err
	}
	return v.StepUp(v.Context, signIn, models.Identity{
		Issuer: "https://staff.example", Subject: subject, Name: subject, ACR: acr,
		Roles: []models.Role{models.Operator}, AuthenticatedAt: v.Clock.Now(),
	})
}

// RFC 9470, docs/protocol.md §9: an approval wants auth_time and acr as configured; the
// step-up keeps session and visit, under a new token, and lasts to the second.
func TestStepUp(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			v := beginStepUpVisit(t, dialect)
			approve := func() error { _, err := v.ApproveShown(v.session, v.visit); return err }
			last := v.LastEvent(t)
			if err := approve(); !errors.Is(err, models.ErrStepUp) {
				t.Fatalf("fresh, but of no class: %v", err)
			}
			if got := v.Events(t, last); len(got) != 0 {
				t.Errorf("being asked to confirm is no refusal: %v", got)
			}
			if _, err := v.again("somebody", "strong"); !errors.Is(err, models.ErrNotTheSame) || !isLive(t, v.Env, v.token) {
				t.Errorf("somebody else: %v", err)
			}
			token, err := v.again("op", "strong")
			if err != nil || isLive(t, v.Env, v.token) || !isLive(t, v.Env, token) {
				t.Fatalf("the session goes on under a new token alone: %v", err)
			}
			if session, _ := v.Session(v.Context, token); session.ID != v.session || session.Counter == nil {
				t.Error("session or counter was lost")
			}
			if got := v.Events(t, last); !slices.Equal(got, []audit.Type{audit.StaffSteppedUp}) {
				t.Errorf("events %v", got)
			}
			v.Clock.Advance(5 * time.Minute)
			if err := approve(); !errors.Is(err, models.ErrStepUp) {
				t.Errorf("as old as may not be: %v", err)
			}
			if _, err := v.again("op", "stronger"); err != nil {
				t.Fatal(err)
			}
			v.Clock.Advance(5*time.Minute - time.Second)
			if err := approve(); err != nil {
				t.Errorf("a second before the end: %v", err)
			}
		})
	}
}

// A session that ended is not brought back by a step-up.
func TestStepUpOfAnEndedSession(t *testing.T) {
	v := beginStepUpVisit(t, "sqlite")
	if err := v.EndSession(v.Context, v.session); err != nil {
		t.Fatal(err)
	}
	if _, err := v.again("op", "strong"); !errors.Is(err, models.ErrSessionEnded) {
		t.Errorf("%v", err)
	}
}
