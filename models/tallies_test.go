package models_test

import (
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// talliesOf are all tallies in the order of their key.
func talliesOf(t *testing.T, env *modelstest.Env) (rows []audit.TallyRow) {
	t.Helper()
	err := env.Reader().Order("segment, measure, counter_id, hour, staff_id, word").Find(&rows).Error
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// However the log was counted, in one go, a few entries at a time or all anew, its tallies are the same, and as many as there are events.
func TestTalliesAreTheCountOfTheLog(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		day := newKnownDay(t, env)
		everything := models.OverviewRange{From: time.Unix(0, 0), Until: env.Clock.Now().Add(24 * time.Hour)}
		if _, err := env.Overview(env.Context, everything); err != nil {
			t.Fatal(err)
		}
		day.connected(t, env.Client(t)) // is counted in a step of its own, which adds to the same hours
		o, err := env.Overview(env.Context, everything)
		if err != nil {
			t.Fatal(err)
		}
		for kind, want := range map[audit.Type]int64{
			audit.CodeMatched:                  o.Count(audit.MeasureVisits, "proved") + o.Count(audit.MeasureVisits, "code only"),
			audit.CodeMatchFailed:              o.Count(audit.MeasureCodes, audit.CodeFails),
			audit.DeviceBindingApproved:        o.Count(audit.MeasureSteps, string(audit.StepApproved)),
			audit.DeviceAuthorizationRequested: o.Count(audit.MeasureSteps, "requested") + o.Count(audit.MeasureSteps, "nobody"),
			audit.DeviceAuthorizationDeclined:  o.Count(audit.MeasureDeclines, "other") + o.Count(audit.MeasureDeclines, "customer_left"),
		} {
			var is int64
			if err := env.Reader().Model(&audit.Entry{}).Where("type = ?", kind).Count(&is).Error; err != nil || is != want || is == 0 {
				t.Errorf("%s: %d events, %d counted, %v", kind, is, want, err)
			}
		}
		rows := talliesOf(t, env)
		for name, anew := range map[string][]string{
			"all anew": {"DELETE FROM audit_tallies", "UPDATE audit_tallied SET seq = 0"}, "taken away": {"DELETE FROM audit_tallies"},
			"nothing known": {"DELETE FROM audit_tallies", "DELETE FROM audit_tallied"},
		} {
			for _, statement := range anew {
				if err := models.WriterForTest(env.Database).Exec(statement).Error; err != nil {
					t.Fatal(err)
				}
			}
			if _, err := env.Reindex(env.Context, func(int64) {}); err != nil {
				t.Fatal(err)
			}
			if got := talliesOf(t, env); !slices.Equal(got, rows) {
				t.Errorf("%s: %v\nwant %v", name, got, rows)
			}
		}
	})
}

// Whatever is wrong with the tallies is found and told, and mended by counting again; what is not counted yet is no fault.
func TestTalliesAreHeldAgainstTheTrail(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		newKnownDay(t, env)
		last := env.LastEvent(t)
		writer := models.WriterForTest(env.Database)
		if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() || report.Tallies.Waiting != last {
			t.Fatalf("before anything was counted: %+v, %v", report, err)
		}
		if err := env.Sweep(env.Context); err != nil { // counts, and fills the search table, which Reindex mends too
			t.Fatal(err)
		}
		one := "segment = 0 AND measure = 'codes' AND word = 'failed' AND counter_id <> ''"
		for change, wrong := range map[string]int64{
			"SELECT 1": 0,
			"UPDATE audit_tallies SET count = count - 1 WHERE " + one:                                    1,
			"UPDATE audit_tallies SET hour = hour + 1 WHERE " + one:                                      2,
			"UPDATE audit_tallies SET staff_id = 'x' WHERE " + one:                                       2,
			"UPDATE audit_tallies SET counter_id = 'x' WHERE " + one:                                     2,
			"UPDATE audit_tallies SET measure = 'x' WHERE " + one:                                        2,
			"UPDATE audit_tallies SET word = 'x' WHERE " + one:                                           2,
			"UPDATE audit_tallies SET segment = 7 WHERE " + one:                                          2,
			"UPDATE audit_tallies SET segment = -7 WHERE " + one:                                         2,
			"DELETE FROM audit_tallies WHERE " + one:                                                     1,
			"INSERT INTO audit_tallies SELECT 0, 'x', '', 0, '', '', 1 FROM audit_tallies WHERE " + one:  1,
			"INSERT INTO audit_tallies SELECT 99, 'x', '', 0, '', '', 1 FROM audit_tallies WHERE " + one: 1,
			"UPDATE audit_tallied SET seq = 1000000":                                                     1,
			"UPDATE audit_tallied SET seq = -1":                                                          1 + int64(len(talliesOf(t, env))),
		} {
			if err := writer.Exec(change).Error; err != nil {
				t.Fatal(change, err)
			}
			report, err := env.VerifyTrail(env.Context)
			if err != nil || report.OK() != (wrong == 0) || report.Tallies.Wrong != wrong || len(report.Problems()) != min(int(wrong), 1) {
				t.Errorf("%s: %+v, %v", change, report.Tallies, err)
			}
			mended, err := env.Reindex(env.Context, func(int64) {})
			if err != nil || int64(mended) != wrong {
				t.Errorf("%s: mended %d, %v", change, mended, err)
			}
			if report, err := audit.VerifyTallies(env.Context, env.Reader()); err != nil || report != (audit.TallyReport{}) {
				t.Errorf("%s, mended: %+v, %v", change, report, err)
			}
		}
		if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() {
			t.Errorf("all mended: %v, %v", report.Problems(), err)
		}
	})
}
