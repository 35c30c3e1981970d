package models_test

import (
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// administered does one of each act whose event names what it is about beside who acted.
func (l limits) administered(t *testing.T) {
	t.Helper()
	l.limit(t, l.library.ID, l.hall.ID)
	if _, err := l.EndSessionsOf(l.Context, l.admin, l.op); err != nil {
		t.Fatal(err)
	}
	_, err := l.AddSoftware(l.Context, models.NewSoftware{SessionID: l.admin, Publisher: "Example Apps", SoftwareID: "example.wallet",
		Name: "Pocket Wallet", Scope: oauth.Scope{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.AddRegistrationToken(l.Context, models.NewRegistrationToken{Note: "for the fair", Lifetime: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.AddResourceServer(l.Context, "Letters", "https://letters.example", jose.JSONWebKeySet{}); err != nil {
		t.Fatal(err)
	}
	supervisor := l.SignIn(t, "supervisor", []models.Role{models.Supervisor})
	export, err := l.BeginExport(l.Context, supervisor, audit.Filter{CounterID: l.hall.ID}, term.ExportCSV)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := export.Run(l.Context, func() (int, error) { return 0, nil }); err != nil {
		t.Fatal(err)
	}
}

// docs/protocol.md §9: the trail names whom and what an event is about.
func TestTrailNamesWhatEventsAreAbout(t *testing.T) {
	eachLimits(t, func(t *testing.T, l limits) {
		l.administered(t)
		rows, err := l.Trail(l.Context, audit.Filter{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		of := func(kind audit.Type) models.TrailRow {
			return rows[slices.IndexFunc(rows, func(r models.TrailRow) bool { return r.Event.Type == kind })]
		}
		limited, out, began := of(audit.StaffLimited), of(audit.StaffSignedOut), of(audit.TrailExported)
		counters := limited.About.Counters
		slices.Sort(counters)
		if limited.About.Staff != out.About.Staff || out.Event.Facts.Staff != l.op || out.About.Staff == "" || out.About.Staff == out.StaffName ||
			!slices.Equal(counters, []string{"Library", "Town hall"}) {
			t.Errorf("limited %+v, signed out %+v by %s", limited.About, out.About, out.StaffName)
		}
		if app := of(audit.PublisherAdded).About; app.Publisher != "Example Apps" || app.Software != "Pocket Wallet" {
			t.Errorf("publisher added: %+v", app)
		}
		if api := of(audit.ResourceServerAdded).About.ResourceServer; api != "Letters" {
			t.Errorf("resource server added: %q", api)
		}
		if note := of(audit.RegistrationTokenCreated).About.RegistrationToken; note != "for the fair" {
			t.Errorf("registration token created: %q", note)
		}
		if about := of(audit.TrailExportEnded).About; about.Entry != began.Seq || about.EntryType != audit.TrailExported {
			t.Errorf("export ended: %+v, began at %d", about, began.Seq)
		}
		if counter := began.About.Filter["counter"]; counter != "Town hall" {
			t.Errorf("exported: counter %q", counter)
		}
	})
}
