package review

import (
	"context"

	"countersign/views"
)

// factWords says a code of an event's facts in words. A code that is not listed, such as
// one of an older release, stands for itself.
func factWords(ctx context.Context, code string) string {
	if factCodes[code] {
		return views.Say(ctx, code)
	}
	return code
}

// factCodes are the codes that the trail's reasons, ways and actors hold, each an English
// text by itself.
var factCodes = codes(
	// what a match rested on, how an account was looked up
	views.Key("proved"), views.Key("code only"), views.Key("exact"), views.Key("prefix"), views.Key("presence"),
	// states of a request
	views.Key("pending"), views.Key("matched"), views.Key("proofed"), views.Key("approved"), views.Key("declined"), views.Key("redeemed"),
	views.Key("expired"), views.Key("lapsed"), views.Key("recalled"),
	// states of an account
	views.Key("record"), views.Key("contact"), views.Key("status active"), views.Key("status suspended"), views.Key("status locked"), views.Key("status closed"),
	// why, and what its approvals need; what of a counter
	views.Key("asked by the person"), views.Key("fraud suspected"), views.Key("identifier lost"), views.Key("under review"), views.Key("cleared"),
	views.Key("suspended by mistake"), views.Key("presence not required"), views.Key("second person required"), views.Key("second person not required"),
	views.Key("name"), views.Key("address"), views.Key("hours"), views.Key("time zone"), views.Key("networks"),
	// presence proofs that were not taken
	views.Key("presence required"), views.Key("presence replayed"), views.Key("presence key not checked"), views.Key("presence expired"),
	views.Key("presence from the future"), views.Key("presence for another server"), views.Key("presence incomplete"),
	// why something ended, or was refused
	views.Key("locked"), views.Key("client deleted"), views.Key("client disabled"), views.Key("revoked by the client"), views.Key("redemption replayed"),
	views.Key("wrong key"), views.Key("no role"), views.Key("id token refused"), views.Key("refused by the provider"),
	views.Key("signed out at the provider"), views.Key("signed in again"), views.Key("ended by an administrator"),
	// second person
	views.Key("account"), views.Key("scope"), views.Key("name differs"), views.Key("scan overruled"), views.Key("asked before"), views.Key("look again"), views.Key("wrong person"), views.Key("suspicious"), views.Key("not for us"),
	// clients and their keys
	views.Key("verified"), views.Key("not verified"), views.Key("key replaced at jwks uri"), views.Key("key renamed at jwks uri"),
	// notices
	views.Key("requested"), views.Key("pending-deadline"), views.Key("redemption-deadline"), views.Key("revoked"), views.Key("contact-changed"),
	// who or what acted
	views.Key("command"), views.Key("command line"), views.Key("jwks uri"), views.Key("mail"), views.Key("notice"), views.Key("provider"),
	views.Key("sign-in"), views.Key("start"), views.Key("token endpoint"), views.Key("webhook"),
)

func codes(list ...string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, code := range list {
		set[code] = true
	}
	return set
}
