package models_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// wantRowsSound holds every row beside the trail against it.
func wantRowsSound(t *testing.T, env *modelstest.Env, when string) {
	t.Helper()
	if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() {
		t.Errorf("%s: %v, %v", when, report.Problems(), err)
	}
}

// A request that a newer one replaced before its time, which was only counted, is swept before the end of which its event tells.
func TestSweptRequestsThatWereReplacedAreNoSign(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		c := crowd{env, t}
		env.Account(t, "ada@example.com")
		client := env.Client(t)
		env.Request(t, client, "ada@example.com")
		for range models.WaitingPerPhone {
			env.Clock.Advance(time.Minute)
			c.request(client, "ada@example.com")
		}
		env.Clock.Advance(16 * aDay)
		c.told()
		if left := rowsIn(t, env, "device_authorizations")["device_authorizations"]; left != models.WaitingPerPhone {
			t.Fatalf("%d requests are left", left)
		}
		wantRowsSound(t, env, "swept")
		db := defenceless(t, env)
		mustExec(t, db, "DELETE FROM device_authorizations WHERE id = (SELECT max(id) FROM device_authorizations)")
		wantRowsSound(t, env, "a counted one more") // of which the trail says nothing
	})
}

// As many requests may be gone before their time as were counted as replaced, and no more.
func TestMoreRequestsAreGoneThanWereReplaced(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		c := crowd{env, t}
		env.Account(t, "ada@example.com")
		client := env.Client(t)
		env.Request(t, client, "ada@example.com")
		spared := env.Request(t, env.Client(t), "ada@example.com")
		for range models.WaitingPerPhone {
			env.Clock.Advance(time.Minute)
			c.request(client, "ada@example.com")
		}
		env.Clock.Advance(16 * aDay)
		c.told()
		wantRowsSound(t, env, "swept")
		mustExec(t, defenceless(t, env), "DELETE FROM device_authorizations WHERE id = '"+spared.DeviceAuthorizationID+"'")
		report, err := env.CheckRecords(env.Context, nil)
		if err != nil || report.Wrong != 1 || !strings.Contains(report.Problems()[0], spared.DeviceAuthorizationID) {
			t.Errorf("%v, %v", report.Problems(), err)
		}
	})
}

// What an erasure takes from beside the log is accounted for, also where the request that connects a client with the account was
// only counted.
func TestErasedAccountWithCountedRequests(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		c := crowd{env, t}
		account := env.Account(t, "ada@example.com")
		client := env.Client(t)
		c.request(client, "ada@example.com")
		if err := env.EraseAccount(env.Context, account, term.ErasureUnneeded); err != nil {
			t.Fatal(err)
		}
		wantRowsSound(t, env, "erased")
		for range 8 {
			env.Clock.Advance(15 * aDay)
			c.told()
			wantRowsSound(t, env, "swept")
		}
	})
}

// Roles that a later sign-in within a session gave are the session's, whatever time the provider says.
func TestSteppedUpRolesByAnotherClock(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Clock.Advance(300 * time.Millisecond)
		who := models.Identity{Issuer: "https://staff.example", Subject: "a", Name: "Staff", Roles: []models.Role{models.Operator},
			AuthenticatedAt: env.Clock.Now().Truncate(time.Second)}
		token, err := env.StartSession(env.Context, env.SignInBegun(t), who, "", modelstest.Address)
		if err != nil {
			t.Fatal(err)
		}
		session, err := env.Session(env.Context, token)
		if err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(200 * time.Millisecond)
		who.Roles = []models.Role{models.Operator, models.Supervisor}
		signIn := env.SignInBegun(t)
		signIn.SessionID = session.ID
		if _, err := env.StepUp(env.Context, signIn, who); err != nil {
			t.Fatal(err)
		}
		wantRowsSound(t, env, "within a second")
		mustExec(t, defenceless(t, env), "UPDATE staff_sessions SET roles = 'operator', authenticated_at = 0")
		report, err := env.CheckRecords(env.Context, nil)
		if err != nil || report.Wrong != 1 || report.First[0].Field != "roles" {
			t.Errorf("%v, %v", report.Problems(), err)
		}
	})
}

