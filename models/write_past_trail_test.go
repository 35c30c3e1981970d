//go:build unix

package models_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

// docs/decisions/0082-signed-beside.md: events of one transaction are in the trail in the order in which they were recorded, each
// once and without a gap, whether they were signed beside the writes, at once, or by one that failed.
func TestEventsOfAGroupContinueTheTrail(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	v.to(t, models.Approved)
	before := env.LastEvent(t)
	var ids [4]string // of requests, in the order of the group
	ask := func(i int) func() {
		return func() { ids[i] = env.Request(t, v.client, fmt.Sprintf("K-%d", i)).DeviceAuthorizationID }
	}
	var seen int64
	emptyLog(t, env)
	err := behind(t, env, ask(0), ask(1), refusedAfterRecording(t, v), ask(2),
		func() { // reads the trail: all that was recorded before is there
			err := env.WriteTogetherForTest(env.Context, func(db *gorm.DB) error {
				return db.Raw("SELECT max(seq) FROM audit_events").Scan(&seen).Error
			})
			if err != nil {
				t.Error(err)
			}
		},
		invalidEvent(t, v), panicking(t, v),
		func() {
			if _, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes)); err != nil {
				t.Error(err)
			}
		}, ask(3))
	if err != nil {
		t.Fatal(err)
	}
	if seen != before+3 {
		t.Errorf("who reads the trail in the middle sees %d entries more, want 3", seen-before)
	}
	var recorded []string
	err = env.Reader().Raw("SELECT device_authorization_id FROM audit_events WHERE seq > ? ORDER BY seq", before).Scan(&recorded).Error
	want := []string{ids[0], ids[1], ids[2], v.codes.DeviceAuthorizationID, ids[3]}
	if err != nil || slices.Contains(want, "") || !slices.Equal(recorded, want) {
		t.Errorf("the trail has %v, want %v; %v", recorded, want, err)
	}
	if _, commits := walFrames(t, env); commits != 1 {
		t.Errorf("%d commits", commits)
	}
	if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() {
		t.Errorf("%v, %v", report.Problems(), err)
	}
}

// refusedAfterRecording fails after it has recorded, and after what was there was put into the trail.
func refusedAfterRecording(t *testing.T, v *visit) func() {
	refused := errors.New("refused")
	return func() {
		err := v.WritePastTrailForTest(v.Context, func(plain models.Plain) error {
			return errors.Join(plain.RecordForTest(someEvent(v.client)), plain.SeeTrailForTest(),
				plain.RecordForTest(someEvent(v.client)), refused)
		})
		if !errors.Is(err, refused) || strings.Contains(err.Error(), "\n") {
			t.Errorf("refused: %v", err)
		}
	}
}

// invalidEvent records what the catalogue refuses, which is its own error.
func invalidEvent(t *testing.T, v *visit) func() {
	return func() {
		event := someEvent(v.client)
		event.Facts.KeyThumbprint = ""
		err := v.WritePastTrailForTest(v.Context, func(plain models.Plain) error { return plain.RecordForTest(event) })
		if _, is := errors.AsType[*audit.InvalidEventError](err); !is {
			t.Errorf("invalid: %v", err)
		}
	}
}

// panicking panics after it has recorded.
func panicking(t *testing.T, v *visit) func() {
	return func() {
		defer func() { _ = recover() }()
		_ = v.WritePastTrailForTest(v.Context, func(plain models.Plain) error {
			if err := plain.RecordForTest(someEvent(v.client)); err != nil {
				t.Error(err)
			}
			panic("at the disco")
		})
		t.Error("the panic is not its own")
	}
}

// someEvent is some event.
func someEvent(client models.Client) audit.Event {
	return audit.Event{Type: audit.ClientDeleted, Facts: audit.Facts{Actor: &audit.Actor{Client: client.ID}, Client: client.ID,
		KeyThumbprint: modelstest.Thumbprint}}
}

// A write that is alone and fails after it has recorded leaves nothing, and its number is the next one's.
func TestOneAloneThatFailsAfterRecording(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	before := env.LastEvent(t)
	refusedAfterRecording(t, v)()
	panicking(t, v)()
	env.Request(t, v.client, "K-1")
	if last := env.LastEvent(t); last != before+1 {
		t.Errorf("%d events", last-before)
	}
	if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() {
		t.Errorf("%v, %v", report.Problems(), err)
	}
}

