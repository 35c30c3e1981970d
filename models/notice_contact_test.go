package models_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// contact imports Ada's account with another contact.
func (v *visit) contact(t *testing.T, contact string) {
	t.Helper()
	_, err := v.ImportAccounts(v.Context, []models.ImportedAccount{{
		Line: 2, Identifiers: []string{"ada@example.com"}, FullName: "Account Holder",
		DateOfBirth: "1980-02-29", Status: models.AccountActive, Contact: contact}}, audit.Actor{System: "command"})
	if err != nil {
		t.Fatal(err)
	}
}

// ASVS 5.0 6.3.7, docs/decisions/0016-notices.md: whoever loses their notices by a change of
// the contact is told of it where they were told before, and not what it was changed to. The
// former contact is nowhere in clear, and nowhere at all once it was told.
func TestFormerContactIsTold(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.wantTold(t, models.NoticeRequested)
		before := v.LastEvent(t)
		v.contact(t, "thief@elsewhere.example")
		if got := v.Events(t, before); !slices.Equal(got, []audit.Type{audit.AccountChanged, audit.AccountsImported}) {
			t.Errorf("events %v", got)
		}
		rows, err := v.Trail(v.Context, audit.Filter{Limit: 2})
		if err != nil || len(rows) != 2 || rows[1].Event.Facts.Reason != "contact" {
			t.Errorf("the trail says %+v, %v", rows, err)
		}
		if where := findInDatabase(t, v.Env, "contact.ada@example.com"); where != "" {
			t.Errorf("the former contact is in %s", where)
		}
		told := v.wantTold(t, models.NoticeContactChanged)
		if n := told[0]; n.Contact != "contact.ada@example.com" || n.Link != "" || n.Request.ID != "" || n.AccountID == nil ||
			*n.AccountID != v.account {
			t.Errorf("%+v", n)
		}
		var kept int64
		if err := v.Reader().Raw("SELECT count(*) FROM notices WHERE former_contact <> ''").Scan(&kept).Error; err != nil || kept != 0 {
			t.Errorf("%d former contacts are kept, %v", kept, err)
		}
		v.to(t, models.Declined)
		if told := v.wantTold(t, models.NoticeDeclined); told[0].Contact != "thief@elsewhere.example" {
			t.Errorf("then %q is told", told[0].Contact)
		}
	})
}

// What is the same mailbox, or was none, is no change to tell of; a contact that is taken
// away is.
func TestContactsThatDoNotChange(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.wantTold(t, models.NoticeRequested)
		v.contact(t, "contact.ada@example.com")
		v.contact(t, "Contact.Ada@EXAMPLE.com")
		v.wantTold(t)
		v.contact(t, "")
		if told := v.wantTold(t, models.NoticeContactChanged); told[0].Contact != "Contact.Ada@EXAMPLE.com" {
			t.Errorf("told %q", told[0].Contact)
		}
		v.contact(t, "kim@example.com")
		v.wantTold(t)
		v.contact(t, "\u212aim@example.com") // the Kelvin sign: another mailbox
		v.wantTold(t, models.NoticeContactChanged)
	})
}

// A file that changes thousands of contacts does not put off what happens at a counter, and
// what cannot be told is given up and forgotten.
func TestFormerContactsWaitForAllOthers(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.wantTold(t, models.NoticeRequested)
		v.contact(t, "new@example.com")
		v.Clock.Advance(time.Second)
		v.to(t, models.Approved)
		if told := v.told(t); !slices.Equal(occasions(told), []models.Occasion{models.NoticeApproved, models.NoticeContactChanged}) {
			t.Errorf("told in the order %v", occasions(told))
		}
		v.contact(t, "newer@example.com")
		due, ok, err := v.NextNotice(v.Context)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		before := v.LastEvent(t)
		if _, _, err := v.FailedNotice(v.Context, due.Notice, models.FailedAttempt{Refused: true}); err != nil {
			t.Fatal(err)
		}
		var kept int64
		if err := v.Reader().Raw("SELECT count(*) FROM notices WHERE former_contact <> ''").Scan(&kept).Error; err != nil || kept != 0 {
			t.Errorf("%d former contacts are kept, %v", kept, err)
		}
		if got := v.Events(t, before); !slices.Equal(got, []audit.Type{audit.NoticeFailed}) {
			t.Errorf("events %v", got)
		}
	})
}

