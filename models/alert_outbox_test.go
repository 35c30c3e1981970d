package models_test

import (
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// suspect lets an operator decline as suspicious, which is an alert.
func suspect(t *testing.T, v *visit) {
	t.Helper()
	v.codes = v.Request(t, v.client, "ada@example.com")
	if err := v.Decline(v.Context, v.operator, v.codes.DeviceAuthorizationID, term.DeclineSuspicious); err != nil {
		t.Fatal(err)
	}
}

// dueDigest is what is to be told by mail now.
func dueDigest(t *testing.T, env *modelstest.Env) models.AlertDigest {
	t.Helper()
	digest, due, err := env.NextAlertDigest(env.Context, models.ChannelMail)
	if err != nil || !due {
		t.Fatalf("due: %v, %v", due, err)
	}
	return digest
}

func nothingIsDue(t *testing.T, env *modelstest.Env, when string) {
	t.Helper()
	if digest, due, err := env.NextAlertDigest(env.Context, models.ChannelMail); due || err != nil {
		t.Fatalf("%s: %+v, %v", when, digest, err)
	}
}

// However many alerts of a kind come, one message tells of them, at most one in ten minutes; what comes while it is under way
// is told by the next. Of two senders one has it, and after a crash in the middle it comes again.
func TestAlertsAreToldTogether(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		nothingIsDue(t, env, "at first")
		suspect(t, v)
		first := dueDigest(t, env)
		if first.Kind != audit.SuspicionReported || first.Waiting != 1 || first.FirstSeq != first.LastSeq || first.Counter.Name == "" {
			t.Errorf("%+v", first)
		}
		nothingIsDue(t, env, "another sender")
		for range 5 {
			suspect(t, v)
		}
		if err := env.ToldAlerts(env.Context, first); err != nil {
			t.Fatal(err)
		}
		nothingIsDue(t, env, "within ten minutes")
		env.Clock.Advance(10 * time.Minute)
		crashed := dueDigest(t, env)
		if crashed.Waiting != 5 || crashed.FirstSeq <= first.LastSeq {
			t.Errorf("%+v", crashed)
		}
		env.Clock.Advance(models.ClaimOf(models.ChannelMail))
		again := dueDigest(t, env)
		if again.Waiting != 5 || again.FirstSeq != crashed.FirstSeq || again.Attempts != 2 {
			t.Errorf("%+v", again)
		}
		if err := env.ToldAlerts(env.Context, crashed); err != nil { // too late: another sender has it
			t.Fatal(err)
		}
		if err := env.ToldAlerts(env.Context, again); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Hour)
		nothingIsDue(t, env, "all is told")
		v.operator = env.Operator(t, "op")
		suspect(t, v)
		if last := dueDigest(t, env); last.Waiting != 1 || last.FirstSeq != last.LastSeq {
			t.Errorf("%+v", last)
		}
	})
}

// What waited for a week because no process had its channel is told to nobody; it is one row for all of it.
func TestAlertsThatNobodySendsAreForgotten(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		for range 4 {
			suspect(t, v)
		}
		var rows int64
		if err := env.Reader().Model(&models.AlertDigest{}).Count(&rows).Error; err != nil || rows != 2 {
			t.Errorf("%d rows, %v", rows, err)
		}
		env.Clock.Advance(8 * 24 * time.Hour)
		nothingIsDue(t, env, "a week later")
		v.operator = env.Operator(t, "other")
		suspect(t, v)
		if digest := dueDigest(t, env); digest.Waiting != 1 {
			t.Errorf("%+v", digest)
		}
	})
}

// An attempt that failed is made again later, and later again, up to an hour.
func TestAlertsBackOff(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	suspect(t, newVisit(t, env))
	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute,
		time.Hour, time.Hour} {
		if _, err := env.UntoldAlerts(env.Context, dueDigest(t, env), models.FailedAttempt{}); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(wait - time.Millisecond)
		nothingIsDue(t, env, "too soon")
		env.Clock.Advance(time.Millisecond)
	}
}

// An alert that was perhaps told is tried three times more within three hours: the next of its kind waits behind it, an hour at most.
func TestPerhapsToldAlertHoldsUpNoOther(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	suspect(t, v)
	for attempt, wait := range []time.Duration{30 * time.Minute, time.Hour, time.Hour, 10 * time.Minute} {
		told, err := env.UntoldAlerts(env.Context, dueDigest(t, env), models.FailedAttempt{Unsure: true})
		if err != nil || told != (attempt == 3) {
			t.Fatalf("attempt %d: told %t, %v", attempt+1, told, err)
		}
		v.signIn(t)
		suspect(t, v)
		env.Clock.Advance(wait - time.Millisecond)
		nothingIsDue(t, env, "too soon")
		env.Clock.Advance(time.Millisecond)
	}
	if digest := dueDigest(t, env); digest.Waiting != 1 {
		t.Errorf("%+v", digest)
	}
}
