package models_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// rules are the ways to end, by a rule, a request that waits: v.codes.
var rules = map[string]func(t *testing.T, v *visit){
	"the same phone, declined as suspicious": func(t *testing.T, v *visit) {
		v.declineSuspicious(t, from(t, v.Env, v.client, "ada@example.com", "2001:db8::1"))
	},
	"the same network, declined as suspicious": func(t *testing.T, v *visit) {
		v.declineSuspicious(t, from(t, v.Env, v.Client(t), "ada@example.com", modelstest.Address))
	},
	"all that waits for the account": func(t *testing.T, v *visit) {
		if _, err := v.EndWaiting(v.Context, v.supervisor, v.account); err != nil {
			t.Fatal(err)
		}
	},
	"the client is disabled, and enabled again": func(t *testing.T, v *visit) {
		if err := errors.Join(v.disabled(), v.EnableClient(v.Context, v.client.ID)); err != nil {
			t.Fatal(err)
		}
	},
}

func (v *visit) declineSuspicious(t *testing.T, codes models.IssuedCodes) {
	t.Helper()
	if err := v.suspicious(v.other, codes)(); err != nil {
		t.Fatal(err)
	}
}

// docs/decisions/0030-ending-rules.md: what a rule ended is declined wherever one looks, no step leads on from there, and
// what is asked for afterwards is not touched.
func TestWhatARuleEndedIsDeclined(t *testing.T) {
	for name, end := range rules {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				v := newVisit(t, env)
				end(t, v)
				if found, err := v.WaitingPoll(v.Context, v.client.ID, v.codes.DeviceCode); !errors.Is(err, models.ErrNotFound) {
					t.Errorf("it still waits: %+v, %v", found, err)
				}
				id := v.codes.DeviceAuthorizationID
				view, err := v.Store.Request(v.Context, id)
				if err != nil || view.Phase != "declined" || view.DecidedAt == 0 || view.ToldReason() != "" {
					t.Errorf("the page shows %s since %d, %v", view.Phase, view.DecidedAt, err)
				}
				polled, err := v.Poll(v.Context, v.client.ID, v.codes.DeviceCode)
				if verdict := oauth.Verdict(polled.PollQuestion(models.At(v.Clock.Now()), false)); err != nil || verdict.String() != "denied" {
					t.Errorf("the phone hears %s, %v", verdict, err)
				}
				if decided, err := v.Decided(v.Context, []string{id}); err != nil || !slices.Equal(decided, []string{id}) {
					t.Errorf("decided are %v, %v", decided, err)
				}
				if waiting, err := v.Waiting(v.Context, v.account); err != nil || waiting != 0 {
					t.Errorf("%d wait, %v", waiting, err)
				}
				refusesEveryStep(t, v)
				later := from(t, env, v.client, "ada@example.com", modelstest.Address)
				if got := phases(t, env, []models.IssuedCodes{later}); got[0] != "pending" {
					t.Errorf("what is asked for later is %s", got[0])
				}
				if _, err := v.Match(v.Context, v.operator, v.account, later.UserCode); err != nil {
					t.Errorf("its code: %v", err)
				}
			})
		})
	}
}

// refusesEveryStep: its code is a spent one, and everything else meets a declined request.
func refusesEveryStep(t *testing.T, v *visit) {
	t.Helper()
	before := v.LastEvent(t)
	var wrong *models.WrongCodeError
	if err := v.do("match", v.operator); !errors.As(err, &wrong) {
		t.Errorf("match: %v", err)
	}
	if got := v.Events(t, before); !slices.Equal(got, []audit.Type{audit.SpentCodeEntered, audit.CodeMatchFailed}) {
		t.Errorf("match: events %v", got)
	}
	for _, step := range []string{"proof", "release", "approve", "decline", "recall", "redeem"} {
		var conflict *models.StateConflictError
		if err := v.do(step, v.operator); !errors.As(err, &conflict) || conflict.Phase != "declined" {
			t.Errorf("%s: %v", step, err)
		}
	}
}

