package models_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// busyTrail is a trail with visits that ended in several ways, hours apart, and returns its entries, oldest first.
func busyTrail(t *testing.T, env *modelstest.Env) []audit.Entry {
	t.Helper()
	v := newVisit(t, env)
	for i, state := range []models.State{models.Redeemed, models.Declined, models.Approved, models.Matched} {
		v.Clock.Advance(time.Duration(i) * 3 * time.Hour)
		v.signIn(t)
		v.codes = env.Request(t, v.client, "ada@example.com")
		v.to(t, state)
	}
	of, _ := env.ClientOf(t, "other-app")
	env.Request(t, of, "ada@example.com")
	wrong, err := oauth.ParseUserCode("BCDFGHJK")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := env.Match(env.Context, v.other, v.account, wrong); err == nil {
		t.Fatal("a wrong code matched")
	}
	var entries []audit.Entry
	if err := env.Reader().Order("seq").Find(&entries).Error; err != nil || len(entries) < 40 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	return entries
}

// appsOf are the software_ids of all clients.
func appsOf(t *testing.T, env *modelstest.Env) map[string]string {
	t.Helper()
	var clients []models.Client
	if err := env.Reader().Find(&clients).Error; err != nil {
		t.Fatal(err)
	}
	apps := map[string]string{}
	for _, client := range clients {
		apps[client.ID] = client.SoftwareID
	}
	return apps
}

// finds reports whether the filter means the event, from what its SET says and which app its client is of.
func finds(t *testing.T, f audit.Filter, entry audit.Entry, apps map[string]string) bool {
	t.Helper()
	event, err := entry.Decode()
	if err != nil {
		t.Fatal(err)
	}
	results := map[audit.Type]audit.Result{audit.DeviceBindingApproved: audit.ResultApproved,
		audit.DeviceAuthorizationDeclined: audit.ResultDeclined, audit.DeviceBindingRedeemed: audit.ResultRedeemed,
		audit.CodeMatchFailed: audit.ResultRefused}
	staff := ""
	if event.Facts.Actor != nil {
		staff = event.Facts.Actor.Staff
	}
	for asked, is := range map[string]string{
		f.AccountID: event.Subject, f.ClientID: event.Facts.Client, f.StaffID: staff, f.CounterID: event.Facts.Counter,
		f.Reason: event.Facts.Reason, f.Presence: event.Facts.Presence, string(f.Type): string(event.Type),
		f.SoftwareID: apps[event.Facts.Client], string(f.Result): string(results[event.Type]),
	} {
		if asked != "" && asked != is {
			return false
		}
	}
	at := time.UnixMilli(entry.OccurredAt)
	return (f.From.IsZero() || !at.Before(f.From)) && (f.Until.IsZero() || at.Before(f.Until)) &&
		(len(f.Types) == 0 || slices.Contains(f.Types, event.Type))
}

// drawn is a filter that means at least what one of the entries has in common with others.
func drawn(t *testing.T, dice *rand.Rand, entries []audit.Entry, apps map[string]string) audit.Filter {
	t.Helper()
	entry := entries[dice.IntN(len(entries))]
	event, err := entry.Decode()
	if err != nil {
		t.Fatal(err)
	}
	f := audit.Filter{Limit: 1 + dice.IntN(7)}
	for _, set := range []func(){
		func() { f.AccountID = entry.AccountID }, func() { f.ClientID = entry.ClientID }, func() { f.StaffID = entry.StaffID },
		func() { f.CounterID = entry.CounterID }, func() { f.Reason = event.Facts.Reason }, func() { f.Presence = event.Facts.Presence },
		func() { f.Type = event.Type }, func() { f.From = time.UnixMilli(entry.OccurredAt) },
		func() { f.Until = time.UnixMilli(entry.OccurredAt + int64(dice.IntN(2))) },
		func() { f.Result = audit.Results()[dice.IntN(len(audit.Results()))] },
		func() { f.Types = []audit.Type{event.Type, audit.DeviceBindingApproved} },
		func() { f.SoftwareID = apps[entry.ClientID] },
		func() { f.Examine = 3 + dice.IntN(20) },
	} {
		if dice.IntN(4) == 0 {
			set()
		}
	}
	return f
}

// Every combination of what can be asked finds what the SETs say, page after page, newest first, nothing twice and nothing
// left out, also where a search looks at a few entries only and goes on.
func TestSearchFindsWhatTheTrailSays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		entries := busyTrail(t, env)
		apps := appsOf(t, env)
		dice := rand.New(rand.NewPCG(13, 1)) //nolint:gosec // the same filters each time
		met := 0
		for range 300 {
			f := drawn(t, dice, entries, apps)
			var want, got []int64
			for _, entry := range slices.Backward(entries) {
				if finds(t, f, entry, apps) {
					want = append(want, entry.Seq)
				}
			}
			met += len(want)
			for page, more := f, true; more; {
				found, err := env.SearchTrail(env.Context, page)
				if err != nil || found.Behind {
					t.Fatalf("%+v: %v, behind %v", f, err, found.Behind)
				}
				for _, row := range found.Rows {
					got = append(got, row.Seq)
				}
				page.Before = found.Further
				if more = found.Further != 0; len(found.Rows) == f.Limit {
					page.Before, more = found.Rows[f.Limit-1].Seq, true
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%+v:\ngot  %v\nwant %v", f, got, want)
			}
		}
		if met < 500 {
			t.Errorf("300 filters met %d events", met)
		}
	})
}

