package models_test

import (
	"crypto/sha256"
	"encoding/base64"
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

// RFC 10027, detect and remediate: an alert stays open until a supervisor closes it, however long that takes; then it stays in
// the trail with who, when, what came of it and what they noted. Events name the alert, and never hold the note.
func TestAlertIsClosed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v, alert := alerted(t, env)
		env.Clock.Advance(60 * 24 * time.Hour)
		openAlerts(t, env, 1)
		v.signIn(t)
		before := env.LastEvent(t)
		if err := env.CloseAlert(env.Context, v.supervisor, alert, term.ClosingDealtWith, "Called Erika Example"); err != nil {
			t.Fatal(err)
		}
		openAlerts(t, env, 0)
		rows, err := env.Trail(env.Context, audit.Filter{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		closed, noted := rows[0], rows[1]
		if e := closed.Event; e.Type != audit.AlertClosed || e.Facts.Event != alert || e.Facts.Reason != "dealt with" ||
			e.Subject != v.account || e.Facts.DeviceAuthorization != v.codes.DeviceAuthorizationID || closed.StaffName != "Staff super" {
			t.Errorf("closed: %+v by %q", e, closed.StaffName)
		}
		if e := noted.Event; e.Type != audit.AlertNoted || e.Facts.Event != alert || e.Facts.Reason != "suspicion-reported" {
			t.Errorf("noted: %+v", e)
		}
		told := trailOf(t, env, audit.SuspicionReported)
		if l := told.LookedAt; l == nil || l.Name != "Staff super" || l.Closing != term.ClosingDealtWith || l.At != models.At(env.Clock.Now()) {
			t.Errorf("the alert was closed by %+v", l)
		}
		if len(told.Notes) != 1 || told.Notes[0].Note != "Called Erika Example" || told.Notes[0].Name != "Staff super" {
			t.Errorf("notes %+v", told.Notes)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.AlertNoted, audit.AlertClosed}) {
			t.Errorf("events %v", got)
		}
		if at := findInDatabase(t, env, "Erika"); at != "alert_notes.note" {
			t.Errorf("the note is in %s", at)
		}
	})
}

// trailOf is the newest event of a type.
func trailOf(t *testing.T, env *modelstest.Env, kind audit.Type) models.TrailRow {
	t.Helper()
	rows, err := env.Trail(env.Context, audit.Filter{Type: kind, Limit: 1})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows of %s, %v", len(rows), kind, err)
	}
	return rows[0]
}

// Of two supervisors at the same moment one is first, the other is told, and there is one event.
func TestAlertIsClosedOnce(t *testing.T) {
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
				func() error { return env.CloseAlert(env.Context, v.supervisor, alert, term.ClosingDealtWith, "") },
				func() error { return env.CloseAlert(env.Context, second, alert, term.ClosingPassedOn, "mine") },
			)
			if !slices.Contains(errs, nil) || !slices.Contains(errs, models.ErrLookedAt) {
				t.Fatalf("both at once: %v", errs)
			}
			got := slices.DeleteFunc(env.Events(t, before), func(e audit.Type) bool { return e == audit.AlertNoted && errs[1] == nil })
			if !slices.Equal(got, []audit.Type{audit.AlertClosed}) {
				t.Fatalf("events %v", got)
			}
		}
	})
}

// A supervisor takes an alert: the others see who has it and since when. Of two at the same moment one has it. Somebody else
// takes it over from whom they saw, and everybody may close it.
func TestAlertIsTaken(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v, alert := alerted(t, env)
		second := env.SignIn(t, "second", []models.Role{models.Supervisor})
		if open := openAlerts(t, env, 1)[0]; open.TakenBy != "" || open.TakenAt != 0 {
			t.Fatalf("at first: %+v", open)
		}
		before := env.LastEvent(t)
		errs := atOnce(
			func() error { return env.TakeAlert(env.Context, v.supervisor, alert, "") },
			func() error { return env.TakeAlert(env.Context, second, alert, "") },
		)
		if !slices.Contains(errs, nil) || !slices.Contains(errs, models.ErrTaken) {
			t.Fatalf("both at once: %v", errs)
		}
		open := openAlerts(t, env, 1)[0]
		first, late, name := v.supervisor, second, "Staff super"
		if errs[0] != nil {
			first, late, name = second, v.supervisor, "Staff second"
		}
		if open.TakenName != name || open.TakenAt != models.At(env.Clock.Now()) {
			t.Errorf("taken by %q at %v", open.TakenName, open.TakenAt)
		}
		if err := env.TakeAlert(env.Context, first, alert, open.TakenBy); err != nil {
			t.Errorf("theirs again: %v", err)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.AlertTaken}) {
			t.Errorf("events %v", got)
		}
		if err := env.TakeAlert(env.Context, late, alert, open.TakenBy); err != nil {
			t.Errorf("taken over: %v", err)
		}
		if now := openAlerts(t, env, 1)[0]; now.TakenName == name || now.TakenName == "" {
			t.Errorf("now %q has it", now.TakenName)
		}
		if err := env.CloseAlert(env.Context, first, alert, term.ClosingPassedOn, ""); err != nil {
			t.Error(err)
		}
		for name, err := range map[string]error{
			"taken": env.TakeAlert(env.Context, late, alert, ""), "noted": env.NoteAlert(env.Context, late, alert, "late"),
		} {
			if err != models.ErrLookedAt {
				t.Errorf("%s when it is closed: %v", name, err)
			}
		}
	})
}

