package models_test

import (
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// docs/protocol.md §6 edited-rows: a note on an alert is the text of its event, in its row, both ways.
func TestNotesAreHeldAgainstTheTrail(t *testing.T) {
	for name, test := range map[string]struct{ change, want string }{
		"untouched":     {"", ""},
		"another text":  {"UPDATE alert_notes SET note = 'All was well'", ": the text is not the one that was noted (entry "},
		"another salt":  {"UPDATE alert_notes SET salt = 'A'", ": the text is not the one that was noted (entry "},
		"another alert": {"UPDATE alert_notes SET event_id = 'another'", ", event_id: not what the trail says (entry "},
		"another time":  {"UPDATE alert_notes SET created_at = created_at + 1000", ", created_at: not what the trail says (entry "},
		"taken away":    {"DELETE FROM alert_notes", ": is gone, and no event says why (entry "},
		"noted by nobody": {"INSERT INTO alert_notes SELECT 'A', event_id, staff_id, salt, note, created_at FROM alert_notes",
			"alert_notes A: no event says that it was made"},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				v, alert := alerted(t, env)
				if err := env.NoteAlert(env.Context, v.supervisor, alert, "Called"); err != nil {
					t.Fatal(err)
				}
				if test.change != "" {
					mustExec(t, models.WriterForTest(env.Database), test.change)
				}
				wantProblem(t, env, "alert_notes", test.want)
			})
		})
	}
}

// An erasure accounts for the notes that it removes, and for no later one, which it leaves also when it is called again.
func TestNotesOfErasedAccounts(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v, alert := alerted(t, env)
		note := func() {
			t.Helper()
			if err := env.NoteAlert(env.Context, v.supervisor, alert, "Called"); err != nil {
				t.Fatal(err)
			}
		}
		notes := func(want int64) {
			t.Helper()
			var count int64
			if err := env.Reader().Model(&models.AlertNote{}).Count(&count).Error; err != nil || count != want {
				t.Errorf("%d notes, want %d: %v", count, want, err)
			}
			wantProblem(t, env, "alert_notes", "")
		}
		erase := func() {
			t.Helper()
			if err := env.EraseAccount(env.Context, v.account, term.ErasureRequested); err != nil {
				t.Fatal(err)
			}
		}
		note()
		erase()
		notes(0)
		env.Clock.Advance(time.Second)
		note()
		erase()
		notes(1)
		mustExec(t, models.WriterForTest(env.Database), "DELETE FROM alert_notes")
		wantProblem(t, env, trailOf(t, env, audit.AlertNoted).Event.Facts.NoteHash, "is gone, and no event says why")
	})
}

// wantProblem wants one problem, of a row, or none where want is "".
func wantProblem(t *testing.T, env *modelstest.Env, row, want string) {
	t.Helper()
	problems := problemsOf(t, env)
	text := strings.Join(problems, "\n")
	if (want == "") != (len(problems) == 0) || want != "" && !strings.Contains(text, row) || !strings.Contains(text, want) {
		t.Errorf("the verifier says %q, want %q", text, want)
	}
}
