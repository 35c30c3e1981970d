package audit

import (
	"slices"
	"strings"
	"sync"

	"countersign/audit/term"
)

// Type is the short name of an event type, such as "code-matched". It is what
// the table's type column holds; TypeURI is its name in a SET.
type Type string

// The event types, in the order of a visit; then registration, staff and
// administration. There are no others.
const (
	DeviceAuthorizationRequested  Type = "device-authorization-requested"
	DeviceAuthorizationSuperseded Type = "device-authorization-superseded"
	AccountSearched               Type = "account-searched"
	AccountOpened                 Type = "account-opened"
	CodeMatched                   Type = "code-matched"
	CodeMatchFailed               Type = "code-match-failed"
	SpentCodeEntered              Type = "spent-code-entered"
	MatchLocked                   Type = "match-locked"
	MatchUnlocked                 Type = "match-unlocked"
	ClaimExtended                 Type = "claim-extended"
	ClaimReleased                 Type = "claim-released"
	DocumentRead                  Type = "document-read"
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
	ApprovalOutsideHours          Type = "approval-outside-hours"
	OpenedRecordsUnusual          Type = "opened-records-unusual"
	ApprovalsAboveUsual           Type = "approvals-above-usual"
	WrongCodesUnusual             Type = "wrong-codes-unusual"
	OverrulingUnusual             Type = "overruling-unusual"
	KeySharedUnusual              Type = "key-shared-unusual"
	AddressSharedUnusual          Type = "address-shared-unusual"
	SuspicionReported             Type = "suspicion-reported"
	WaitingRequestsEnded          Type = "waiting-requests-ended"
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
	NoticeTested                  Type = "notice-tested"
	NoticesResent                 Type = "notices-resent"
	NoticesSetAside               Type = "notices-set-aside"
	DisconnectionRequested        Type = "disconnection-requested"
	DeviceRepudiated              Type = "device-repudiated"
	AlertTaken                    Type = "alert-taken"
	AlertNoted                    Type = "alert-noted"
	AlertClosed                   Type = "alert-closed"
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
	AccountErased                 Type = "account-erased"
	AccountExported               Type = "account-exported"
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
	KeysAuthenticated             Type = "keys-authenticated"
	LogRefused                    Type = "log-refused"
	LogLossAccepted               Type = "log-loss-accepted"
	LogForked                     Type = "log-forked"
	RowsSwept                     Type = "rows-swept"
	EventsCounted                 Type = "events-counted"
	PracticeBegun                 Type = "practice-begun"
	TrailExported                 Type = "trail-exported"
	TrailExportEnded              Type = "trail-export-ended"
)

// Definition is what the catalogue says about one event type.
type Definition struct {
	Type  Type
	Title string // for people: "Code matched"
	Doc   string // when it is written, in one or two sentences

	// Actors are the kinds of actor that may cause it, at least one of
	// ActorStaff, ActorClient and ActorSystem. Systems are the parts of the server
	// that may, none where ActorSystem is not among Actors.
	Actors  []string
	Systems []term.System

	// Required and Optional are names of facts, as in the SET. A fact in
	// neither is refused. "seq" is in every SET and in neither list.
	Required []string
	Optional []string

	// Details are the fields that the fact details may have: texts that lie beside the log. Former are facts that older events
	// of the type state, and that none is written with any more: addresses, which are details now.
	Details []string
	Former  []string

	// Words are what a fact may hold whose values are a closed set, by the name of
	// the fact: reason, presence, entered, document_read, query_kind and roles,
	// where the type takes them.
	Words map[string][]term.Word

	// JoinsReasons: the reason is one or more of its Words, each once and in their
	// order, with single spaces between.
	JoinsReasons bool

	// NeedsThumbprint: the device is named with the thumbprint of its key. When
	// false the thumbprint is there where it is known.
	NeedsThumbprint bool

	// NeedsSubject: there is always an account it is about. RefusesSubject:
	// there never is. When both are false an account may be named.
	NeedsSubject   bool
	RefusesSubject bool
}

// words are the closed sets of a type's facts: Definition.Words.
type words = map[string][]term.Word

