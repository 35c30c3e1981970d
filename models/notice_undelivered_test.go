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

// refused gives up all notices that are due.
func (v *visit) refused(t *testing.T) (ids []string) {
	t.Helper()
	for {
		due, ok, err := v.NextNotice(v.Context)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return ids
		}
		refused := models.FailedAttempt{Refused: true, Answer: "code 550"}
		if _, givenUp, err := v.FailedNotice(v.Context, due.Notice, refused); err != nil || !givenUp {
			t.Fatal(givenUp, err)
		}
		ids = append(ids, due.ID)
		v.Clock.Advance(time.Second)
	}
}

// refusedMails is a choice.
func refusedMails() models.UndeliveredChoice {
	return models.UndeliveredChoice{Channel: models.ChannelMail, Cause: term.UndeliveredRefused}
}

// strangers makes requests for so many accounts, each of which is told of.
func (v *visit) strangers(t *testing.T, accounts int) {
	t.Helper()
	for i := range accounts {
		hint := fmt.Sprintf("stranger-%d@example.com", i)
		v.Import(t, models.AccountActive, hint)
		v.Request(t, v.Client(t), hint)
	}
}

// Notices that were given up are counted by way and cause, and listed a page at a time, each once, the newest first.
func TestUndeliveredNoticesAreListed(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		if groups, err := v.UndeliveredGroups(v.Context); err != nil || len(groups) != 0 {
			t.Fatalf("%+v, %v", groups, err)
		}
		began := v.Clock.Now()
		v.strangers(t, 119)
		ids := v.refused(t)
		groups, err := v.UndeliveredGroups(v.Context)
		want := models.UndeliveredGroup{Channel: models.ChannelMail, Cause: term.UndeliveredRefused, Count: 120, Since: models.At(began)}
		if err != nil || len(groups) != 1 || groups[0] != want {
			t.Fatalf("%+v, %v", groups, err)
		}
		var listed []string
		var pages []int
		next := &models.UndeliveredPlace{}
		for next != nil {
			page, after, err := v.UndeliveredNotices(v.Context, want.Channel, want.Cause, *next)
			if err != nil {
				t.Fatal(err)
			}
			for _, notice := range page {
				listed = append(listed, notice.ID)
			}
			pages, next = append(pages, len(page)), after
		}
		slices.Reverse(listed)
		if !slices.Equal(listed, ids) || !slices.Equal(pages, []int{50, 50, 20}) {
			t.Errorf("pages of %v", pages)
		}
		page, _, err := v.UndeliveredNotices(v.Context, models.ChannelMail, term.UndeliveredLate, models.UndeliveredPlace{})
		if err != nil || len(page) > 0 {
			t.Errorf("of another cause: %d, %v", len(page), err)
		}
	})
}

// All of a cause are sent again, in parts, each of them an event; each is told once, and after what happens meanwhile.
func TestUndeliveredNoticesAreSentAgain(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.strangers(t, 299)
		failed := v.refused(t)
		before := v.LastEvent(t)
		came, err := v.ResendNotices(v.Context, "", refusedMails())
		if err != nil || came != (models.UndeliveredOutcome{Again: 300}) {
			t.Fatalf("%+v, %v", came, err)
		}
		if got := v.Events(t, before); !slices.Equal(got, []audit.Type{audit.NoticesResent, audit.NoticesResent}) {
			t.Errorf("events %v", got)
		}
		v.to(t, models.Approved)
		told := v.told(t)
		if len(told) == 0 || told[0].Occasion != models.NoticeApproved {
			t.Fatalf("%d told, an approval not first", len(told))
		}
		var again []string
		for _, due := range told[1:] {
			again = append(again, due.ID)
		}
		slices.Sort(again)
		known := !slices.ContainsFunc(again, func(id string) bool { return !slices.Contains(failed, id) })
		if want := len(failed) - 1; len(slices.Compact(again)) != want || !known { // without the one of the request that is decided by now
			t.Errorf("%d told again, want %d", len(again), want)
		}
		if groups, err := v.UndeliveredGroups(v.Context); err != nil || len(groups) > 0 {
			t.Errorf("%+v, %v", groups, err)
		}
	})
}

// What is out of date is put aside instead: a request that ended, a contact from before. What happened to an account is told also when
// it is a while ago, for as long as its link is good.
func TestOutOfDateNoticesAreNotSentAgain(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.refused(t) // of the request
		v.to(t, models.Approved)
		approved := v.refused(t)
		v.Clock.Advance(9 * 24 * time.Hour)
		came, err := v.ResendNotices(v.Context, "", refusedMails())
		if err != nil || came != (models.UndeliveredOutcome{Again: 1, Aside: 1}) {
			t.Fatalf("%+v, %v", came, err)
		}
		told := v.told(t)
		if len(told) != 1 || told[0].ID != approved[0] || told[0].Link == "" {
			t.Errorf("told %v", occasions(told))
		}
	})
}

