package models_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// telling runs a test on both databases with notices by mail.
func telling(t *testing.T, test func(t *testing.T, v *visit)) {
	t.Helper()
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			policy := models.Policy{NoticeChannels: []models.Channel{models.ChannelMail}}
			test(t, newVisit(t, modelstest.Open(t, modelstest.Migrated(t, dialect), policy)))
		})
	}
}

// told takes every notice that is due and says that it was sent.
func (v *visit) told(t *testing.T) []models.DueNotice {
	t.Helper()
	var all []models.DueNotice
	for {
		due, ok, err := v.NextNotice(v.Context)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return all
		}
		if err := v.SentNotice(v.Context, due.Notice); err != nil {
			t.Fatal(err)
		}
		all = append(all, due)
	}
}

func occasions(notices []models.DueNotice) []models.Occasion {
	var all []models.Occasion
	for _, notice := range notices {
		all = append(all, notice.Occasion)
	}
	return all
}

// wantTold compares what was told, in any order within a millisecond, and that the trail
// says so without an address.
func (v *visit) wantTold(t *testing.T, want ...models.Occasion) []models.DueNotice {
	t.Helper()
	before := v.LastEvent(t)
	told := v.told(t)
	slices.SortStableFunc(told, func(a, b models.DueNotice) int {
		return slices.Index(models.Occasions(), a.Occasion) - slices.Index(models.Occasions(), b.Occasion)
	})
	if !slices.Equal(occasions(told), want) {
		t.Errorf("told %v, want %v", occasions(told), want)
	}
	if got := v.Events(t, before); len(got) != len(want) ||
		slices.ContainsFunc(got, func(e audit.Type) bool { return e != audit.NoticeSent }) {
		t.Errorf("events %v", got)
	}
	return told
}

// NIST SP 800-63A-4, a notice of proofing: each transition is told, once, to the
// contact that the account has when it is sent.
func TestEveryTransitionIsTold(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		first := v.wantTold(t, models.NoticeRequested)
		if len(first) == 1 && (first[0].Contact != "contact.ada@example.com" || first[0].Waiting != 1 || first[0].Link == "") {
			t.Errorf("%+v", first[0])
		}
		v.to(t, models.Redeemed)
		told := v.wantTold(t, models.NoticeApproved, models.NoticeRedeemed)
		if len(told) == 2 && (told[0].Counter.TimeZone != "Europe/Berlin" || told[0].Binding.ID == "") {
			t.Errorf("%+v", told[0])
		}
		v.Clock.Advance(11 * time.Minute)
		if err := v.RevokeBinding(v.Context, v.supervisor, told[0].Binding.ID, "device_lost"); err != nil {
			t.Fatal(err)
		}
		last := v.wantTold(t, models.NoticeRevoked)
		if last[0].Link != "" {
			t.Error("a notice of what has ended offers to end it")
		}
		v.wantTold(t)
	})
}

func TestDeclineAndRecallAreTold(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.to(t, models.Declined)
		v.wantTold(t, models.NoticeDeclined) // the request waits no more, and is not told of
		v.Clock.Advance(time.Minute)
		v.codes = v.Request(t, v.client, "ada@example.com")
		v.to(t, models.Approved)
		if err := v.Recall(v.Context, v.supervisor, v.codes.DeviceAuthorizationID, "operator_error"); err != nil {
			t.Fatal(err)
		}
		v.wantTold(t, models.NoticeApproved, models.NoticeRevoked)
	})
}

// A refused transition writes nothing, and without a channel nothing is written at all.
func TestNothingIsToldOfWhatDidNotHappen(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.wantTold(t, models.NoticeRequested)
		if _, err := v.ApproveShown(v.operator, v.codes.DeviceAuthorizationID); err == nil {
			t.Fatal("approved without a match")
		}
		v.wantTold(t)
	})
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	v.to(t, models.Redeemed)
	var rows int64
	if err := env.Reader().Raw("SELECT count(*) FROM notices").Scan(&rows).Error; err != nil || rows != 0 {
		t.Errorf("%d notices for nobody, %v", rows, err)
	}
}

// A request for an identifier that names nobody leaves the same row as another and is told
// to nobody (docs/architecture.md §4.1).
func TestNobodyIsTold(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.wantTold(t, models.NoticeRequested)
		v.Request(t, v.Client(t), "nobody@example.com")
		v.wantTold(t)
		v.Clock.Advance(8 * 24 * time.Hour)
		v.wantTold(t)
	})
}

