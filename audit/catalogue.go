package audit

import "strings"

// Type is the short name of an event type, such as "code-matched". It is what
// the table's type column holds; TypeURI is its name in a SET.
type Type string

// The event types, in the order of a visit; then registration, staff and
// administration. There are no others.
const (
	DeviceAuthorizationRequested  Type = "device-authorization-requested"
	DeviceAuthorizationSuperseded Type = "device-authorization-superseded"
	AccountSearched               Type = "account-searched"
	CodeMatched                   Type = "code-matched"
	CodeMatchFailed               Type = "code-match-failed"
	SpentCodeEntered              Type = "spent-code-entered"
	MatchLocked                   Type = "match-locked"
	MatchUnlocked                 Type = "match-unlocked"
	ClaimExtended                 Type = "claim-extended"
	ClaimReleased                 Type = "claim-released"
	IdentityProofed               Type = "identity-proofed"
	SecondApprovalAsked           Type = "second-approval-asked"
	SecondApprovalOpened          Type = "second-approval-opened"
	SecondApprovalGiven           Type = "second-approval-given"
	SecondApprovalReturned        Type = "second-approval-returned"
	SecondApprovalRefused         Type = "second-approval-refused"
	DecisionRefused               Type = "decision-refused"
	DeviceAuthorizationCancelled  Type = "device-authorization-cancelled"
	DeviceBindingApproved         Type = "device-binding-approved"
	DeviceAuthorizationDeclined   Type = "device-authorization-declined"
	ApprovalRateUnusual           Type = "approval-rate-unusual"
	SuspicionReported             Type = "suspicion-reported"
	DeviceBindingRecalled         Type = "device-binding-recalled"
	DeviceBindingRedeemed         Type = "device-binding-redeemed"
	RedemptionReplayed            Type = "redemption-replayed"
	WrongKeyUsed                  Type = "wrong-key-used"
	RefreshTokenRebound           Type = "refresh-token-rebound"
	ForeignTokenPresented         Type = "foreign-token-presented"
	DeviceBindingRevoked          Type = "device-binding-revoked"
	AccessTokenRevoked            Type = "access-token-revoked"
	DeviceBindingRelabelled       Type = "device-binding-relabelled"
	NoticeSent                    Type = "notice-sent"
	NoticeFailed                  Type = "notice-failed"
	DeviceRepudiated              Type = "device-repudiated"
	AlertAcknowledged             Type = "alert-acknowledged"
	ClientRegistered              Type = "client-registered"
	ClientUpdated                 Type = "client-updated"
	ClientDeleted                 Type = "client-deleted"
	ClientDisabled                Type = "client-disabled"
	ClientEnabled                 Type = "client-enabled"
	StaffSignedIn                 Type = "staff-signed-in"
	StaffSteppedUp                Type = "staff-stepped-up"
	StaffSignedOut                Type = "staff-signed-out"
	StaffSignInRefused            Type = "staff-sign-in-refused"
	CounterOpened                 Type = "counter-opened"
	AccountsImported              Type = "accounts-imported"
	AccountChanged                Type = "account-changed"
	CounterAdded                  Type = "counter-added"
	CounterChanged                Type = "counter-changed"
	CounterClosed                 Type = "counter-closed"
	CounterReopened               Type = "counter-reopened"
	StaffLimited                  Type = "staff-limited"
	PublisherAdded                Type = "publisher-added"
	PublisherChanged              Type = "publisher-changed"
	RegistrationTokenCreated      Type = "registration-token-created"
	RegistrationTokenRevoked      Type = "registration-token-revoked"
	ResourceServerAdded           Type = "resource-server-added"
	ResourceServerRemoved         Type = "resource-server-removed"
	SigningKeyCreated             Type = "signing-key-created"
	SigningKeyRotated             Type = "signing-key-rotated"
	SigningKeyRetired             Type = "signing-key-retired"
	KeysResealed                  Type = "keys-resealed"
)

// Definition is what the catalogue says about one event type.
type Definition struct {
	Type  Type
	Title string // for people: "Code matched"
	Doc   string // when it is written, in one or two sentences

	// Actors are the kinds of actor that may cause it, at least one of
	// ActorStaff, ActorClient and ActorSystem.
	Actors []string

	// Required and Optional are names of facts, as in the SET. A fact in
	// neither is refused. "seq" is in every SET and in neither list.
	Required []string
	Optional []string

	// NeedsThumbprint: the device is named with the thumbprint of its key. When
	// false the thumbprint is there where it is known.
	NeedsThumbprint bool

	// NeedsSubject: there is always an account it is about. RefusesSubject:
	// there never is. When both are false an account may be named.
	NeedsSubject   bool
	RefusesSubject bool
}

// Lookup finds the definition of t; false when the catalogue has none.
func Lookup(t Type) (Definition, bool) {
	for _, d := range Catalogue() {
		if d.Type == t {
			return d, true
		}
	}
	return Definition{}, false
}

// TypeURI is the name of t in a SET (RFC 8417 §2.2):
// <scheme>://<issuer's host>/secevent/event-type/<t>. A path in the issuer
// plays no part.
func TypeURI(issuer string, t Type) string {
	return typeURIPrefix(issuer) + string(t)
}

func typeURIPrefix(issuer string) string {
	scheme, rest, _ := strings.Cut(issuer, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host + "/secevent/event-type/"
}