// One is chosen by its identifier: the event is about its account. It is sent again once, and put aside once, by an administrator alone.
func TestOneUndeliveredNotice(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.to(t, models.Approved)
		ids := v.refused(t)
		admin := v.SignIn(t, "admin", []models.Role{models.Administrator})
		one := models.UndeliveredChoice{ID: ids[0]}
		for session, want := range map[string]error{
			v.operator: models.ErrNotAllowed, v.supervisor: models.ErrNotAllowed, "none": models.ErrSessionEnded,
		} {
			for _, choice := range []models.UndeliveredChoice{one, refusedMails()} {
				if _, err := v.ResendNotices(v.Context, session, choice); !errors.Is(err, want) {
					t.Errorf("%s, %+v: %v, want %v", session, choice, err, want)
				}
			}
		}
		if came, err := v.ResendNotices(v.Context, admin, one); err != nil || came.Again != 1 {
			t.Fatalf("%+v, %v", came, err)
		}
		if row := trailOf(t, v.Env, audit.NoticesResent); row.AccountID == "" || row.StaffID == "" {
			t.Errorf("%+v", row)
		}
		for _, id := range []string{ids[0], "nothing"} {
			if _, err := v.SetAsideNotices(v.Context, admin, models.UndeliveredChoice{ID: id}); err != models.ErrNotFound {
				t.Errorf("%s: %v", id, err)
			}
		}
		v.refused(t)
		if came, err := v.SetAsideNotices(v.Context, admin, one); err != nil || came.Aside != 1 {
			t.Errorf("%+v, %v", came, err)
		}
		v.Clock.Advance(24 * time.Hour)
		if told := v.told(t); len(told) > 0 {
			t.Errorf("told %v", occasions(told))
		}
	})
}

// A command that acts in many calls ends, also where a receiver refuses as fast as it is sent again: what is given up after the command
// began waits for the next one.
func TestUndeliveredNoticesAreSentAgainOnce(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		first := v.refused(t)
		chosen := refusedMails()
		chosen.Until = models.At(v.Clock.Now())
		v.Clock.Advance(time.Second)
		for _, want := range []int{len(first), 0} {
			if came, err := v.ResendNotices(v.Context, "", chosen); err != nil || came != (models.UndeliveredOutcome{Again: want}) {
				t.Errorf("%+v, %v, want %d", came, err, want)
			}
			v.refused(t)
		}
		if came, err := v.ResendNotices(v.Context, "", refusedMails()); err != nil || came.Again != len(first) {
			t.Errorf("without a bound: %+v, %v", came, err)
		}
	})
}

// What strangers can cause floods no mailbox when it is sent again either: one an hour, as it was written.
func TestResentNoticesOfStrangersAreBounded(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		failed := len(v.refused(t))
		for range 2 {
			v.Clock.Advance(time.Hour)
			v.Request(t, v.client, "ada@example.com")
			failed += len(v.refused(t))
		}
		if came, err := v.ResendNotices(v.Context, "", refusedMails()); err != nil || came.Again != 3 || failed != 3 {
			t.Fatalf("%+v, %v, %d failed", came, err, failed)
		}
		v.Clock.Advance(2 * time.Hour)
		for i := range 3 {
			if told := v.told(t); len(told) != 1 {
				t.Errorf("hour %d: %d told", i, len(told))
			}
			v.Clock.Advance(time.Hour)
		}
	})
}

// What a channel would have to send that is not set up any more stays where it is, one and all, and no event says otherwise.
func TestNothingIsSentAgainByAChannelThatIsNotSetUp(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		ids := v.refused(t)
		before := v.LastEvent(t)
		store := modelstest.Open(t, v.Address, models.Policy{NoticeChannels: []models.Channel{models.ChannelWebhook}})
		for _, choice := range []models.UndeliveredChoice{refusedMails(), {ID: ids[0]}} {
			came, err := store.ResendNotices(v.Context, "", choice)
			if down, is := errors.AsType[*models.ChannelNotSetUpError](err); !is || down.Channel != models.ChannelMail || came.Again+came.Aside > 0 {
				t.Errorf("%+v: %+v, %v", choice, came, err)
			}
		}
		groups, err := v.UndeliveredGroups(v.Context)
		if got := v.Events(t, before); err != nil || len(groups) != 1 || groups[0].Count != len(ids) || len(got) > 0 {
			t.Errorf("%+v, events %v, %v", groups, got, err)
		}
	})
}
