package models_test

import (
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// problemsOf is what the verifier says against the trail.
func problemsOf(t *testing.T, env *modelstest.Env) []string {
	t.Helper()
	report, err := env.VerifyTrail(env.Context)
	if err != nil {
		t.Fatal(err)
	}
	return report.Problems()
}

// No event of a whole visit says an address, and its row is there for whoever reads the trail, until its time is over.
func TestAddressesOfEventsAreSwept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		newVisit(t, env).to(t, models.Redeemed)
		var entries []audit.Entry
		if err := env.Reader().Find(&entries).Error; err != nil || len(entries) == 0 {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if claims := string(entry.Claims()); strings.Contains(claims, modelstest.Address) {
				t.Errorf("an event says an address: %s", claims)
			}
		}
		asked := trailOf(t, env, audit.DeviceAuthorizationRequested)
		if asked.Event.Facts.Address != modelstest.Address || len(asked.Details) != 1 || len(asked.Gone) != 0 {
			t.Errorf("the trail says %+v", asked)
		}
		env.Clock.Advance(models.DefaultPolicy().Keep.Records + aDay)
		if got := sweptSince(t, env)[term.SweptDetails]; got == 0 {
			t.Error("no details were swept")
		}
		asked = trailOf(t, env, audit.DeviceAuthorizationRequested)
		if asked.Event.Facts.Address != "" || len(asked.Details) != 0 || !slices.Equal(asked.Gone, []string{audit.DetailAddress}) {
			t.Errorf("after the sweep the trail says %+v", asked)
		}
		if problems := problemsOf(t, env); len(problems) > 0 {
			t.Errorf("the verifier says %v", problems)
		}
	})
}

// A row beside the log that somebody with the database changes, takes away or makes is found on both databases.
func TestTamperedDetails(t *testing.T) {
	for name, change := range map[string]string{
		"is not what the event says":       "UPDATE event_details SET text_after = '198.51.100.1'",
		"is missing, and no event says":    "DELETE FROM event_details",
		"names another account or time":    "UPDATE event_details SET personal = 0",
		"event has no detail":              "UPDATE event_details SET field = 'name'",
		"no event with this number has":    "UPDATE event_details SET seq = -seq",
		"details beside the log differ in": "UPDATE event_details SET account_id = 'somebody', salt = ''",
	} {
		modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
			newVisit(t, env)
			if problems := problemsOf(t, env); len(problems) > 0 {
				t.Fatalf("before: %v", problems)
			}
			if err := models.WriterForTest(env.Database).Exec(change).Error; err != nil {
				t.Fatal(err)
			}
			if problems := strings.Join(problemsOf(t, env), "\n"); !strings.Contains(problems, "details beside the log differ") ||
				!strings.Contains(problems, name) && !strings.HasPrefix(name, "details") {
				t.Errorf("%s: %s", name, problems)
			}
		})
	}
}

// A text that is not what the event states is told nowhere, and does not pass for one that was swept.
func TestTamperedDetailsAreNotTold(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		newVisit(t, env)
		if err := models.WriterForTest(env.Database).Exec("UPDATE event_details SET text_after = '198.51.100.1'").Error; err != nil {
			t.Fatal(err)
		}
		asked := trailOf(t, env, audit.DeviceAuthorizationRequested)
		if asked.Event.Facts.Address != "" || len(asked.Details) != 0 || len(asked.Gone) != 0 ||
			!slices.Equal(asked.Altered, []string{audit.DetailAddress}) {
			t.Errorf("the trail says %+v", asked)
		}
	})
}