// What some writes have recorded is signed while the next one runs.
func TestEventsAreSignedBesideTheNextWrite(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	client := env.Client(t)
	var writes []func()
	for i := range models.SignedBesideForTest {
		writes = append(writes, func() { env.Request(t, client, fmt.Sprintf("K-%d", i)) })
	}
	err := behind(t, env, append(writes, func() {
		err := env.WritePastTrailForTest(env.Context, func(plain models.Plain) error {
			for end := time.Now().Add(time.Minute); plain.UnsignedForTest() > 0; runtime.Gosched() {
				if time.Now().After(end) {
					return errors.New("nobody signs")
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})...)
	if err != nil {
		t.Error(err)
	}
}

// Who comes while the events of a group are inserted is committed with it.
func TestWhoComesWhileEventsAreInsertedSharesTheCommit(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	client := env.Client(t)
	var late sync.WaitGroup
	var once sync.Once
	models.BeforeStatements(env.Database, func(statement string) error {
		if strings.HasPrefix(statement, "INSERT INTO audit_events") {
			once.Do(func() {
				late.Go(func() { env.Request(t, client, "K-late") })
				for env.WaitingForTest() == 0 {
					runtime.Gosched()
				}
			})
		}
		return nil
	})
	emptyLog(t, env)
	env.Request(t, client, "K-first")
	late.Wait()
	if _, commits := walFrames(t, env); commits != 1 {
		t.Errorf("%d commits", commits)
	}
	if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() {
		t.Errorf("%v, %v", report.Problems(), err)
	}
}

// An alert is in the trail at once, with what was recorded before it.
func TestAnAlertIsInTheTrailAtOnce(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	client := env.Client(t)
	var types []audit.Type
	err := env.WritePastTrailForTest(env.Context, func(plain models.Plain) error {
		alert := someEvent(client)
		alert.Type = audit.LogRefused
		alert.Facts = audit.Facts{Actor: &audit.Actor{System: "sequencer"}, Count: new(int)}
		err := errors.Join(plain.RecordForTest(someEvent(client)), plain.RecordForTest(alert))
		return errors.Join(err, plain.Raw("SELECT type FROM audit_events ORDER BY seq DESC LIMIT 2").Scan(&types).Error)
	})
	if err != nil || !slices.Equal(types, []audit.Type{audit.LogRefused, audit.ClientDeleted}) {
		t.Errorf("the trail ends with %v, %v", types, err)
	}
}

// A rule that is made among requests of the same transaction ends those before it, and none after it.
func TestARuleAmongRequestsOfAGroup(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	v.to(t, models.Matched)
	var ids [4]string
	ask := func(i int) func() {
		client := env.Client(t)
		return func() { ids[i] = env.Request(t, client, "ada@example.com").DeviceAuthorizationID }
	}
	first, second, third, fourth := ask(0), ask(1), ask(2), ask(3)
	emptyLog(t, env)
	if err := behind(t, env, first, second, func() {
		if err := env.Decline(env.Context, v.operator, v.codes.DeviceAuthorizationID, term.DeclineSuspicious); err != nil {
			t.Error(err)
		}
	}, third, fourth); err != nil {
		t.Fatal(err)
	}
	for i, want := range []models.State{models.Declined, models.Declined, models.Pending, models.Pending} {
		if d, err := env.DeviceAuthorization(env.Context, ids[i]); err != nil || d.State != want {
			t.Errorf("request %d is %s, want %s; %v", i, d.State, want, err)
		}
	}
	if _, commits := walFrames(t, env); commits != 1 {
		t.Errorf("%d commits", commits)
	}
}

// What cannot be inserted is nobody's: all of the group are told, nothing of it is there, and what comes next is written.
func TestAGroupWhoseEventsCannotBeInserted(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	client := env.Client(t)
	full := errors.New("the disk is full")
	before := env.LastEvent(t)
	var refused atomic.Bool
	models.BeforeStatements(env.Database, func(statement string) error {
		if strings.HasPrefix(statement, "INSERT INTO audit_events") && refused.CompareAndSwap(false, true) {
			return full
		}
		return nil
	})
	errs := make([]error, 3)
	write := func(i int) func() {
		return func() {
			_, errs[i] = env.RequestDeviceAuthorization(env.Context, askingWithProofs(env, client, i))
		}
	}
	front := behind(t, env, write(0), write(1), write(2))
	for i, err := range append(errs, front) {
		if !errors.Is(err, full) {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if keys := keysThere(t, env); len(keys) != 0 || env.LastEvent(t) != before {
		t.Errorf("there are %v, and %d events", keys, env.LastEvent(t)-before)
	}
	if write(0)(); errs[0] != nil || env.LastEvent(t) != before+1 {
		t.Errorf("afterwards: %v, %d events", errs[0], env.LastEvent(t)-before)
	}
	if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() {
		t.Errorf("%v, %v", report.Problems(), err)
	}
}

// What goes past the trail asks it only for its end: registrations, requests for codes, with one that falls out, a usual redemption
// and a refresh, also by the key that the client has registered since.
func TestWhatGoesPastTheTrailReadsNoEvent(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		all := statements(t, env)
		*all = nil
		client := env.Client(t)
		for i := range models.WaitingPerPhone + 1 {
			if _, err := env.RequestDeviceAuthorization(env.Context, askingWithProofs(env, client, i)); err != nil {
				t.Fatal(err)
			}
			from(t, env, client, "nobody@example.com", modelstest.Address)
		}
		tokens, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
		if err != nil {
			t.Fatal(err)
		}
		again := refreshment(v, tokens)
		if _, err := env.Refresh(env.Context, again); err != nil {
			t.Fatal(err)
		}
		set(t, v, "UPDATE clients SET jwk_thumbprint = ?, key_changed_at = ? WHERE id = ?", strings.Repeat("x", 43), models.At(env.Clock.Now()),
			v.client.ID)
		again.Thumbprint = strings.Repeat("x", 43)
		if _, err := env.Refresh(env.Context, again); err != nil {
			t.Fatal(err)
		}
		touched := 0
		for _, statement := range *all {
			const end = "SELECT coalesce(max(seq), 0) FROM audit_events"
			rest := strings.Replace(statement, end, "", 1)
			if !strings.Contains(statement, "audit_events") && !strings.Contains(statement, "event_details") {
				continue
			}
			touched++
			if !strings.HasPrefix(statement, "INSERT INTO ") && (strings.Contains(rest, "audit_events") || strings.Contains(rest, "event_details")) {
				t.Errorf("asked of the trail: %s", statement)
			}
		}
		if touched < 20 {
			t.Errorf("%d statements touch the trail", touched)
		}
	})
}

// All that phones write goes past the trail: their events are inserted when all have run, also those from before.
func TestWhatPhonesWriteGoesPastTheTrail(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	v.to(t, models.Approved)
	other := newVisitFor(t, v)
	other.to(t, models.Approved)
	tokens, err := env.Redeem(env.Context, modelstest.Redemption(other.client, other.codes))
	if err != nil {
		t.Fatal(err)
	}
	all := statements(t, env)
	err = behind(t, env, func() { env.Request(t, v.client, "K-1") }, func() {
		if _, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes)); err != nil {
			t.Error(err)
		}
	}, func() {
		if _, err := env.Refresh(env.Context, refreshment(other, tokens)); err != nil {
			t.Error(err)
		}
	}, func() { env.Client(t) })
	var inserted, last int // the first event, and the last of all else that was written
	for i, statement := range *all {
		switch trail := strings.HasPrefix(statement, "INSERT INTO audit_events") || strings.HasPrefix(statement, "INSERT INTO event_details"); {
		case trail && inserted == 0:
			inserted = i
		case !trail && !strings.HasPrefix(statement, "SELECT"):
			last = i
		}
	}
	if err != nil || inserted == 0 || last > inserted || !strings.Contains((*all)[last], "clients") {
		t.Errorf("events from statement %d on, all else up to %d of %q; %v", inserted, last, *all, err)
	}
}

// A redemption that is not a usual one has all events of its group in the trail before it judges.
func TestWhatIsJudgedSeesTheTrail(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	v.to(t, models.Redeemed)
	env.Clock.Advance(time.Minute)
	all := statements(t, env)
	err := behind(t, env, func() { env.Request(t, v.client, "K-1") }, func() {
		if _, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes)); err != nil {
			t.Error(err)
		}
	})
	inserted := slices.IndexFunc(*all, func(s string) bool { return strings.HasPrefix(s, "INSERT INTO audit_events") })
	judged := slices.IndexFunc(*all, func(s string) bool {
		return strings.HasPrefix(s, "SELECT") && strings.Contains(s, "FROM device_authorizations WHERE device_code_hash")
	})
	if err != nil || inserted < 0 || judged < 0 || judged < inserted {
		t.Errorf("inserted by statement %d, judged by %d of %q; %v", inserted, judged, *all, err)
	}
}