// A request that a session handles is spared, and it stays spared when it is given back; so does one of another account, and
// one that ran out before is expired as it was.
func TestWhatARuleSpares(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		ranOut := v.codes
		env.Clock.Advance(env.Policy().PendingWindow)
		v.signIn(t)
		env.Account(t, "bob@example.com")
		v.codes = from(t, env, v.client, "ada@example.com", modelstest.Address)
		bobs := from(t, env, v.client, "bob@example.com", modelstest.Address)
		v.to(t, models.Matched)
		others := from(t, env, env.Client(t), "ada@example.com", modelstest.Address)
		falling, err := env.EndWaiting(env.Context, v.supervisor, v.account)
		if err != nil || falling != (models.Falling{Count: 1, Spared: 1}) {
			t.Fatalf("ended %+v, %v", falling, err)
		}
		if err := v.do("release", v.operator); err != nil {
			t.Fatal(err)
		}
		want := []models.Phase{models.Expired, "pending", "pending", "declined"}
		if got := phases(t, env, []models.IssuedCodes{ranOut, v.codes, bobs, others}); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if err := v.do("match", v.other); err != nil {
			t.Errorf("the spared one: %v", err)
		}
	})
}

// A disabled client's approval that was not redeemed yet ends, and so does every binding, also beyond those that end with an
// event each; enabling the client brings none back.
func TestManyBindingsEndWithTheirClient(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Redeemed)
		const oneByOne = 20
		copyRows(t, env, "bindings", v.codes.DeviceAuthorizationID, oneByOne+5)
		before := env.LastEvent(t)
		if err := errors.Join(v.disabled(), env.EnableClient(env.Context, v.client.ID)); err != nil {
			t.Fatal(err)
		}
		if got := len(env.Events(t, before)); got != oneByOne+2 {
			t.Errorf("%d events", got)
		}
		var live int
		ids := []string{}
		if err := env.Reader().Raw("SELECT id FROM bindings").Scan(&ids).Error; err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if _, err := env.LiveBinding(env.Context, id); !errors.Is(err, models.ErrBindingRevoked) {
				live++
			}
			if binding, err := env.Binding(env.Context, id); err != nil || binding.RevokedAt == 0 ||
				binding.RevokeReason != string(term.EndingClientDisabled) {
				t.Errorf("binding %s: %+v, %v", id, binding, err)
			}
		}
		if live > 0 || len(ids) != oneByOne+6 {
			t.Errorf("%d of %d bindings live", live, len(ids))
		}
	})
}

// columnsOf are the names of a table's columns.
func columnsOf(t *testing.T, env *modelstest.Env, table string) []string {
	t.Helper()
	types, err := env.Reader().Migrator().ColumnTypes(table)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, column := range types {
		names = append(names, column.Name())
	}
	return names
}

// copyRows puts copies of a request into the database, and of its binding for the table "bindings".
func copyRows(t *testing.T, env *modelstest.Env, table, request string, copies int) {
	t.Helper()
	insert := func(table, key string, fresh map[string]string) {
		names := columnsOf(t, env, table)
		values := slices.Clone(names)
		for i, name := range names {
			if value, ok := fresh[name]; ok {
				values[i] = value
			}
		}
		err := models.WriterForTest(env.Database).Exec(fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO %s (%s) SELECT %s FROM %s CROSS JOIN n WHERE %s = ?`,
			copies, table, strings.Join(names, ", "), strings.Join(values, ", "), table, key), request).Error
		if err != nil {
			t.Fatal(err)
		}
	}
	insert("device_authorizations", "id", map[string]string{"id": "id || '-' || i",
		"device_code_hash": "device_code_hash || '-' || i", "user_code_mac": "user_code_mac || '-' || i"})
	if table == "bindings" {
		insert("bindings", "device_authorization_id", map[string]string{"id": "id || '-' || i",
			"device_authorization_id": "device_authorization_id || '-' || i"})
	}
}

// Counting stops where nobody counts on; the rule ends what was not counted as well.
func TestMoreThanIsCounted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		copyRows(t, env, "device_authorizations", v.codes.DeviceAuthorizationID, 6000)
		view, err := env.Store.Account(env.Context, v.account)
		if err != nil || view.NotShown != models.NotShownCounted+1 {
			t.Errorf("%d are not shown, %v", view.NotShown, err)
		}
		if waiting, err := env.Waiting(env.Context, v.account); err != nil || waiting != models.WaitingCounted+1 {
			t.Errorf("%d wait, %v", waiting, err)
		}
		env.Clock.Advance(time.Second)
		v.declineSuspicious(t, v.codes)
		if count := lastEvent(t, env).Facts.Count; count == nil || *count != models.FallingCounted+1 {
			t.Errorf("the event counts %v", count)
		}
		if waiting, err := env.Waiting(env.Context, v.account); err != nil || waiting != 0 {
			t.Errorf("%d wait afterwards, %v", waiting, err)
		}
	})
}