// Whatever is wrong with the search table is found, told with its number, and mended by reindexing; what is not filled in yet is
// no fault.
func TestSearchTableIsHeldAgainstTheTrail(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		last := int64(len(busyTrail(t, env)))
		writer := models.WriterForTest(env.Database)
		if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() || report.Search.Waiting != last {
			t.Fatalf("before the first search: %+v, %v", report, err)
		}
		if _, err := env.SearchTrail(env.Context, audit.Filter{}); err != nil {
			t.Fatal(err)
		}
		for change, first := range map[string]int64{
			"SELECT 1": 0,
			"UPDATE audit_search SET occurred_at = occurred_at + 1 WHERE seq = 7":                                        7,
			"UPDATE audit_search SET type = 'staff-signed-in' WHERE seq = 8":                                             8,
			"UPDATE audit_search SET account_id = 'x' WHERE seq = 9":                                                     9,
			"UPDATE audit_search SET client_id = 'x' WHERE seq = 10":                                                     10,
			"UPDATE audit_search SET staff_id = 'x' WHERE seq = 11":                                                      11,
			"UPDATE audit_search SET counter_id = 'x' WHERE seq = 12":                                                    12,
			"UPDATE audit_search SET reason = 'x' WHERE seq = 13":                                                        13,
			"UPDATE audit_search SET presence = 'x' WHERE seq = 14":                                                      14,
			"UPDATE audit_search SET result = 'x' WHERE seq = 15":                                                        15,
			"DELETE FROM audit_search WHERE seq IN (16, 17)":                                                             16,
			"INSERT INTO audit_search SELECT 1000000, 0, '', '', '', '', '', '', '', '' FROM audit_search WHERE seq = 1": 1_000_000,
			"INSERT INTO audit_search SELECT -1, 0, '', '', '', '', '', '', '', '' FROM audit_search WHERE seq = 1":      -1,
		} {
			if err := writer.Exec(change).Error; err != nil {
				t.Fatal(change, err)
			}
			report, err := env.VerifyTrail(env.Context)
			if err != nil || report.OK() != (first == 0) || report.Search.First != first || report.Search.Waiting != 0 {
				t.Errorf("%s: %+v, %v", change, report, err)
			}
			mended, err := env.Reindex(env.Context, func(int64) {})
			if err != nil || int64(mended) != report.Search.Wrong {
				t.Errorf("%s: mended %d, %v", change, mended, err)
			}
			if report, err := audit.VerifySearch(env.Context, env.Reader()); err != nil || report != (audit.SearchReport{}) {
				t.Errorf("%s, mended: %+v, %v", change, report, err)
			}
		}
		if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() {
			t.Errorf("all mended: %v, %v", report.Problems(), err)
		}
	})
}

// What the program before this one wrote is searchable after the update, and what it writes beside this one after the next
// sweep.
func TestEventsOfAnEarlierProgramAreSearchable(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		last := int64(len(busyTrail(t, env)))
		for _, fill := range []func() error{
			func() error { _, err := env.MigrateUp(env.Context); return err },
			func() error { return env.Sweep(env.Context) },
		} {
			if err := fill(); err != nil {
				t.Fatal(err)
			}
			if behind, err := audit.SearchBehind(env.Reader()); err != nil || behind {
				t.Errorf("after %d: %v", last, err)
			}
			env.Client(t)
		}
	})
}

// Among the newest events, to which the search table has not come, those of the types that are asked for are found by their index:
// who verifies asks for each five hundred accounts, and would read all of the newest each time.
func TestNewestEventsOfAccountsAreFoundByType(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	statements, values := []string{}, [][]any{}
	env.Watch(func(statement string, with []any) {
		statements, values = append(statements, statement), append(values, slices.Clone(with))
	})
	var entries []audit.Entry
	err := audit.OfAccounts(env.Reader(), []string{"ada", "grace"}, audit.AccountChanged, audit.AccountErased).Find(&entries).Error
	_, other := audit.List(env.Reader(), audit.Filter{AccountID: "ada", Type: audit.AccountErased, Limit: 1})
	if err := errors.Join(err, other); err != nil {
		t.Fatal(err)
	}
	for i, statement := range statements[:2] {
		var steps []struct{ Detail string }
		if err := env.Reader().Raw("EXPLAIN QUERY PLAN "+statement, values[i]...).Scan(&steps).Error; err != nil {
			t.Fatal(err)
		}
		if plan := fmt.Sprint(steps); !strings.Contains(plan, "USING INDEX audit_events_type (type=? AND seq>?)") {
			t.Errorf("%s\n%s", statement, plan)
		}
	}
}

// While the database cannot be written the trail is searched as far as it was prepared, and the page is told.
func TestSearchWhileTheDatabaseIsBusy(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Account(t, "ada@example.com")
		before, err := env.SearchTrail(env.Context, audit.Filter{})
		if err != nil || before.Behind || len(before.Rows) == 0 {
			t.Fatalf("%+v, %v", before, err)
		}
		env.Account(t, "grace@example.com")
		database, err := models.ConnectWaiting(env.Context, env.Address, 20*time.Millisecond, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = database.Close() })
		impatient, err := models.Open(env.Context, database, config(env, modelstest.MasterKey()))
		if err != nil {
			t.Fatal(err)
		}
		release := modelstest.Hold(t, env.Address)
		found, err := impatient.SearchTrail(env.Context, audit.Filter{})
		release()
		if err != nil || !found.Behind || len(found.Rows) != len(before.Rows) {
			t.Errorf("held: behind %t, %d rows, %v", found.Behind, len(found.Rows), err)
		}
		found, err = env.SearchTrail(env.Context, audit.Filter{})
		if err != nil || found.Behind || len(found.Rows) <= len(before.Rows) {
			t.Errorf("afterwards: behind %t, %d rows, %v", found.Behind, len(found.Rows), err)
		}
	})
}
