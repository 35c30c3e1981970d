package main

import (
	"fmt"

	"countersign/models"
	"countersign/oauth"
)

// toldPhone is what the device of a request is answered at its next poll that keeps the pace (RFC 8628 §3.5), and why.
func toldPhone(r models.ShownRequest) (answer, why string) {
	if r.ClientStatus != models.ClientActive {
		return oauth.ErrInvalidClient, "its app instance is disabled, or has deleted itself"
	}
	verdict := oauth.Verdict(r.PollQuestion(r.Now, false))
	switch verdict {
	case oauth.Redeem:
		return toldApproved(r)
	case oauth.Replayed:
		return verdict.Error().Code, toldRedeemed(r)
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
		return "it was approved, and not collected by " + moment(r.RedeemUntil) + ". It starts over"
	}
	return "nobody decided by " + moment(r.PendingUntil) + ". It starts over"
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
	return "tokens", "it was approved. It collects them when it asks, until " + moment(r.RedeemUntil)
}

// toldRedeemed is about a code that was traded for tokens: the device refreshes those.
func toldRedeemed(r models.ShownRequest) string {
	why := "the code was traded for tokens on " + moment(r.RedeemedAt)
	switch {
	case r.Binding.RevokedAt != 0:
		return why + ", which have ended: " + r.Binding.RevokeReason
	case r.AccountStatus != models.AccountActive:
		return why + fmt.Sprintf(", which are refused while its account is %s", r.AccountStatus)
	}
	return why + ", which it refreshes"
}
