package models_test

import (
	"fmt"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// sessionOf is the session as a page has it.
func sessionOf(t *testing.T, env *modelstest.Env, id string, role models.Role) models.Session {
	t.Helper()
	var row struct {
		StaffID   string
		CounterID *string
	}
	if err := env.Reader().Raw("SELECT staff_id, counter_id FROM staff_sessions WHERE id = ?", id).Scan(&row).Error; err != nil {
		t.Fatal(err)
	}
	session := models.Session{ID: id, Staff: models.Staff{ID: row.StaffID}, Roles: []models.Role{role}}
	if row.CounterID != nil {
		session.Counter = &models.Counter{ID: *row.CounterID}
	}
	return session
}

// A visit that waits for a second person is counted for everybody who can answer it, as long as it
// waits, and for nobody else. Each session is told of the visits that it holds itself.
func TestBeside(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			s := beginSeconded(t, dialect, models.Policy{TwoPersonScopes: oauth.Scope{"account.read"}}, modelstest.Card())
			super := s.SignIn(t, "super", []models.Role{models.Supervisor})
			people := map[string]models.Session{
				"who asks":                      sessionOf(t, s.Env, s.session, models.Operator),
				"a colleague":                   sessionOf(t, s.Env, s.Operator(t, "third"), models.Operator),
				"a supervisor":                  sessionOf(t, s.Env, super, models.Supervisor),
				"an operator without a counter": sessionOf(t, s.Env, s.SignIn(t, "late", []models.Role{models.Operator}), models.Operator),
				"an administrator":              sessionOf(t, s.Env, s.SignIn(t, "admin", []models.Role{models.Administrator}), models.Administrator),
			}
			want := func(when string, calls, held int) {
				t.Helper()
				for name, session := range people {
					wantCalls, wantHeld := 0, 0
					switch name {
					case "who asks":
						wantHeld = held
					case "a colleague", "a supervisor":
						wantCalls = calls
					}
					got, err := s.Beside(s.Context, session)
					if err != nil || got.Calls != wantCalls || len(got.Held) != wantHeld {
						t.Errorf("%s, %s: %d calls, %d held, %v; want %d and %d", when, name, got.Calls, len(got.Held), err, wantCalls, wantHeld)
					}
				}
			}
			want("nobody was asked", 0, 1)
			s.ask(t)
			want("asked", 1, 1)
			s.proof(t, modelstest.Card())
			want("checked again", 0, 1)
			asked := s.asks(t, super)
			want("asked again", 1, 1)
			if err := s.ReturnSecondApproval(s.Context, super, asked, "look again"); err != nil {
				t.Fatal(err)
			}
			want("answered", 0, 1)
			s.ask(t)
			s.Clock.Advance(15 * time.Minute)
			want("past its claim", 0, 0)
		})
	}
}

// The count ends at its bound, however many wait.
func TestCallsAreBounded(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{TwoPersonScopes: oauth.Scope{"account.read"}})
	operator := env.Operator(t, "first")
	other := sessionOf(t, env, env.Operator(t, "other"), models.Operator)
	for i := range models.CallsCounted + 2 {
		hint := fmt.Sprintf("ada%d@example.com", i)
		account := env.Account(t, hint)
		codes := env.Request(t, env.Client(t), hint)
		if _, err := env.Match(env.Context, operator, account, codes.UserCode); err != nil {
			t.Fatal(err)
		}
		if err := env.Proof(env.Context, operator, codes.DeviceAuthorizationID, modelstest.Card()); err != nil {
			t.Fatal(err)
		}
		if err := env.AskSecondApproval(env.Context, operator, codes.DeviceAuthorizationID); err != nil {
			t.Fatal(err)
		}
		if calls, err := env.Calls(env.Context, other); err != nil || calls != min(i+1, models.CallsCounted) {
			t.Errorf("%d wait, and %d are counted, %v", i+1, calls, err)
		}
	}
	all := asking(t, env)
	_, err := env.Beside(env.Context, other)
	if _, working := env.Work(env.Context, other); err != nil || working != nil {
		t.Fatal(err, working)
	}
	if len(*all) == 0 {
		t.Error("nothing was read")
	}
	for _, statement := range *all {
		if walks := wholeTables(t, env, statement); walks != "" {
			t.Errorf("%s\nin\n%s", walks, statement.sql)
		}
	}
}
