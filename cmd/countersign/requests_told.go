package main

import (
	"fmt"

	"countersign/models"
	"countersign/oauth"
)

// toldPhone is what the device of a request is answered if it polls now, and kept the pace (RFC 8628 §3.5), and why.
func toldPhone(r models.ShownRequest) (answer, why string) {
	if r.ClientStatus != models.ClientActive {
		return oauth.ErrInvalidClient, "its app instance is disabled, or has deleted itself"
	}
	verdict := oauth.Verdict(r.PollQuestion(r.Now, false))
	switch verdict {
	case oauth.Redeem:
		return toldApproved(r)
	case oauth.Replayed:
		return toldRedeemed(r)
	case oauth.Expired:
		return verdict.Error().Code, toldExpired(r)
	case oauth.Denied:
		return verdict.Error().Code, "it was declined, ended with others, or its approval was taken back: " + r.DeclineReason
	}
	why = "nobody has decided yet"
	if r.AccountID == nil {
		why = "it named no account that is here, so that nobody will find it at a counter"
	}
	if r.Phase.Claimed() {
		why = "an operator is handling it"
	}
	return verdict.Error().Code, why
}

// toldExpired is about a window that is over.
func toldExpired(r models.ShownRequest) string {
	switch {
	case r.Phase.Is(models.Declined):
		return "it was declined, ended with others, or its approval was taken back, and its time is over too: " + r.DeclineReason
	case r.Phase == models.Lapsed:
		return "it was approved, and not collected by " + inUTC(r.RedeemUntil) + ". It starts over"
	}
	return "nobody decided by " + inUTC(r.PendingUntil) + ". It starts over"
}

// toldApproved is about an approval that can still be collected.
func toldApproved(r models.ShownRequest) (answer, why string) {
	denied := oauth.Denied.Error().Code
	switch {
	case r.AccountStatus != models.AccountActive:
		return denied, "it was approved, and its account is " + r.AccountStatus
	case r.Binding.RevokedAt != 0:
		return denied, "it was approved, and disconnected since: " + r.Binding.RevokeReason
	}
	return "tokens", "it was approved. It collects them when it asks, until " + inUTC(r.RedeemUntil)
}

// toldRedeemed is about a code that was traded for tokens: the device refreshes those. One that asks with the code again has lost
// the answer, or somebody else has the code (docs/decisions/0004-repeated-redemption.md).
func toldRedeemed(r models.ShownRequest) (answer, why string) {
	gone := oauth.Replayed.Error().Code
	why = "the code was traded for tokens on " + inUTC(r.RedeemedAt)
	switch {
	case r.Binding.RevokedAt != 0:
		return gone, why + ", which have ended: " + r.Binding.RevokeReason
	case r.AccountStatus != models.AccountActive:
		return gone, why + fmt.Sprintf(", which are refused while its account is %s", r.AccountStatus)
	}
	if r.Now >= r.TooSoonUntil() {
		return toldRepeated(r, why)
	}
	answer = oauth.SlowDown.Error().Code
	if r.AnswersAgain() && r.TooSoonUntil() < r.ReissueUntil() {
		return answer, why + fmt.Sprintf(". If the answer got lost, it gets other tokens from %s until %s, as long as none of these is used",
			inUTC(r.TooSoonUntil()), inUTC(r.ReissueUntil()))
	}
	return answer, why + fmt.Sprintf(". Asked with again after %s, the code ends them", inUTC(r.TooSoonUntil()))
}

// toldRepeated is about a code that was traded for tokens more than an interval ago.
func toldRepeated(r models.ShownRequest, why string) (answer, told string) {
	const ends = ". Asked with again, the code ends them"
	switch {
	case r.AnswersAgain():
		return "tokens", why + ", of which none was used yet. If that answer got lost, it gets others when it asks again, until " +
			inUTC(r.ReissueUntil())
	case r.Binding.UsedAt == 0:
		return oauth.Replayed.Error().Code, why + ", of which no use was seen. If that answer got lost, it starts over" + ends
	}
	return oauth.Replayed.Error().Code, why + ", which it refreshes" + ends
}
