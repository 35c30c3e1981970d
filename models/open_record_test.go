package models_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// importMany imports n accounts and returns their identifiers in the database; people call them N-0000 and so on.
func importMany(t *testing.T, env *modelstest.Env, n int) []string {
	t.Helper()
	file := make([]models.ImportedAccount, n)
	for i := range file {
		file[i] = models.ImportedAccount{Line: i + 2, Identifiers: []string{fmt.Sprintf("N-%04d", i)}, FullName: fmt.Sprintf("Person %d", i),
			Status: models.AccountActive}
	}
	if _, err := env.ImportAccounts(env.Context, file, audit.Actor{System: "command"}); err != nil {
		t.Fatal(err)
	}
	ids := make([]string, n)
	for i := range ids {
		ids[i] = env.AccountID(t, file[i].Identifiers[0])
	}
	return ids
}

func count(events []audit.Type, kind audit.Type) int {
	return len(slices.DeleteFunc(slices.Clone(events), func(event audit.Type) bool { return event != kind }))
}

// docs/protocol.md §6 record-harvest: however many a person opens at the same moment, in two sessions and roles, at two
// processes, by searches and by buttons: 120 an hour, and every one of them an event.
func TestOpenedRecordsLimitUnderRaces(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		const limit, more = 120, 16
		accounts := importMany(t, env, limit+more)
		operator := env.Operator(t, "op")
		supervisor := env.SignIn(t, "op", []models.Role{models.Supervisor})
		other := modelstest.Open(t, env.Address, models.Policy{})
		before := env.LastEvent(t)
		for _, account := range accounts[:limit-1] {
			if err := env.OpenRecord(env.Context, operator, account, models.Operator, term.QueryResult); err != nil {
				t.Fatal(err)
			}
		}
		var tries []func() error
		for i, account := range accounts[limit-1:] {
			process, identifier := []*modelstest.Env{env, other}[i%2], fmt.Sprintf("N-%04d", limit-1+i)
			tries = append(tries, []func() error{
				func() error {
					return process.OpenRecord(env.Context, operator, account, models.Operator, term.QueryResult)
				},
				func() error {
					return process.OpenRecord(env.Context, supervisor, account, models.Supervisor, term.QueryRequest)
				},
				func() error { _, err := process.Search(env.Context, operator, identifier); return err },
				func() error { _, err := process.FindAccount(env.Context, supervisor, identifier); return err },
			}[i/2%4])
		}
		opened := 0
		for _, err := range atOnce(tries...) {
			var tooMany *models.TooManyError
			switch {
			case err == nil:
				opened++
			case !errors.As(err, &tooMany) || tooMany.What != models.OpenedRecords:
				t.Errorf("refused with %v", err)
			}
		}
		events := env.Events(t, before)
		if opened != 1 || count(events, audit.AccountOpened) != limit || count(events, audit.DecisionRefused) != more {
			t.Errorf("%d were opened at once; in all %d are on record, with %d refusals", opened, count(events, audit.AccountOpened),
				count(events, audit.DecisionRefused))
		}
	})
}

// The same record, opened by a session several times at the same moment, is one act.
func TestOneRecordOpenedAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		account, operator := env.Account(t, "ada@example.com"), env.Operator(t, "op")
		before := env.LastEvent(t)
		open := func() error { return env.OpenRecord(env.Context, operator, account, models.Operator, term.QueryResult) }
		if err := errors.Join(atOnce(open, open, open, open)...); err != nil {
			t.Fatal(err)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.AccountOpened}) {
			t.Errorf("events %v", got)
		}
	})
}

// What somebody without a counter does about a record keeps it open; reading does not. A decision is read by the person
// who decided, in what they signed in to before, for a claim's length.
func TestHowLongARecordIsOpen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		account := env.AccountID(t, "ada@example.com")
		reads := func(session string, want bool) {
			t.Helper()
			if may, err := env.MayRead(env.Context, session, account); err != nil || may != want {
				t.Errorf("reads: %v, %v, want %v", may, err, want)
			}
		}
		reads(v.operator, true)
		reads(v.supervisor, false)
		if err := env.OpenRecord(env.Context, v.supervisor, account, models.Supervisor, term.QueryRequest); err != nil {
			t.Fatal(err)
		}
		for _, session := range []string{v.operator, v.supervisor} {
			if err := env.OpenRecord(env.Context, session, account, models.Administrator, term.QueryResult); !errors.Is(err, models.ErrNotAllowed) {
				t.Errorf("in a role that they do not have: %v", err)
			}
		}
		env.Clock.Advance(10 * time.Minute)
		reads(v.supervisor, true)
		if err := v.do("recall", v.supervisor); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(10 * time.Minute)
		reads(v.operator, false)
		reads(v.supervisor, true)
		env.Clock.Advance(5 * time.Minute)
		reads(v.supervisor, false)
	})
}