// A command does not know which channels the servers have, and writes for all: each server
// takes its own, and the rest is forgotten with what it holds.
func TestCommandTellsByTheServersChannels(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			address := modelstest.Migrated(t, dialect)
			v := newVisit(t, modelstest.Open(t, address, models.Policy{NoticeChannels: []models.Channel{models.ChannelMail}}))
			v.wantTold(t, models.NoticeRequested)
			command := *v
			command.Env = modelstest.Open(t, address, models.Policy{NoticeChannels: models.Channels()})
			command.contact(t, "new@example.com")
			if told := v.wantTold(t, models.NoticeContactChanged); told[0].Channel != models.ChannelMail {
				t.Errorf("told by %s", told[0].Channel)
			}
			left := func() (count int64) {
				t.Helper()
				if err := v.Reader().Raw("SELECT count(*) FROM notices WHERE occasion = 'contact-changed' AND outcome = ''").
					Scan(&count).Error; err != nil {
					t.Fatal(err)
				}
				return count
			}
			v.Clock.Advance(8*24*time.Hour - time.Second)
			v.wantTold(t)
			if err := v.Sweep(v.Context); err != nil || left() != 1 {
				t.Errorf("%d are left, %v", left(), err)
			}
			v.Clock.Advance(time.Second)
			if err := v.Sweep(v.Context); err != nil || left() != 0 {
				t.Errorf("after its use %d are left, %v", left(), err)
			}
		})
	}
}

// The notices that were written before there were any of contacts stay what they are.
func TestMigrationKeepsNotices(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			database := modelstest.Connect(t, modelstest.Empty(t, dialect))
			if err := database.MigrateTo(t.Context(), 25); err != nil {
				t.Fatal(err)
			}
			db := models.WriterForTest(database)
			for _, statement := range []string{
				`INSERT INTO clients (id, status, client_name, software_id, software_version, grant_types, scope, jwk, jwk_thumbprint,
					created_address, created_at)
					VALUES ('c', 'active', 'App', 's', '', '', '', '{}', 'k', '', 1)`,
				`INSERT INTO device_authorizations (id, client_id, device_code_hash, user_code_mac, state, scope, address, poll_interval,
					created_at, pending_until)
					VALUES ('d', 'c', 'h', 'm', 'pending', '', '', 5, 1, 2)`,
				`INSERT INTO notices (id, occasion, channel, device_authorization_id, created_at, useful_until, next_try_at, attempts, outcome, done_at)
					VALUES ('n', 'requested', 'webhook', 'd', 1, 2, 3, 4, 'failed', 5)`,
			} {
				if err := db.Exec(statement).Error; err != nil {
					t.Fatal(err)
				}
			}
			if _, err := database.MigrateUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			var n models.Notice
			err := db.First(&n).Error
			if err != nil || n.ID != "n" || n.Occasion != models.NoticeRequested || n.Channel != models.ChannelWebhook ||
				n.DeviceAuthorizationID == nil || *n.DeviceAuthorizationID != "d" || n.AccountID != nil ||
				n.CreatedAt != 1 || n.UsefulUntil != 2 || n.NextTryAt != 3 || n.Attempts != 4 || n.Outcome != "failed" || n.DoneAt != 5 ||
				n.Turn != 1 || n.FormerContact != "" {
				t.Errorf("%+v, %v", n, err)
			}
			for what, statement := range map[string]string{
				"a request's notice without one": `INSERT INTO notices (id, occasion, channel, created_at, useful_until, next_try_at) VALUES ('x', 'requested', 'mail', 1, 2, 3)`,
				"a former contact that is kept":  `INSERT INTO notices (id, occasion, channel, created_at, useful_until, next_try_at, outcome, former_contact) VALUES ('x', 'contact-changed', 'mail', 1, 2, 3, 'sent', 'c')`,
				"one notice twice":               `INSERT INTO notices (id, occasion, channel, device_authorization_id, created_at, useful_until, next_try_at) VALUES ('x', 'requested', 'webhook', 'd', 1, 2, 3)`,
			} {
				if err := db.Exec(statement).Error; err == nil || strings.Contains(err.Error(), "no such column") {
					t.Errorf("%s is taken: %v", what, err)
				}
			}
		})
	}
}

// A client that a command disables loses its bindings, and their person is told so.
func TestCommandTellsOfEndedBindings(t *testing.T) {
	address := modelstest.Migrated(t, "sqlite")
	v := newVisit(t, modelstest.Open(t, address, models.Policy{NoticeChannels: []models.Channel{models.ChannelMail}}))
	v.to(t, models.Redeemed)
	v.told(t)
	command := modelstest.Open(t, address, models.Policy{NoticeChannels: models.Channels()})
	if err := command.DisableClient(v.Context, v.client.ID); err != nil {
		t.Fatal(err)
	}
	if told := v.wantTold(t, models.NoticeRevoked); told[0].Channel != models.ChannelMail {
		t.Errorf("told by %s", told[0].Channel)
	}
}
