package audit

import "slices"

// The words of the golden trail, spelled out: they hold whatever the program's own lists
// say today.

func goldenReasons() map[Type][]string {
	phases := []string{"pending", "matched", "proofed", "approved", "redeemed", "declined", "expired", "lapsed"}
	decline := []string{"customer_left", "wrong_person", "document_expired", "document_not_accepted", "counter_trouble",
		"details_differ", "suspicious", "other"}
	recall := []string{"customer_request", "device_lost", "operator_error", "suspicious", "other"}
	ended := []string{"client deleted", "client disabled", "not me"}
	occasions := []string{"requested", "approved", "declined", "pending-deadline", "redemption-deadline", "redeemed",
		"revoked", "contact-changed", "binding-deadline"}
	undelivered := []string{"refused", "address", "late", "unsure", "unknown"}
	return map[Type][]string{
		CodeMatchFailed: {"locked", "presence required", "presence replayed", "presence key not checked", "presence expired",
			"presence from the future", "presence for another server", "presence incomplete"},
		SpentCodeEntered: {"expired", "declined", "approved", "redeemed", "lapsed"},
		IdentityProofed:  {"scan overruled"},
		DecisionRefused: append([]string{"own account", "own account unknown", "own alert", "not the claim", "account not active",
			"client disabled", "too many wrong codes", "claimed by another", "matching locked", "presence required", "scope withdrawn",
			"second person required", "not looked", "same person", "details differ", "no visit", "no proofing", "not theirs to recall"}, phases...),
		DeviceAuthorizationCancelled: ended,
		DeviceAuthorizationDeclined:  decline,
		DeviceBindingRecalled:        recall,
		DeviceBindingRedeemed:        {"answer lost"},
		DeviceBindingRevoked: slices.Concat(recall, ended,
			[]string{"recalled", "revoked by the client", "redemption replayed", "wrong key"}),
		SecondApprovalAsked:    {"account", "scope", "name differs", "scan overruled", "asked before"},
		SecondApprovalReturned: {"look again", "not for us"},
		SecondApprovalRefused:  {"wrong person", "suspicious"},
		NoticeSent:             occasions,
		NoticeFailed:           occasions,
		NoticesResent:          undelivered,
		NoticesSetAside:        undelivered,
		DeviceRepudiated:       phases,
		AlertAcknowledged: {"suspicion-reported", "spent-code-entered", "wrong-key-used", "foreign-token-presented", "redemption-replayed",
			"approval-rate-unusual", "device-repudiated", "second-approval-refused"},
		ClientRegistered:   {"verified", "not verified"},
		ClientUpdated:      {"replaced by the client", "key replaced at jwks uri", "key renamed at jwks uri"},
		StaffSignedOut:     {"signed out at the provider", "signed in again", "ended by an administrator", "no role"},
		StaffSignInRefused: {"no role", "id token refused", "refused by the provider"},
		AccountChanged: {"contact", "record", "status active", "status suspended", "status locked", "status closed",
			"status suspended - asked by the person", "status suspended - fraud suspected", "status suspended - identifier lost",
			"status suspended - under review", "status active - asked by the person", "status active - cleared",
			"status active - suspended by mistake", "presence required", "presence not required",
			"second person required", "second person not required"},
		CounterChanged: {"name", "address", "hours", "time zone", "networks", "name networks", "name address hours time zone networks"},
		SigningKeyCreated: {"access-token", "audit", "user-code", "document-number", "dpop-nonce", "login-hint", "former-contact",
			"repudiation-link"},
		SigningKeyRotated: {"access-token", "audit"},
		SigningKeyRetired: {"access-token", "audit", "access-token forced"},
	}
}

func goldenSystems() map[Type][]string {
	command, notice := []string{"command"}, []string{"notice"}
	return map[Type][]string{
		DeviceAuthorizationCancelled: {"command", "notice"},
		DeviceBindingRevoked:         {"command", "notice", "token endpoint"},
		NoticeSent:                   {"mail", "webhook"},
		NoticeFailed:                 {"mail", "webhook"},
		NoticesResent:                command,
		NoticesSetAside:              command,
		DeviceRepudiated:             notice,
		ClientUpdated:                {"jwks uri"},
		ClientDisabled:               command,
		ClientEnabled:                command,
		StaffSignedOut:               {"provider", "sign-in"},
		StaffSignInRefused:           {"sign-in"},
		AccountsImported:             command,
		AccountChanged:               command,
		CounterAdded:                 command,
		CounterChanged:               command,
		CounterClosed:                command,
		CounterReopened:              command,
		PublisherAdded:               command,
		PublisherChanged:             command,
		RegistrationTokenCreated:     command,
		RegistrationTokenRevoked:     command,
		ResourceServerAdded:          command,
		ResourceServerRemoved:        command,
		SigningKeyCreated:            {"start", "command line", "key rotation"},
		SigningKeyRotated:            {"command line", "key rotation"},
		SigningKeyRetired:            {"command line"},
		KeysResealed:                 {"command line"},
		KeysAuthenticated:            {"start"},
		LogLossAccepted:              {"command line"},
	}
}

// goldenPresences: what a match rested on; of an app, whether its requests need the proof.
func goldenPresences(t Type) []string {
	if t == PublisherAdded || t == PublisherChanged {
		return []string{"required", "not required"}
	}
	return []string{"code only", "proved"}
}
