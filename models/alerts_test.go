package models_test

import (
	"errors"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// alerted is a visit whose request was declined as suspicious.
func alerted(t *testing.T, env *modelstest.Env) (v *visit, alert string) {
	t.Helper()
	v = newVisit(t, env)
	if err := env.Decline(env.Context, v.operator, v.codes.DeviceAuthorizationID, term.DeclineSuspicious); err != nil {
		t.Fatal(err)
	}
	return v, openAlerts(t, env, 1)[0].ID
}

func openAlerts(t *testing.T, env *modelstest.Env, want int) []models.Alert {
	t.Helper()
	alerts, err := env.Alerts(env.Context)
	if err != nil || alerts.Count != want || len(alerts.Newest) != min(want, 20) {
		t.Fatalf("%d alerts and %d listed, want %d: %v", alerts.Count, len(alerts.Newest), want, err)
	}
	return alerts.Newest
}

// The list is bounded, and says how many there are in all.
func TestAlertsAreBounded(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	for range 23 {
		v.codes = env.Request(t, v.client, "ada@example.com")
		if err := env.Decline(env.Context, v.operator, v.codes.DeviceAuthorizationID, term.DeclineSuspicious); err != nil {
			t.Fatal(err)
		}
	}
	openAlerts(t, env, 23)
}

// docs/protocol.md §6 rogue-operator: more approvals of one operator within an hour than are usual raise one
// alert an hour, over all their sessions and counters, and refuse nothing.
func TestUnusualApprovalRateIsAnAlert(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			env := modelstest.Open(t, modelstest.Migrated(t, dialect), models.Policy{ApprovalAlert: 3})
			account := env.Account(t, "ada@example.com")
			approve := func(subject string) {
				t.Helper()
				env.Approve(t, env.Operator(t, subject), account, env.Request(t, env.Client(t), "ada@example.com"))
				env.Clock.Advance(10 * time.Minute)
			}
			alerts := func(want int) {
				t.Helper()
				rows, err := env.Trail(env.Context, audit.Filter{Type: audit.ApprovalRateUnusual})
				if err != nil || len(rows) != want {
					t.Fatalf("%d alerts, want %d: %v", len(rows), want, err)
				}
				for _, row := range rows {
					if row.StaffName != "Staff fast" || *row.Event.Facts.Count < 4 || row.AccountID != "" || row.CounterName == "" {
						t.Errorf("alert of %q: %+v", row.StaffName, row.Event)
					}
				}
				openAlerts(t, env, want)
			}
			for range 3 {
				approve("fast")
			}
			approve("slow")
			alerts(0)
			approve("fast") // the fourth within 40 minutes
			alerts(1)
			for range 3 {
				approve("fast")
			}
			alerts(1) // still the same hour
			env.Clock.Advance(time.Hour)
			for range 3 {
				approve("fast")
			}
			alerts(1)
			approve("fast")
			alerts(2)
		})
	}
}

// The alert is one although approvals happen at the same moment, and counts them exactly;
// a recalled approval stays counted.
func TestUnusualApprovalRateIsToldOnce(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			env := modelstest.Open(t, modelstest.Migrated(t, dialect), models.Policy{ApprovalAlert: 2})
			account, supervisor := env.Account(t, "ada@example.com"), env.SignIn(t, "super", []models.Role{models.Supervisor})
			var steps []func() error
			for i := range 6 {
				session, codes := env.Operator(t, "op"), env.Request(t, env.Client(t), "ada@example.com")
				if i == 0 {
					env.Approve(t, session, account, codes)
					if err := env.Recall(env.Context, supervisor, codes.DeviceAuthorizationID, "operator_error"); err != nil {
						t.Fatal(err)
					}
					continue
				}
				if _, err := env.Match(env.Context, session, account, codes.UserCode); err != nil {
					t.Fatal(err)
				}
				if err := env.Proof(env.Context, session, codes.DeviceAuthorizationID, modelstest.Card()); err != nil {
					t.Fatal(err)
				}
				steps = append(steps, func() error {
					_, err := env.ApproveShown(session, codes.DeviceAuthorizationID)
					return err
				})
			}
			if err := errors.Join(atOnce(steps...)...); err != nil {
				t.Fatal(err)
			}
			rows, err := env.Trail(env.Context, audit.Filter{Type: audit.ApprovalRateUnusual})
			if err != nil || len(rows) != 1 || *rows[0].Event.Facts.Count != 3 {
				t.Errorf("alerts %+v, %v", rows, err)
			}
		})
	}
}

// A number below nothing raises no alert, and thirty an hour are usual where nobody says.
func TestApprovalAlertIsSet(t *testing.T) {
	if usual := modelstest.SQLite(t, models.Policy{}).Policy().ApprovalAlert; usual != 30 {
		t.Errorf("by itself %d", usual)
	}
	env := modelstest.SQLite(t, models.Policy{ApprovalAlert: -1})
	account, session := env.Account(t, "ada@example.com"), env.Operator(t, "op")
	for range 32 {
		env.Approve(t, session, account, env.Request(t, env.Client(t), "ada@example.com"))
	}
	openAlerts(t, env, 0)
}

// A decline carries what the match rested on, as an approval does, as long as the claim
// lasts; a request that nobody matched, and one whose claim is over, carries nothing.
func TestDeclineCarriesPresence(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		for name, c := range map[string]struct {
			begin models.State
			wait  time.Duration
			want  string
		}{
			"waiting":            {models.Pending, 0, ""},
			"matched":            {models.Matched, 0, models.PresenceCodeOnly},
			"checked":            {models.Proofed, 0, models.PresenceCodeOnly},
			"the claim was over": {models.Proofed, time.Hour, ""},
		} {
			v.codes = env.Request(t, v.client, "ada@example.com")
			v.to(t, c.begin)
			env.Clock.Advance(c.wait)
			v.signIn(t)
			session := v.operator
			if c.wait == 0 && c.begin != models.Pending {
				d, _ := env.DeviceAuthorization(env.Context, v.codes.DeviceAuthorizationID)
				session = *d.ClaimSessionID
			}
			if err := v.do("decline", session); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			rows, err := env.Trail(env.Context, audit.Filter{Type: audit.DeviceAuthorizationDeclined, Limit: 1})
			d, _ := env.DeviceAuthorization(env.Context, v.codes.DeviceAuthorizationID)
			if err != nil || rows[0].Event.Facts.Presence != c.want || d.Presence != c.want || (d.MatchedAt != 0) != (c.want != "") {
				t.Errorf("%s: event %q, row %q matched at %d, want %q: %v", name, rows[0].Event.Facts.Presence, d.Presence, d.MatchedAt, c.want, err)
			}
		}
	})
}
