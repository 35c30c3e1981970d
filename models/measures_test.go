package models_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

func measure(t *testing.T, env *modelstest.Env) models.Measures {
	t.Helper()
	m, err := env.Measures(env.Context)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Requests that wait are told by the days since they came, and leave when they are decided or their time is over.
func TestMeasuresOfRequests(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		if m := measure(t, env); len(m.Waiting) != 7 || m.Waiting[0] != 1 {
			t.Errorf("a new request: %+v", m)
		}
		env.Clock.Advance(3*aDay + time.Hour)
		if m := measure(t, env); !slices.Equal(m.Waiting, []int{0, 0, 0, 1, 0, 0, 0}) {
			t.Errorf("after three days: %v", m.Waiting)
		}
		v.signIn(t)
		v.to(t, models.Matched)
		if m := measure(t, env); m.Waiting[3] != 1 {
			t.Errorf("one that is handled: %v", m.Waiting)
		}
		v.to(t, models.Approved)
		if m := measure(t, env); slices.Max(m.Waiting) != 0 || m.MissedRedemptions != 0 {
			t.Errorf("an approved one: %+v", m)
		}
		env.Clock.Advance(7*aDay + time.Hour)
		if m := measure(t, env); m.MissedRedemptions != 1 || m.MissedDecisions != 0 {
			t.Errorf("an approval that lapsed: %+v", m)
		}
		env.Clock.Advance(aDay)
		if m := measure(t, env); m.MissedRedemptions != 0 {
			t.Errorf("a day later: %+v", m)
		}
	})
}

// A request that nobody decided is told for a day.
func TestMeasuresOfMissedDecisions(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		newVisit(t, env)
		env.Clock.Advance(7 * aDay)
		if m := measure(t, env); m.MissedDecisions != 1 || slices.Max(m.Waiting) != 0 {
			t.Errorf("at the end of its window: %+v", m)
		}
		env.Clock.Advance(aDay)
		if m := measure(t, env); m.MissedDecisions != 0 {
			t.Errorf("a day later: %+v", m)
		}
	})
}

// Notices are due from when they could be sent, by the channels of the deployment; what nobody could be told is counted for a day.
func TestMeasuresOfNotices(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.told(t)
		written := models.At(v.Clock.Now())
		v.to(t, models.Approved)
		v.Clock.Advance(time.Minute)
		due := measure(t, v.Env).Due
		if len(due) != 1 || due[models.ChannelMail] != (models.Due{Count: 1, Since: written}) {
			t.Errorf("due is %+v", due)
		}
	})
}

// A reading asks as many statements for a million rows as for none, and each counts so many at most.
func TestMeasuresOfManyRows(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		var all []asked
		v.Watch(func(sql string, values []any) { all = append(all, asked{sql, values}) })
		measure(t, v.Env)
		few := len(all)
		copyRows(t, v.Env, "device_authorizations", v.codes.DeviceAuthorizationID, models.MeasuredTo+50)
		many(t, v.Env, models.MeasuredTo+50, "notices (id, occasion, channel, account_id, created_at, useful_until, next_try_at, turn)",
			"'n' || i, 'contact-changed', 'mail', CAST(? AS TEXT), 1, 1, 1, 2 FROM n", v.account)
		if err := models.WriterForTest(v.Database).Exec("ANALYZE").Error; err != nil {
			t.Fatal(err)
		}
		all = nil
		m := measure(t, v.Env)
		if m.Waiting[0] != models.MeasuredTo || m.Due[models.ChannelMail].Count != models.MeasuredTo {
			t.Errorf("counted %v, %v", m.Waiting, slices.Collect(maps.Values(m.Due)))
		}
		if len(all) != few || few > 30 {
			t.Errorf("%d statements for many rows, %d for few", len(all), few)
		}
		for _, statement := range all {
			if strings.Contains(statement.sql, "device_authorizations") || strings.Contains(statement.sql, "FROM notices") {
				if plan := planOf(t, v.Env, statement); walked(plan) != "" || !strings.Contains(strings.ToUpper(plan), "INDEX") {
					t.Errorf("%s\nin\n%s", plan, statement.sql)
				}
			}
		}
	})
}

// Requests that ended before their window was over are stepped over, as many as a reading looks at; one behind more is not seen.
func TestMeasuresPastEndedRequests(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		copyRows(t, v.Env, "device_authorizations", v.codes.DeviceAuthorizationID, models.MeasuredPast)
		writer := models.WriterForTest(v.Database)
		mustExec(t, writer, "UPDATE device_authorizations SET state = 'declined' WHERE id LIKE '%-%'")
		mustExec(t, writer, "UPDATE device_authorizations SET pending_until = pending_until + 1 WHERE state = 'pending'")
		if m := measure(t, v.Env); m.Waiting[0] != 0 {
			t.Errorf("counted %v behind as many as are looked at", m.Waiting)
		}
		mustExec(t, writer, "DELETE FROM device_authorizations WHERE id LIKE '%-1'")
		if m := measure(t, v.Env); m.Waiting[0] != 1 {
			t.Errorf("counted %v behind one less", m.Waiting)
		}
	})
}
