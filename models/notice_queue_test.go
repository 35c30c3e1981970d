package models_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"countersign/models"
)

// What strangers can cause is one waiting notice for an account and channel, and tells of the newest request.
func TestStrangersNoticesAreOneThatWaits(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		newest := v.codes.DeviceAuthorizationID
		for range 20 {
			newest = v.Request(t, v.Client(t), "ada@example.com").DeviceAuthorizationID
			v.Request(t, v.Client(t), "nobody@example.com")
			v.Clock.Advance(time.Second)
		}
		var waiting int64
		if err := v.Reader().Raw("SELECT count(*) FROM notices WHERE outcome = ''").Scan(&waiting).Error; err != nil || waiting != 1 {
			t.Errorf("%d notices wait, %v", waiting, err)
		}
		told := v.told(t)
		if len(told) != 1 || told[0].Request.ID != newest || told[0].Waiting != 21 {
			t.Errorf("told %+v", told)
		}
	})
}

// An approval's notice goes before everything that strangers caused, however much of that is due.
func TestSecurityNoticesComeFirst(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.told(t)
		for i := range 25 {
			hint := fmt.Sprintf("stranger-%d@example.com", i)
			v.Import(t, models.AccountActive, hint)
			v.Request(t, v.Client(t), hint)
		}
		v.Clock.Advance(time.Minute)
		v.to(t, models.Approved)
		security, ok, err := v.NextSecurityNotice(v.Context)
		if err != nil || !ok || security.Occasion != models.NoticeApproved {
			t.Fatalf("%s, %v, %v", security.Occasion, ok, err)
		}
		if _, ok, err := v.NextSecurityNotice(v.Context); ok || err != nil {
			t.Errorf("a sender of security notices is given another: %v, %v", ok, err)
		}
		v.Clock.Advance(models.ClaimOf(models.ChannelMail)) // the claim is over
		first, ok, err := v.NextNotice(v.Context)
		if err != nil || !ok || first.Occasion != models.NoticeApproved {
			t.Errorf("first is %s, %v, %v", first.Occasion, ok, err)
		}
	})
}

// Who waits for notices hears of one that a transaction committed, and of nothing that strangers caused.
func TestNoticeWritten(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		rung := func(written <-chan struct{}) bool {
			select {
			case <-written:
				return true
			default:
				return false
			}
		}
		written := v.NoticeWritten()
		v.Request(t, v.Client(t), "ada@example.com")
		v.to(t, models.Matched)
		if rung(written) {
			t.Error("a request or a match wakes senders")
		}
		v.to(t, models.Approved)
		if !rung(written) || rung(v.NoticeWritten()) {
			t.Error("an approval wakes no sender, or wakes for ever")
		}
	})
}

// A reminder that meets a waiting notice of the account comes after it, and is not lost.
func TestReminderWaitsForTheNoticeBeforeIt(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.told(t)
		v.Clock.Advance(5*24*time.Hour + time.Minute)
		v.Request(t, v.Client(t), "ada@example.com")
		for range 3 {
			if err := v.RemindOfDeadlines(v.Context); err != nil {
				t.Fatal(err)
			}
		}
		if told := occasions(v.told(t)); !slices.Equal(told, []models.Occasion{models.NoticeRequested}) {
			t.Errorf("told %v", told)
		}
		if err := v.RemindOfDeadlines(v.Context); err != nil {
			t.Fatal(err)
		}
		v.Clock.Advance(time.Hour)
		if told := occasions(v.told(t)); !slices.Equal(told, []models.Occasion{models.NoticePendingDeadline}) {
			t.Errorf("told %v", told)
		}
	})
}
