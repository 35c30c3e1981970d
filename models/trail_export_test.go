package models_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/audit/tree"
	"countersign/models"
	"countersign/models/modelstest"
)

// exported takes an export to its end.
func exported(t *testing.T, env *modelstest.Env, export *models.TrailExport) (rows []models.TrailRow) {
	t.Helper()
	_, err := export.Run(env.Context, func() (int, error) {
		for !export.Done() {
			step, err := export.Step(env.Context)
			if err != nil {
				return len(rows), err
			}
			rows = append(rows, step...)
		}
		return len(rows), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func begun(t *testing.T, env *modelstest.Env, session string, filter audit.Filter) *models.TrailExport {
	t.Helper()
	export, err := env.BeginExport(env.Context, session, filter, term.ExportJSONLines)
	if err != nil {
		t.Fatal(err)
	}
	return export
}

// An export is an event before anything leaves, with who and what was asked for, and another one when it is over.
func TestExportIsAnEvent(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		before := env.LastEvent(t)
		filter := audit.Filter{AccountID: v.account, From: env.Clock.Now().Add(-time.Hour)}
		export := begun(t, env, v.supervisor, filter)
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.TrailExported}) {
			t.Fatalf("before the first step: %v", got)
		}
		rows := exported(t, env, export)
		newest, err := env.Trail(env.Context, audit.Filter{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		ended, began := newest[0].Event, newest[1].Event
		if began.Type != audit.TrailExported || began.Subject != v.account || began.Facts.Reason != "json-lines" ||
			newest[1].StaffName != "Staff super" || !slices.Equal(began.Facts.Filter, filter.Terms()) {
			t.Errorf("it began as %+v", began)
		}
		if ended.Type != audit.TrailExportEnded || ended.Facts.Reason != "whole" || *ended.Facts.Count != len(rows) ||
			ended.Facts.Event != newest[1].ID || ended.Subject != v.account || newest[0].StaffName != "Staff super" {
			t.Errorf("it ended as %+v", ended)
		}
		if len(rows) == 0 || slices.ContainsFunc(rows, func(r models.TrailRow) bool { return r.AccountID != v.account || r.AccountName != "" }) {
			t.Errorf("%d rows, with another account or with the name of one", len(rows))
		}
	})
}

// What is appended while an export is read does not change it: its entries are all of those before the event that began it, each
// once and in order, whatever others write at the same time.
func TestExportWhileEventsAreAppended(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		ctx, stop := context.WithCancel(env.Context)
		var writers sync.WaitGroup
		for i := range 3 {
			writers.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					_, _ = env.AddCounter(ctx, models.NewCounter{Name: fmt.Sprintf("Counter %d-%d", i, n), Address: "A street", Hours: "always",
						TimeZone: "Europe/Berlin"})
				}
			})
		}
		var lasts []int64
		for range 5 {
			export := begun(t, env, v.supervisor, audit.Filter{})
			rows := exported(t, env, export)
			for i, row := range rows {
				if row.Seq != int64(i)+1 {
					t.Fatalf("row %d is entry %d", i, row.Seq)
				}
			}
			if int64(len(rows)) != export.Began.Seq-1 {
				t.Errorf("%d entries before number %d", len(rows), export.Began.Seq)
			}
			lasts = append(lasts, export.Last())
		}
		stop()
		writers.Wait()
		if !slices.IsSorted(lasts) || lasts[4] < lasts[0]+8 {
			t.Errorf("exports up to %v", lasts)
		}
	})
}

// An export that its reader leaves is said to be broken off, with what was written, also when their context is over.
func TestExportBrokenOff(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		ctx, leave := context.WithCancel(env.Context)
		export, err := env.BeginExport(ctx, v.supervisor, audit.Filter{}, term.ExportCSV)
		if err != nil {
			t.Fatal(err)
		}
		written, err := export.Run(ctx, func() (int, error) {
			rows, err := export.Step(ctx)
			leave()
			return len(rows) - 1, err
		})
		if err != nil {
			t.Fatal(err)
		}
		wantBrokenOff(t, env, written)
	})
}

// wantBrokenOff wants that the newest event says so, after so many entries.
func wantBrokenOff(t *testing.T, env *modelstest.Env, written int) {
	t.Helper()
	newest, err := env.Trail(env.Context, audit.Filter{Limit: 1})
	if err != nil || newest[0].Event.Facts.Reason != "broken off" || *newest[0].Event.Facts.Count != written {
		t.Errorf("%+v, %v", newest, err)
	}
}