// Nobody's mailbox is flooded by naming them: one notice an hour and five a day of what
// strangers can cause; what comes meanwhile is one notice more, which says how many wait.
func TestStrangersNoticesAreBounded(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		var hours []int
		for hour := range 50 {
			for range 3 {
				v.Request(t, v.Client(t), "ada@example.com")
			}
			for range v.told(t) {
				hours = append(hours, hour)
			}
			v.Clock.Advance(time.Hour)
		}
		if want := []int{0, 1, 2, 3, 4, 24, 25, 26, 27, 28, 48, 49}; !slices.Equal(hours, want) {
			t.Errorf("told in the hours %v, want %v", hours, want)
		}
		before := v.LastEvent(t)
		for range 20 {
			v.Request(t, v.Client(t), "ada@example.com")
		}
		asked := v.LastEvent(t)
		v.Clock.Advance(30 * 24 * time.Hour) // the requests are over before their notices' turns come
		if told := v.told(t); len(told) != 0 {
			t.Errorf("told of %v", occasions(told))
		}
		if got := v.Events(t, asked); len(got) != 0 || asked == before {
			t.Errorf("events %v of what was never tried", got)
		}
	})
}

// One reminder a window, two days before it ends, however often the sweep runs.
func TestDeadlinesAreToldOnce(t *testing.T) {
	const day = 24 * time.Hour
	telling(t, func(t *testing.T, v *visit) {
		remind := func() {
			t.Helper()
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					if err := v.RemindOfDeadlines(v.Context); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		v.wantTold(t, models.NoticeRequested)
		v.Clock.Advance(5*day - time.Second)
		remind()
		v.wantTold(t)
		v.Clock.Advance(time.Second)
		remind()
		v.wantTold(t, models.NoticePendingDeadline)
		remind()
		v.wantTold(t)

		v.signIn(t)
		v.to(t, models.Approved)
		remind()
		v.wantTold(t, models.NoticeApproved)
		v.Clock.Advance(5 * day)
		remind()
		v.wantTold(t, models.NoticeRedemptionDeadline)
		if err := v.do("redeem", ""); err != nil {
			t.Fatal(err)
		}
		remind()
		v.wantTold(t, models.NoticeRedeemed)
	})
}

// Attempts lie further and further apart; what is of no use any more is given up, and that
// is an event.
func TestNoticeIsTriedAgainAndGivenUp(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		before := v.LastEvent(t)
		var pauses []time.Duration
		last := v.Clock.Now()
		for range 7 * 24 * 60 {
			due, ok, err := v.NextNotice(v.Context)
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				pauses = append(pauses, v.Clock.Now().Sub(last))
				last = v.Clock.Now()
				if _, _, err := v.FailedNotice(v.Context, due.Notice, models.FailedAttempt{}); err != nil {
					t.Fatal(err)
				}
			}
			v.Clock.Advance(time.Minute)
		}
		if len(pauses) < 20 || len(pauses) > 60 || pauses[2] > 4*time.Minute || pauses[len(pauses)-1] < 4*time.Hour {
			t.Errorf("%d attempts: %v", len(pauses), pauses)
		}
		if got := v.Events(t, before); !slices.Equal(got, []audit.Type{audit.NoticeFailed}) {
			t.Errorf("events %v", got)
		}
	})
}

// What will never work is not tried again.
func TestNoticeFailsForGood(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		due, _, err := v.NextNotice(v.Context)
		if err != nil {
			t.Fatal(err)
		}
		before := v.LastEvent(t)
		if _, _, err := v.FailedNotice(v.Context, due.Notice, models.FailedAttempt{Refused: true}); err != nil {
			t.Fatal(err)
		}
		v.Clock.Advance(time.Hour)
		if got := v.Events(t, before); !slices.Equal(got, []audit.Type{audit.NoticeFailed}) {
			t.Errorf("events %v", got)
		}
		v.wantTold(t)
	})
}

// Of several workers exactly one sends a notice; one that died is stood in for after its
// lease, and its late word changes nothing.
func TestNoticeIsOneWorkers(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.to(t, models.Redeemed)
		var mu sync.Mutex
		taken := map[string]int{}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for {
					due, ok, err := v.NextNotice(v.Context)
					if err != nil {
						t.Error(err)
					}
					if !ok {
						return
					}
					mu.Lock()
					taken[due.ID]++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		for id, times := range taken {
			if times != 1 {
				t.Errorf("%s was taken %d times", id, times)
			}
		}
		if len(taken) == 0 {
			t.Fatal("nothing was taken")
		}
		for range v.told(t) {
			taken["more"]++ // a worker that found another one's row gave up for this round
		}
		if len(taken) < 2 {
			t.Errorf("taken: %v", taken)
		}
	})
}

func TestDeadWorkerIsStoodInFor(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		dead, ok, err := v.NextNotice(v.Context)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		v.Clock.Advance(models.ClaimOf(models.ChannelMail) - time.Second)
		v.wantTold(t)
		v.Clock.Advance(time.Second)
		v.wantTold(t, models.NoticeRequested)
		before := v.LastEvent(t)
		if err := v.SentNotice(v.Context, dead.Notice); err != nil {
			t.Fatal(err)
		}
		if _, _, err := v.FailedNotice(v.Context, dead.Notice, models.FailedAttempt{Refused: true}); err != nil {
			t.Fatal(err)
		}
		if got := v.Events(t, before); len(got) != 0 {
			t.Errorf("a late word made the events %v", got)
		}
	})
}
