package audit

import (
	"slices"
	"testing"

	"countersign/audit/term"
)

// docs/decisions/0035-counted-events.md: whatever a client or a sign-in that nobody let in yet can cause is counted beyond a
// rate. What is not has something that a stranger cannot get as often as they like.
func TestEveryActOfStrangersIsCounted(t *testing.T) {
	needs := map[Type]string{
		DeviceAuthorizationCancelled: "a client no longer causes it: older trails have it",
		DeviceBindingRedeemed:        "an approval",
		RedemptionReplayed:           "a device code that was redeemed, whose tokens die with the first one",
		WrongKeyUsed:                 "a refresh token, which dies",
		RefreshTokenRebound:          "a refresh token",
		ForeignTokenPresented:        "somebody's token; once for each client and binding",
		DeviceBindingRevoked:         "a binding",
		AccessTokenRevoked:           "an access token",
		StaffSignedOut:               "a session of the staff",
	}
	for _, d := range Catalogue() {
		strangers := slices.Contains(d.Actors, ActorClient) || slices.Contains(d.Systems, term.SystemSignIn) ||
			slices.Contains(d.Systems, term.SystemJWKSURI)
		counted := slices.Contains(CountedTypes(), d.Type)
		if _, other := needs[d.Type]; strangers != (counted || other) || counted && other {
			t.Errorf("%s: strangers can cause it: %t; it is counted: %t", d.Type, strangers, counted)
		}
	}
}

// The count of a kind names it by its type, and nothing else: no client, account or address.
func TestEventsCountedNamesNobody(t *testing.T) {
	d, _ := Lookup(EventsCounted)
	want := []string{factActor, factReason, factCount, factBefore}
	if !slices.Equal(d.Required, want) || len(d.Optional) > 0 || !d.RefusesSubject {
		t.Errorf("it states %v and may state %v", d.Required, d.Optional)
	}
	var words []Type
	for _, word := range d.Words[factReason] {
		words = append(words, Type(word.Value))
	}
	if !slices.Equal(sorted(names(words)), sorted(names(CountedTypes()))) {
		t.Errorf("its reasons are %v", words)
	}
}

func names(types []Type) []string {
	var list []string
	for _, typ := range types {
		list = append(list, string(typ))
	}
	return list
}