// A fault of ours in the middle of an export ends it as well: the next one begins.
func TestExportThatFailsLetsTheNextOneBegin(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the fault was swallowed")
				}
			}()
			_, _ = begun(t, env, "", audit.Filter{}).Run(env.Context, func() (int, error) { panic("a fault") })
		}()
		wantBrokenOff(t, env, 0)
		exported(t, env, begun(t, env, "", audit.Filter{}))
	})
}

// Whoever has the whole export makes the root of the checkpoint's tree of its entries: none is left out, and none is another.
func TestExportFitsItsCheckpoint(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		if export := begun(t, env, v.supervisor, audit.Filter{}); len(export.Head.Note) > 0 || len(exported(t, env, export)) == 0 {
			t.Errorf("before there is any: %q", string(export.Head.Note))
		}
		if _, err := env.Sequence(env.Context); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Minute)
		export := begun(t, env, v.supervisor, audit.Filter{})
		var edge tree.Edge
		for _, row := range exported(t, env, export) {
			edge.Append(tree.Leaf(row.Bytes()))
		}
		root := edge.Root()
		lines := strings.Split(string(export.Head.Note), "\n")
		if len(lines) < 3 || lines[1] != strconv.FormatInt(edge.Size(), 10) || lines[2] != base64.StdEncoding.EncodeToString(root[:]) {
			t.Errorf("%d entries with the root %x, the checkpoint is %q", edge.Size(), root, lines)
		}
	})
}

// An export goes on for as long as it takes, but not beyond the end of its session.
func TestExportEndsWithItsSession(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		export := begun(t, env, v.supervisor, audit.Filter{})
		env.Clock.Advance(2 * time.Hour) // idle for too long to do anything else
		if err := env.EndSession(env.Context, v.supervisor); err != nil {
			t.Fatal(err)
		}
		if rows, err := export.Step(env.Context); !errors.Is(err, models.ErrSessionEnded) || len(rows) > 0 {
			t.Errorf("%d rows, %v", len(rows), err)
		}
		if _, err := export.Run(env.Context, func() (int, error) { return 0, nil }); err != nil {
			t.Error(err)
		}
		exported(t, env, begun(t, env, "", audit.Filter{}))
	})
}

// Who may not, and what nobody has, leaves no event: what somebody typed must not stand in one.
func TestExportRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		before := env.LastEvent(t)
		unknown := &models.UnknownFilterError{}
		for name, test := range map[string]struct {
			session string
			filter  audit.Filter
			is      func(error) bool
		}{
			"an operator":       {v.operator, audit.Filter{}, func(err error) bool { return errors.Is(err, models.ErrNotAllowed) }},
			"no session":        {"nobody", audit.Filter{}, func(err error) bool { return errors.Is(err, models.ErrSessionEnded) }},
			"an unknown staff":  {v.supervisor, audit.Filter{StaffID: "Anna Example"}, func(err error) bool { return errors.As(err, &unknown) }},
			"an unknown app":    {v.supervisor, audit.Filter{SoftwareID: "test-app"}, func(err error) bool { return errors.As(err, &unknown) }},
			"an unknown client": {v.supervisor, audit.Filter{ClientID: "K-1001"}, func(err error) bool { return errors.As(err, &unknown) }},
			"an unknown type":   {v.supervisor, audit.Filter{Type: "code-guessed"}, func(err error) bool { return errors.As(err, &unknown) }},
			"a type among some": {"", audit.Filter{Types: []audit.Type{"code-guessed"}}, func(err error) bool { return errors.As(err, &unknown) }},
		} {
			if _, err := env.BeginExport(env.Context, test.session, test.filter, term.ExportCSV); !test.is(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := env.Events(t, before); len(got) > 0 {
			t.Errorf("events %v", got)
		}
	})
}

// A process exports once at a time, and refusals keep nobody waiting.
func TestExportsOneAtATime(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	first := begun(t, env, v.supervisor, audit.Filter{})
	if _, err := env.BeginExport(env.Context, v.supervisor, audit.Filter{}, term.ExportCSV); !errors.Is(err, models.ErrExportRunning) {
		t.Errorf("a second one: %v", err)
	}
	exported(t, env, first)
	exported(t, env, begun(t, env, v.supervisor, audit.Filter{}))
}
