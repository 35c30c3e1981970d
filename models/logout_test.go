package models_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// signInAt starts a session that the provider calls by a name, and gives its token.
func signInAt(t *testing.T, env *modelstest.Env, subject, sid string, roles ...models.Role) string {
	t.Helper()
	token, err := env.StartSession(env.Context, env.SignInBegun(t), models.Identity{
		Issuer: "https://staff.example", Subject: subject, Name: subject, Roles: roles, AuthenticatedAt: env.Clock.Now(), SID: sid,
	}, "", modelstest.Address)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func isLive(t *testing.T, env *modelstest.Env, token string) bool {
	t.Helper()
	_, err := env.Session(env.Context, token)
	if err != nil && !errors.Is(err, models.ErrSessionEnded) {
		t.Fatal(err)
	}
	return err == nil
}

// OpenID Connect Back-Channel Logout 1.0 §2.7: a token that names a session ends that
// one, a token that names the person alone ends them all, and nobody else's; each once.
func TestLogoutAtTheProvider(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		logout := func(change func(*models.Logout)) (int, error) {
			l := models.Logout{Issuer: "https://staff.example", Subject: "ada", JTI: "1", Expires: env.Clock.Now().Add(2 * time.Minute)}
			change(&l)
			return env.EndSessionsAtProvider(env.Context, l)
		}
		desk := signInAt(t, env, "ada", "s1", models.Operator)
		office := signInAt(t, env, "ada", "s2", models.Operator)
		other := signInAt(t, env, "bob", "s1", models.Operator)

		for name, change := range map[string]func(*models.Logout){
			"another provider": func(l *models.Logout) { l.Issuer, l.JTI = "https://elsewhere.example", "2" },
			"another session":  func(l *models.Logout) { l.SID, l.JTI = "s9", "3" },
			"another person":   func(l *models.Logout) { l.Subject, l.JTI = "cyd", "4" },
		} {
			if n, err := logout(change); n != 0 || err != nil {
				t.Errorf("%s: ended %d, %v", name, n, err)
			}
		}
		last := env.LastEvent(t)
		if n, err := logout(func(l *models.Logout) { l.SID = "s1" }); n != 1 || err != nil {
			t.Errorf("ended %d, %v", n, err)
		}
		if isLive(t, env, desk) || !isLive(t, env, office) || !isLive(t, env, other) {
			t.Error("the named session of the named person ends, and no other")
		}
		if got := env.Events(t, last); !slices.Equal(got, []audit.Type{audit.StaffSignedOut}) {
			t.Errorf("events %v", got)
		}
		if _, err := logout(func(l *models.Logout) { l.SID = "" }); !errors.Is(err, models.ErrReplayed) {
			t.Errorf("a token that was used: %v", err)
		}
		if n, err := logout(func(l *models.Logout) { l.JTI = "5" }); n != 1 || err != nil || isLive(t, env, office) {
			t.Errorf("the person alone: ended %d, %v", n, err)
		}
		if n, err := logout(func(l *models.Logout) { l.Subject, l.SID, l.JTI = "", "s1", "6" }); n != 1 || err != nil || isLive(t, env, other) {
			t.Errorf("the session alone: ended %d, %v", n, err)
		}
	})
}

// ASVS 7.4.5: an administrator ends all sessions of somebody, and only an administrator.
func TestAdministratorEndsSessions(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		desk := signInAt(t, env, "ada", "", models.Operator)
		office := signInAt(t, env, "ada", "", models.Operator)
		session, err := env.Session(env.Context, desk)
		if err != nil {
			t.Fatal(err)
		}
		super := env.SignIn(t, "super", []models.Role{models.Supervisor})
		if _, err := env.EndSessionsOf(env.Context, super, session.Staff.ID); !errors.Is(err, models.ErrNotAllowed) {
			t.Errorf("a supervisor: %v", err)
		}
		admin := env.SignIn(t, "admin", []models.Role{models.Administrator})
		if _, err := env.EndSessionsOf(env.Context, admin, "nobody"); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
		last := env.LastEvent(t)
		if n, err := env.EndSessionsOf(env.Context, admin, session.Staff.ID); n != 2 || err != nil {
			t.Errorf("ended %d, %v", n, err)
		}
		if isLive(t, env, desk) || isLive(t, env, office) {
			t.Error("a session is live")
		}
		if got := env.Events(t, last); !slices.Equal(got, []audit.Type{audit.StaffSignedOut, audit.StaffSignedOut}) {
			t.Errorf("events %v", got)
		}
		if n, err := env.EndSessionsOf(env.Context, admin, session.Staff.ID); n != 0 || err != nil {
			t.Errorf("again: ended %d, %v", n, err)
		}
	})
}
