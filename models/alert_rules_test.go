package models_test

import (
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// An approval more than half an hour outside the opening hours of its counter is an alert about it, once an operator and
// twelve hours. Hours that are words raise none, and nothing is refused.
func TestApprovalOutsideHoursIsAnAlert(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		account := env.Account(t, "ada@example.com")
		approve := func(operator, hours, zone string) models.IssuedCodes {
			t.Helper()
			codes, session := env.Request(t, env.Client(t), "ada@example.com"), env.Operator(t, operator)
			err := models.WriterForTest(env.Database).Exec("UPDATE counters SET hours = ?, time_zone = ?", hours, zone).Error
			if err != nil {
				t.Fatal(err)
			}
			env.Approve(t, session, account, codes)
			return codes
		}
		at := env.Clock.Now().UTC()
		around := func(from, to time.Duration) string {
			return "Mo-Su " + at.Add(from).Format("15:04") + "-" + at.Add(to).Format("15:04")
		}
		for _, c := range []struct {
			operator, hours, zone string
			alerts                int
		}{
			{"words", "Monday to Friday, 9 to 17", "UTC", 0},
			{"open", around(-time.Hour, time.Hour), "UTC", 0},
			{"early", around(20*time.Minute, time.Hour), "UTC", 0},
			{"late", around(-time.Hour, -20*time.Minute), "UTC", 0},
			{"too early", around(40*time.Minute, time.Hour), "UTC", 1},
			{"too late", around(-time.Hour, -40*time.Minute), "UTC", 2},
			{"too late", around(-time.Hour, -40*time.Minute), "UTC", 2}, // the same operator
			{"elsewhere", around(-time.Hour, time.Hour), "Asia/Tokyo", 3},
		} {
			codes := approve(c.operator, c.hours, c.zone)
			open := openAlerts(t, env, c.alerts)
			if c.alerts > 0 && open[0].StaffName == "Staff "+c.operator && c.operator != "too late" &&
				(open[0].Event.Type != audit.ApprovalOutsideHours || open[0].AccountID != account ||
					open[0].DeviceAuthorizationID != codes.DeviceAuthorizationID) {
				t.Errorf("%s: the alert is %+v", c.operator, open[0].Event)
			}
		}
		env.Clock.Advance(12 * time.Hour)
		approve("too late", around(0, time.Hour), "UTC")
		openAlerts(t, env, 4)
	})
}
