package models_test

import (
	"errors"
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

// alerted is a visit whose request was declined as suspicious.
func alerted(t *testing.T, env *modelstest.Env) (v *visit, alert string) {
	t.Helper()
	v = newVisit(t, env)
	if err := env.Decline(env.Context, v.operator, v.codes.DeviceAuthorizationID, term.DeclineSuspicious); err != nil {
		t.Fatal(err)
	}
	return v, openAlerts(t, env, 1)[0].ID
}

func openAlerts(t *testing.T, env *modelstest.Env, want int) []models.TrailRow {
	t.Helper()
	alerts, err := env.Alerts(env.Context)
	if err != nil || alerts.Count != want || len(alerts.Newest) != min(want, 20) {
		t.Fatalf("%d alerts and %d listed, want %d: %v", alerts.Count, len(alerts.Newest), want, err)
	}
	return alerts.Newest
}

// RFC 10027, detect and remediate: an alert stays open until a supervisor has looked,
// however long that takes; then it stays in the trail with who, when and what they noted.
// The event names the alert, and never holds the note.
func TestAlertIsAcknowledged(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v, alert := alerted(t, env)
		env.Clock.Advance(60 * 24 * time.Hour)
		openAlerts(t, env, 1)
		v.signIn(t)
		before := env.LastEvent(t)
		if err := env.AcknowledgeAlert(env.Context, v.supervisor, alert, "Called Erika Example"); err != nil {
			t.Fatal(err)
		}
		openAlerts(t, env, 0)
		rows, err := env.Trail(env.Context, audit.Filter{Types: []audit.Type{audit.AlertAcknowledged, audit.SuspicionReported}})
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		event, looked := rows[0].Event, rows[1].LookedAt
		if looked == nil || looked.Name != "Staff super" || looked.Note != "Called Erika Example" || looked.At != models.At(env.Clock.Now()) {
			t.Errorf("the alert was looked at by %+v", looked)
		}
		if event.Facts.Event != alert || event.Facts.Reason != "suspicion-reported" || event.Subject != v.account ||
			event.Facts.DeviceAuthorization != v.codes.DeviceAuthorizationID || rows[0].StaffName != "Staff super" || rows[0].LookedAt != nil {
			t.Errorf("the event is %+v by %q", event, rows[0].StaffName)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.AlertAcknowledged}) {
			t.Errorf("events %v", got)
		}
		if at := findInDatabase(t, env, "Erika"); at != "alert_acknowledgements.note" {
			t.Errorf("the note is in %s", at)
		}
	})
}

// Of two supervisors at the same moment one is first, the other is told, and there is one
// event.
func TestAlertIsAcknowledgedOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		second := env.SignIn(t, "second", []models.Role{models.Supervisor})
		for range races {
			v.codes = env.Request(t, v.client, "ada@example.com")
			if err := env.Decline(env.Context, v.operator, v.codes.DeviceAuthorizationID, term.DeclineSuspicious); err != nil {
				t.Fatal(err)
			}
			alert, before := openAlerts(t, env, 1)[0].ID, env.LastEvent(t)
			errs := atOnce(
				func() error { return env.AcknowledgeAlert(env.Context, v.supervisor, alert, "") },
				func() error { return env.AcknowledgeAlert(env.Context, second, alert, "mine") },
			)
			if !slices.Contains(errs, nil) || !slices.Contains(errs, models.ErrLookedAt) {
				t.Fatalf("both at once: %v", errs)
			}
			if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.AlertAcknowledged}) {
				t.Fatalf("events %v", got)
			}
		}
	})
}

// Who caused an alert, or holds the account that it is about, does not take it away; nor
// does anybody but a supervisor; and what is no alert cannot be looked at. The note is
// text that is safe to show.
func TestAlertIsNotAcknowledged(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v, alert := alerted(t, env)
		both := []models.Role{models.Operator, models.Supervisor}
		rows, err := env.Trail(env.Context, audit.Filter{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		declined := rows[1].ID
		before := env.LastEvent(t)
		for name, c := range map[string]struct {
			session, alert string
			want           error
		}{
			"their own alert":   {env.SignIn(t, "op", both), alert, models.ErrOwnAlert},
			"their own account": {env.SignIn(t, "ada", both, "ada@example.com"), alert, models.ErrOwnAccount},
			"an operator":       {v.other, alert, models.ErrNotAllowed},
			"nobody":            {"nobody", alert, models.ErrSessionEnded},
			"no alert":          {v.supervisor, declined, models.ErrNotFound},
			"no event":          {v.supervisor, "nothing", models.ErrNotFound},
		} {
			if err := env.AcknowledgeAlert(env.Context, c.session, c.alert, ""); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		refused := 0
		for _, event := range env.Events(t, before) {
			if event == audit.DecisionRefused {
				refused++
			}
		}
		if refused != 2 {
			t.Errorf("%d refusals on record: %v", refused, env.Events(t, before))
		}
		for _, note := range []string{strings.Repeat("x", oauth.MaxNote+1), "a\u202eb", "two\nlines", "  "} {
			var refusal *oauth.Error
			if err := env.AcknowledgeAlert(env.Context, v.supervisor, alert, note); !errors.As(err, &refusal) {
				t.Errorf("note %q: %v", note, err)
			}
		}
		openAlerts(t, env, 1)
	})
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
