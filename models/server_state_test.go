package models_test

import (
	"slices"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

// What waits, what is signed, which keys there are, which processes run and what was verified: each as it is.
func TestStateOfAServer(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		fresh, err := env.ServerState(env.Context)
		if err != nil || fresh.Outbox != (models.OutboxState{}) || fresh.Log.Size != 0 || fresh.Log.Since == 0 || fresh.Verified != nil ||
			len(fresh.Processes) != 0 || len(fresh.Keys) < 9 || fresh.Schema < "00061" {
			t.Fatalf("fresh: %+v, %v", fresh, err)
		}
		if err := env.Probe(env.Context); err != nil {
			t.Fatal(err)
		}
		for behind := true; behind; {
			done, err := env.Sequence(env.Context)
			if err != nil {
				t.Fatal(err)
			}
			behind = done.Behind()
		}
		verified := models.TrailVerification{
			EndedAt: models.At(env.Clock.Now()), Entries: 3, Verdict: models.VerdictNotSound, Problem: "first bad entry",
		}
		for _, v := range []models.TrailVerification{{Verdict: models.VerdictSound}, verified} {
			if err := env.RecordVerification(env.Context, v); err != nil {
				t.Fatal(err)
			}
		}
		state, err := env.ServerState(env.Context)
		if err != nil || state.Log.Since != 0 || state.Log.Size != state.Log.Entries || state.Log.Size != env.LastEvent(t) ||
			state.Log.SignedAt != models.At(env.Clock.Now()) || state.Verified == nil || *state.Verified != verified {
			t.Errorf("signed and verified: %+v, %v", state, err)
		}
		if len(state.Processes) != 1 || state.Processes[0].Version != modelstest.Version || state.Processes[0].ProbedAt == 0 {
			t.Errorf("processes %+v", state.Processes)
		}
		env.Clock.Advance(time.Hour)
		env.Client(t)
		later, err := env.ServerState(env.Context)
		if err != nil || later.Log.Since != models.At(env.Clock.Now()) || later.Log.Entries != state.Log.Entries+1 || len(later.Processes) != 0 {
			t.Errorf("an hour later: %+v, %v", later, err)
		}
	})
}

// Notices wait from the moment when they could have been sent, and what was given up is counted for a day.
func TestStateOfTheOutbox(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			env := modelstest.Open(t, modelstest.Migrated(t, dialect), models.Policy{NoticeChannels: []models.Channel{models.ChannelMail}})
			v := newVisit(t, env)
			v.to(t, models.Approved)
			written := models.At(env.Clock.Now())
			env.Clock.Advance(time.Minute)
			state, err := env.ServerState(env.Context)
			want := models.OutboxState{Waiting: state.Outbox.Waiting, DueSince: written}
			if err != nil || state.Outbox.Waiting == 0 || state.Outbox != want {
				t.Fatalf("written: %+v, %v", state.Outbox, err)
			}
			due, ok, err := env.NextNotice(env.Context)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			if _, _, err := env.FailedNotice(env.Context, due.Notice, models.FailedAttempt{}); err != nil {
				t.Fatal(err)
			}
			failed, err := env.ServerState(env.Context)
			if err != nil || failed.Outbox.Waiting != state.Outbox.Waiting || failed.Outbox.Retried != 1 {
				t.Errorf("after a failure: %+v, %v", failed.Outbox, err)
			}
			env.Clock.Advance(2 * time.Minute)
			refused := len(v.refused(t))
			counted, err := env.ServerState(env.Context)
			if err != nil || refused == 0 || counted.Outbox.Undelivered != refused {
				t.Errorf("given up: %+v, %v, want %d", counted.Outbox, err, refused)
			}
			if _, err := env.SetAsideNotices(env.Context, "", refusedMails()); err != nil {
				t.Fatal(err)
			}
			if seen, err := env.ServerState(env.Context); err != nil || seen.Outbox.Undelivered != 0 || seen.Outbox.GivenUp != refused {
				t.Errorf("put aside: %+v, %v", seen.Outbox, err)
			}
		})
	}
}

// What waits for supervisors is counted by channel, from the first that nobody was told of, also while it is tried.
func TestStateOfAlertsOnTheirWay(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		raised := models.At(env.Clock.Now())
		suspect(t, v)
		env.Clock.Advance(time.Minute)
		suspect(t, v)
		digest := dueDigest(t, env)
		want := []models.AlertsWaiting{
			{Channel: models.ChannelMail, Waiting: 2, Since: raised, Attempts: 1}, {Channel: models.ChannelWebhook, Waiting: 2, Since: raised},
		}
		if state, err := env.ServerState(env.Context); err != nil || !slices.Equal(state.Alerts, want) {
			t.Errorf("tried: %+v, %v", state.Alerts, err)
		}
		if err := env.ToldAlerts(env.Context, digest); err != nil {
			t.Fatal(err)
		}
		if state, err := env.ServerState(env.Context); err != nil || !slices.Equal(state.Alerts, want[1:]) {
			t.Errorf("told: %+v, %v", state.Alerts, err)
		}
	})
}
