package models_test

import (
	"strings"
	"testing"
	"time"

	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// noticeRow reads what stands in the row of a notice.
func (v *visit) noticeRow(t *testing.T, id string) (row models.Notice) {
	t.Helper()
	if err := v.Reader().Where("id = ?", id).First(&row).Error; err != nil {
		t.Fatal(err)
	}
	return row
}

// next takes the notice that is due.
func (v *visit) next(t *testing.T) models.DueNotice {
	t.Helper()
	due, ok, err := v.NextNotice(v.Context)
	if err != nil || !ok {
		t.Fatalf("nothing is due: %v", err)
	}
	return due
}

// A process that dies with a mail leaves it to nobody until its claim is over, and nobody knows whether it was taken. So it counts as
// perhaps sent, and a process that dies each time does not send it for ever.
func TestMailsOfDeadProcessesAreBounded(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		first := v.next(t)
		attempts := 1
		for ; attempts < 20; attempts++ {
			v.Clock.Advance(models.ClaimOf(models.ChannelMail))
			due, ok, err := v.NextNotice(v.Context)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			if due.ID != first.ID || due.Unsure != attempts {
				t.Errorf("attempt %d: %+v", attempts+1, due.Notice)
			}
		}
		if row := v.noticeRow(t, first.ID); attempts != 4 || row.Outcome != "failed" || row.Cause != term.UndeliveredUnsure || row.Unsure != 4 {
			t.Errorf("%d attempts, %+v", attempts, row)
		}
	})
}

// A webhook knows a notice by its id and takes it again without harm: what a dead process had is tried like anything else.
func TestPostsOfDeadProcessesAreTriedAgain(t *testing.T) {
	v := newVisit(t, modelstest.SQLite(t, models.Policy{NoticeChannels: []models.Channel{models.ChannelWebhook}}))
	for range 20 {
		if due := v.next(t); due.Unsure != 0 {
			t.Errorf("%+v", due.Notice)
		}
		v.Clock.Advance(models.ClaimOf(models.ChannelWebhook))
	}
}

// What a process gives back is due at once, and counts neither as failed nor as perhaps sent.
func TestReturnedNoticeIsDueAtOnce(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		first := v.next(t)
		if err := v.ReturnNotice(v.Context, first.Notice); err != nil {
			t.Fatal(err)
		}
		again := v.next(t)
		if again.ID != first.ID || again.Unsure != 0 {
			t.Errorf("%+v", again.Notice)
		}
		if err := v.ReturnNotice(v.Context, first.Notice); err != nil { // too late: it is another's
			t.Fatal(err)
		}
		if due, ok, err := v.NextNotice(v.Context); ok || err != nil {
			t.Errorf("taken twice: %+v, %v", due.Notice, err)
		}
	})
}

// RFC 5321 §4.5.4.1: a notice is tried for five days, hours apart in the end, also where it is of use for longer. One that could not be
// tried before, since the channel was down for so long, is tried once more.
func TestNoticeIsTriedForFiveDays(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.to(t, models.Approved)
		begun := v.Clock.Now()
		var tried []time.Duration
		var id string
		for range 7 * 24 * 12 {
			due, ok, err := v.NextNotice(v.Context)
			if err != nil {
				t.Fatal(err)
			}
			if ok && due.Occasion == models.NoticeApproved {
				id, tried = due.ID, append(tried, v.Clock.Now().Sub(begun))
			}
			if ok {
				if _, _, err := v.FailedNotice(v.Context, due.Notice, models.FailedAttempt{Answer: "no"}); err != nil {
					t.Fatal(err)
				}
			}
			v.Clock.Advance(5 * time.Minute)
		}
		last := tried[len(tried)-1]
		if last < 4*24*time.Hour || last > 5*24*time.Hour || last-tried[len(tried)-2] < 4*time.Hour {
			t.Errorf("tried after %v", tried)
		}
		if row := v.noticeRow(t, id); row.Cause != term.UndeliveredLate || row.Answer != "no" {
			t.Errorf("%+v", row)
		}
	})
	v := newVisit(t, modelstest.SQLite(t, models.Policy{NoticeChannels: []models.Channel{models.ChannelMail}}))
	v.to(t, models.Approved)
	v.Clock.Advance(6 * 24 * time.Hour)
	due := v.next(t)
	if _, givenUp, err := v.FailedNotice(v.Context, due.Notice, models.FailedAttempt{}); err != nil || !givenUp {
		t.Errorf("after six days: %v, %v", givenUp, err)
	}
}

// Why a notice was given up stands in its row, and the last answer as far as there is room.
func TestWhyNoticesAreGivenUp(t *testing.T) {
	for _, test := range []struct {
		failed models.FailedAttempt
		cause  term.Undelivered
	}{
		{models.FailedAttempt{Address: true}, term.UndeliveredAddress},
		{models.FailedAttempt{Refused: true, Answer: "code 550"}, term.UndeliveredRefused},
	} {
		telling(t, func(t *testing.T, v *visit) {
			due := v.next(t)
			cause, givenUp, err := v.FailedNotice(v.Context, due.Notice, test.failed)
			row := v.noticeRow(t, due.ID)
			if err != nil || !givenUp || cause != test.cause || row.Cause != cause || row.Answer != test.failed.Answer {
				t.Errorf("%v, %s, %v, %+v", givenUp, cause, err, row)
			}
			if _, again, err := v.FailedNotice(v.Context, due.Notice, test.failed); again || err != nil {
				t.Errorf("given up twice: %v, %v", again, err)
			}
		})
	}
}

// What an attempt came to is shown on a page and on a terminal: nothing in it moves the cursor, and what is long is cut.
func TestAnswerIsForATerminal(t *testing.T) {
	v := newVisit(t, modelstest.SQLite(t, models.Policy{NoticeChannels: []models.Channel{models.ChannelMail}}))
	for answer, want := range map[string]string{
		"valid for \x1b[2Jmail\r\n.example": "valid for [2Jmail.example", "a\xffb": "ab",
		strings.Repeat("x", 199) + "é": strings.Repeat("x", 199),
	} {
		due := v.next(t)
		if _, _, err := v.FailedNotice(v.Context, due.Notice, models.FailedAttempt{Answer: answer}); err != nil {
			t.Fatal(err)
		}
		if row := v.noticeRow(t, due.ID); row.Answer != want {
			t.Errorf("%q is kept as %q, want %q", answer, row.Answer, want)
		}
		v.Clock.Advance(time.Hour)
	}
}