// However many sessions one of the staff has at once, and however often each is stepped up, they are held: a statement has no
// more values than there are sessions.
func TestManySteppedUpSessions(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	const together, steps = 250, 140 // 35,000 of both, and SQLite takes 32,766 values
	who := models.Identity{Issuer: "https://staff.example", Subject: "a", Name: "Staff", Roles: []models.Role{models.Operator},
		AuthenticatedAt: env.Clock.Now()}
	var sessions []models.Session
	for range together {
		token, err := env.StartSession(env.Context, env.SignInBegun(t), who, "", modelstest.Address)
		if err != nil {
			t.Fatal(err)
		}
		session, err := env.Session(env.Context, token)
		if err != nil {
			t.Fatal(err)
		}
		sessions = append(sessions, session)
	}
	who.Roles = []models.Role{models.Operator, models.Supervisor}
	for i := range steps {
		signIn := env.SignInBegun(t)
		signIn.SessionID = sessions[i].ID
		if _, err := env.StepUp(env.Context, signIn, who); err != nil {
			t.Fatal(err)
		}
	}
	wantRowsSound(t, env, "many")
	mustExec(t, defenceless(t, env), "UPDATE staff_sessions SET roles = 'operator' WHERE id = '"+sessions[0].ID+"'")
	report, err := env.CheckRecords(env.Context, nil)
	if err != nil || report.Wrong != 1 || report.First[0].Field != "roles" || report.First[0].ID != sessions[0].ID {
		t.Errorf("%v, %v", report.Problems(), err)
	}
}

// A client has had more events than a statement takes values: its row is held all the same.
func TestClientOfManyEvents(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	client := env.Client(t)
	if err := env.Sweep(env.Context); err != nil { // the search knows the event that made it
		t.Fatal(err)
	}
	mustExec(t, defenceless(t, env), `WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 41000)
		INSERT INTO audit_search SELECT n.i, 1, 'client-updated', '', '`+client.ID+`', '', '', '', '', '' FROM n`)
	report, err := env.CheckRecords(env.Context, nil)
	if err != nil || report.Wrong != 0 {
		t.Errorf("%s: %v, %v", client.ID, report.Problems(), err)
	}
}

// What a stranger does beyond the rate while rows are held is no sign.
func TestCountedChangesMeanwhileAreNoSign(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	c := crowd{env, t}
	var clients []models.RegisteredClient
	for range 501 { // one more than are read at once
		clients = append(clients, c.register())
	}
	last := slices.MaxFunc(clients, func(a, b models.RegisteredClient) int { return strings.Compare(a.ID, b.ID) })
	changed := false
	report, err := env.CheckRecords(env.Context, func(done, _ int64) {
		if changed || done < 500 {
			return
		}
		changed = true
		if _, err := c.ReplaceClient(c.Context, last.ID, last.RegistrationToken, c.registration()); err != nil {
			t.Error(err)
		}
		if err := c.DeleteClient(c.Context, last.ID, last.RegistrationToken, fromHere); err != nil {
			t.Error(err)
		}
	})
	if err != nil || report.Wrong != 0 || !changed {
		t.Errorf("%v, %v, changed %v", report.Problems(), err, changed)
	}
}

// A client that something hangs on, or that is disabled, is not swept: without its row the trail does not verify.
func TestClientsThatAreNeverSwept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Redeemed)
		disabled, idle := env.Client(t), env.Client(t)
		if err := env.DisableClient(env.Context, disabled.ID); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(30 * aDay)
		if err := env.Sweep(env.Context); err != nil {
			t.Fatal(err)
		}
		wantRowsSound(t, env, "swept "+idle.ID)
		db := defenceless(t, env)
		for _, id := range []string{v.client.ID, disabled.ID} {
			mustExec(t, db, "DELETE FROM clients WHERE id = '"+id+"'")
		}
		report, err := env.CheckRecords(env.Context, nil)
		for _, id := range []string{v.client.ID, disabled.ID} {
			if !strings.Contains(strings.Join(report.Problems(), "\n"), "clients "+id+": is gone") {
				t.Errorf("%v, %v", report.Problems(), err)
			}
		}
	})
}