// Catalogue lists every event type, in the order in which docs/events.md shows
// them. The caller may keep and change the answer: it is built anew each time.
func Catalogue() []Definition {
	all := definitions()
	for i := range all {
		all[i] = all[i].withDetails()
		all[i].Words = all[i].allWords()
		switch all[i].Type {
		case AlertTaken, AlertNoted, AlertAcknowledged:
			all[i].Words[factReason] = typeWords(all, AlertTypes())
		case EventsCounted:
			all[i].Words[factReason] = typeWords(all, CountedTypes())
		}
	}
	return all
}

// withDetails makes details of the addresses among the optional facts, as definitions write them.
func (d Definition) withDetails() Definition {
	var optional []string
	for _, fact := range d.Optional {
		if fact == factAddress || fact == factRequestedFrom {
			d.Details, d.Former = append(slices.Clip(d.Details), fact), append(d.Former, fact)
			continue
		}
		optional = append(optional, fact)
	}
	if len(d.Details) > 0 {
		optional = append(optional, factDetails)
	}
	d.Optional = optional
	return d
}

// allWords adds the sets that do not depend on the type to its own.
func (d Definition) allWords() words {
	all := words{}
	for fact, set := range commonWords() {
		if d.takes(fact) {
			all[fact] = set
		}
	}
	for fact, set := range d.Words {
		all[fact] = set
	}
	return all
}

// takes reports whether an event of the type may state the fact.
func (d Definition) takes(fact string) bool {
	return slices.Contains(d.Required, fact) || slices.Contains(d.Optional, fact)
}

// commonWords are the sets of facts that mean the same in every event, unless a
// definition says otherwise.
func commonWords() words {
	return words{
		factPresence:     term.Words(term.Presences()),
		factEntered:      term.Words(term.EnteredWays()),
		factDocumentRead: term.Words(term.DocumentReads()),
		factQueryKind:    term.Words(term.QueryKinds()),
		factRoles:        term.Words(term.Roles()),
	}
}

// typeWords are event types as the words of a fact.
func typeWords(all []Definition, types []Type) []term.Word {
	var list []term.Word
	for _, d := range all {
		if slices.Contains(types, d.Type) {
			list = append(list, term.Word{Value: string(d.Type), Label: d.Title})
		}
	}
	return list
}

// AlertTypes are the events that a supervisor should look at without being asked.
func AlertTypes() []Type {
	return []Type{
		SuspicionReported, SpentCodeEntered, WrongKeyUsed, ForeignTokenPresented, RedemptionReplayed,
		ApprovalRateUnusual, OpenedRecordsUnusual, DeviceRepudiated, SecondApprovalRefused, DisconnectionRequested,
		LogRefused, LogForked, LogLossAccepted,
		ApprovalOutsideHours, TrailExported, KeysResealed,
		ApprovalsAboveUsual, WrongCodesUnusual, OverrulingUnusual, KeySharedUnusual, AddressSharedUnusual,
	}
}

// CountedTypes are what anybody can cause who has no account here and is not of the staff. Beyond
// a rate such an act has no event of its own: it is one more in the count of an EventsCounted.
func CountedTypes() []Type {
	return []Type{
		DeviceAuthorizationRequested, DeviceAuthorizationSuperseded, ClientRegistered, ClientUpdated, ClientDeleted,
		StaffSignInRefused,
	}
}

// table is the catalogue by type, built once: every event and every row is held
// against it. Nothing of it is ever changed.
var table = sync.OnceValue(func() map[Type]Definition {
	all := map[Type]Definition{}
	for _, d := range Catalogue() {
		all[d.Type] = d
	}
	return all
})

// Lookup finds the definition of t; false when the catalogue has none. Its lists
// are everybody's: only to be read.
func Lookup(t Type) (Definition, bool) {
	d, ok := table()[t]
	return d, ok
}

// has reports whether value is one of the words of the fact.
func (d Definition) has(fact, value string) bool {
	return slices.ContainsFunc(d.Words[fact], func(w term.Word) bool { return w.Value == value })
}

// Reasons returns the words that a reason is made of: one, or one or more where
// the type joins them. It is empty when no event of the type may have that reason.
func (d Definition) Reasons(reason string) []term.Word {
	var list []term.Word
	for _, word := range d.Words[factReason] {
		if reason == word.Value {
			return append(list, word)
		}
		if rest, found := strings.CutPrefix(reason, word.Value+" "); found && d.JoinsReasons {
			list, reason = append(list, word), rest
		}
	}
	return nil
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