// The event of a note holds a hash of it that its row answers, and no two notes have the same one. An alert takes twenty.
func TestAlertIsNoted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v, alert := alerted(t, env)
		for range 20 {
			if err := env.NoteAlert(env.Context, v.supervisor, alert, "Called"); err != nil {
				t.Fatal(err)
			}
			env.Clock.Advance(time.Second)
		}
		if err := env.NoteAlert(env.Context, v.supervisor, alert, "One more"); err != models.ErrNotesFull {
			t.Errorf("the 21st: %v", err)
		}
		if open := openAlerts(t, env, 1)[0]; len(open.Notes) != 20 || open.Notes[0].At > open.Notes[1].At {
			t.Errorf("notes %+v", open.Notes)
		}
		var row models.AlertNote
		if err := env.Reader().Where("note_hash = ?", trailOf(t, env, audit.AlertNoted).Event.Facts.NoteHash).First(&row).Error; err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256([]byte(row.Salt + "Called")); base64.RawURLEncoding.EncodeToString(sum[:]) != row.NoteHash {
			t.Errorf("the hash is another text's")
		}
	})
}

// Who caused an alert, or holds the account that it is about, does nothing to it; nor does anybody but a supervisor; and what
// is no alert is not in the queue. A note is text that is safe to show, and what came of it is one of a few words.
func TestAlertIsRefused(t *testing.T) {
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
			for did, err := range map[string]error{
				"takes":  env.TakeAlert(env.Context, c.session, c.alert, ""),
				"notes":  env.NoteAlert(env.Context, c.session, c.alert, "mine"),
				"closes": env.CloseAlert(env.Context, c.session, c.alert, term.ClosingDealtWith, ""),
			} {
				if !errors.Is(err, c.want) {
					t.Errorf("%s %s: %v, want %v", name, did, err, c.want)
				}
			}
		}
		refused := slices.DeleteFunc(env.Events(t, before), func(e audit.Type) bool { return e != audit.DecisionRefused })
		if len(refused) != 6 {
			t.Errorf("%d refusals on record", len(refused))
		}
		for _, note := range []string{strings.Repeat("x", oauth.MaxNote+1), "a\u202eb", "two\nlines", "  "} {
			var refusal *oauth.Error
			if err := env.CloseAlert(env.Context, v.supervisor, alert, term.ClosingDealtWith, note); !errors.As(err, &refusal) {
				t.Errorf("closed with note %q: %v", note, err)
			}
			if err := env.NoteAlert(env.Context, v.supervisor, alert, note); !errors.As(err, &refusal) {
				t.Errorf("note %q: %v", note, err)
			}
		}
		if err := env.CloseAlert(env.Context, v.supervisor, alert, "", ""); !errors.Is(err, models.ErrUnknownReason) {
			t.Errorf("as nothing: %v", err)
		}
		openAlerts(t, env, 1)
	})
}

// While a program of before the queue runs beside this one, what it raises comes into the queue with the next sweep, and what
// it closes is closed at once.
func TestAlertsOfTheProgramBefore(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v, alert := alerted(t, env)
		if err := models.WriterForTest(env.Database).Exec("DELETE FROM open_alerts").Error; err != nil {
			t.Fatal(err)
		}
		openAlerts(t, env, 0)
		if err := env.Sweep(env.Context); err != nil {
			t.Fatal(err)
		}
		if open := openAlerts(t, env, 1)[0]; open.ID != alert {
			t.Errorf("adopted %+v", open)
		}
		err := models.WriterForTest(env.Database).Exec(`INSERT INTO alert_acknowledgements (event_id, staff_id, session_id, created_at)
			SELECT ?, staff_id, id, 1 FROM staff_sessions WHERE id = ?`, alert, v.supervisor).Error
		if err != nil {
			t.Fatal(err)
		}
		openAlerts(t, env, 0)
		if err := env.TakeAlert(env.Context, v.supervisor, alert, ""); err != models.ErrLookedAt {
			t.Errorf("taken: %v", err)
		}
		if err := env.Sweep(env.Context); err != nil {
			t.Fatal(err)
		}
		var left int64
		if err := env.Reader().Model(&models.OpenAlert{}).Count(&left).Error; err != nil || left != 0 {
			t.Errorf("%d rows left, %v", left, err)
		}
	})
}
