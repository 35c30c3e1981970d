package oauth_test

import (
	"testing"
	"time"

	"countersign/oauth"
)

// RFC 8628 §3.5 over every state at both boundaries, −1 s, 0 and +1 s (docs/protocol.md §6 decline-is-heard, window-over, steady-poller).
func TestVerdict(t *testing.T) {
	week := 7 * 24 * time.Hour
	pendingUntil, redeemUntil := now.Add(week), now.Add(10*24*time.Hour)
	const (
		pending, approved, declined, recalled, redeemed = "pending", "approved", "declined", "recalled", "redeemed"
	)
	for _, tc := range []struct {
		state string
		when  time.Time
		slow  oauth.PollVerdict // at the interval
		fast  oauth.PollVerdict // faster than the interval
	}{
		{pending, now, oauth.Pending, oauth.SlowDown},
		{pending, pendingUntil.Add(-time.Second), oauth.Pending, oauth.SlowDown},
		{pending, pendingUntil, oauth.Expired, oauth.Expired},
		{pending, pendingUntil.Add(time.Second), oauth.Expired, oauth.Expired},
		{declined, now, oauth.Denied, oauth.Denied},
		{declined, pendingUntil.Add(-time.Second), oauth.Denied, oauth.Denied},
		{declined, pendingUntil, oauth.Expired, oauth.Expired},
		{approved, now, oauth.Redeem, oauth.Redeem},
		{approved, pendingUntil.Add(time.Second), oauth.Redeem, oauth.Redeem},
		{approved, redeemUntil.Add(-time.Second), oauth.Redeem, oauth.Redeem},
		{approved, redeemUntil, oauth.Expired, oauth.Expired},
		{approved, redeemUntil.Add(time.Second), oauth.Expired, oauth.Expired},
		{recalled, pendingUntil.Add(time.Second), oauth.Denied, oauth.Denied},
		{recalled, redeemUntil, oauth.Expired, oauth.Expired},
		{redeemed, now, oauth.Replayed, oauth.Replayed},
		{redeemed, redeemUntil.Add(time.Second), oauth.Replayed, oauth.Replayed},
	} {
		q := oauth.PollQuestion{
			Approved:     tc.state == approved,
			Declined:     tc.state == declined || tc.state == recalled,
			Redeemed:     tc.state == redeemed,
			PendingUntil: pendingUntil, Now: tc.when,
		}
		if tc.state == approved || tc.state == recalled || tc.state == redeemed {
			q.RedeemUntil = redeemUntil
		}
		if got := oauth.Verdict(q); got != tc.slow {
			t.Errorf("%s at %s: %v, want %v", tc.state, tc.when, got, tc.slow)
		}
		q.TooFast = true
		if got := oauth.Verdict(q); got != tc.fast {
			t.Errorf("%s at %s, too fast: %v, want %v", tc.state, tc.when, got, tc.fast)
		}
	}
}

// docs/protocol.md §6 missing-lifetime: a lifetime that is not set is over, never "forever".
func TestVerdictWithoutWindows(t *testing.T) {
	if got := oauth.Verdict(oauth.PollQuestion{Now: now}); got != oauth.Expired {
		t.Errorf("no pending window: %v", got)
	}
	if got := oauth.Verdict(oauth.PollQuestion{Approved: true, PendingUntil: now.Add(time.Hour), Now: now}); got != oauth.Expired {
		t.Errorf("no redemption window: %v", got)
	}
}

// RFC 8628 §3.5: the codes. docs/protocol.md §6 another-client: a used code looks like an unknown one.
func TestVerdictError(t *testing.T) {
	for verdict, code := range map[oauth.PollVerdict]string{
		oauth.Pending:  oauth.ErrAuthorizationPending,
		oauth.SlowDown: oauth.ErrSlowDown,
		oauth.Denied:   oauth.ErrAccessDenied,
		oauth.Expired:  oauth.ErrExpiredToken,
		oauth.Replayed: oauth.ErrInvalidGrant,
	} {
		refused(t, verdict.Error(), code)
		if verdict.Error().Status() != 400 {
			t.Errorf("%v: status %d", verdict, verdict.Error().Status())
		}
	}
	accepted(t, oauth.Redeem.Error())
}

func TestVerdictNames(t *testing.T) {
	names := map[string]bool{}
	for verdict := oauth.Pending; verdict <= oauth.Replayed+1; verdict++ {
		names[verdict.String()] = true
	}
	if len(names) != 7 {
		t.Errorf("names: %v", names)
	}
}
