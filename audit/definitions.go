package audit

import "countersign/audit/term"

// definitions are the types in their order, each with the words that are its own.
func definitions() []Definition {
	var all []Definition
	all = append(all, requestDefinitions()...)
	all = append(all, matchDefinitions()...)
	all = append(all, claimDefinitions()...)
	all = append(all, decisionDefinitions()...)
	all = append(all, declineDefinitions()...)
	all = append(all, secondDefinitions()...)
	all = append(all, bindingDefinitions()...)
	all = append(all, bindingEndDefinitions()...)
	all = append(all, noticeDefinitions()...)
	all = append(all, alertDefinitions()...)
	all = append(all, ruleDefinitions()...)
	all = append(all, clientDefinitions()...)
	all = append(all, staffDefinitions()...)
	all = append(all, registrationDefinitions()...)
	all = append(all, accountDefinitions()...)
	all = append(all, counterDefinitions()...)
	all = append(all, keyDefinitions()...)
	all = append(all, logDefinitions()...)
	all = append(all, sweepDefinitions()...)
	all = append(all, practiceDefinitions()...)
	all = append(all, exportDefinitions()...)
	return append(all, resourceServerDefinitions()...)
}

// making adds to optional facts how a request came about that has no event of its own, since it was counted. What
// happens to it afterwards says so instead.
func making(optional ...string) []string {
	return append(optional, factRequestedAt, factRequestedFrom, factRegisteredAt)
}

// requestDefinitions: the phone's request, and how it is found at the counter.
func requestDefinitions() []Definition {
	return []Definition{{
		Type:  DeviceAuthorizationRequested,
		Title: "Request made",
		Doc: "A phone asked for a device code (RFC 8628 §3.1). There is no subject when the identifier it sent " +
			"names no account.",
		Actors:   []string{ActorClient},
		Required: []string{factActor, factDevice, factDeviceAuthorization, factPendingUntil},
		Optional: []string{factScope, factResource, factAddress, factRegisteredAt},
	}, {
		Type:  DeviceAuthorizationSuperseded,
		Title: "Request replaced by a newer one",
		Doc: "A phone asked again while three of its requests for the same account identifier waited: this " +
			"one, the oldest, fell out. There is no subject when the identifier names no account.",
		Actors:   []string{ActorClient},
		Required: []string{factActor, factDevice, factDeviceAuthorization},
		Optional: making(factAddress),
	}, {
		Type:  AccountSearched,
		Title: "Account searched",
		Doc: "An operator searched for an account. What was typed is not kept, only how it was looked up and " +
			"how many accounts were found; the subject is the account, when there was exactly one.",
		Actors:   []string{ActorStaff},
		Required: []string{factActor, factQueryKind, factCount},
		Optional: []string{factSession, factCounter, factAddress},
	}, {
		Type:  AccountOpened,
		Title: "Record opened",
		Doc: "Somebody of the staff opened the record of an account: out of a search's results, by a search that named exactly one " +
			"identifier, by a presence proof, or from one of its requests: out of the trail, from a receipt, or as a second person. It " +
			"is open to their session for 15 minutes after their last act on it. Or an administrator on the server had a command show " +
			"one of its requests, or what the account has: by no session.",
		Actors:       []string{ActorStaff, ActorSystem},
		Systems:      []term.System{term.SystemCommand},
		Required:     []string{factActor, factQueryKind},
		Optional:     []string{factSession, factCounter, factAddress},
		NeedsSubject: true,
	}}
}

// matchDefinitions: the code from the phone, right, wrong or once too often.
func matchDefinitions() []Definition {
	return []Definition{{
		Type:  CodeMatched,
		Title: "Code matched",
		Doc: "An operator entered the user code that the phone shows, or scanned its presence proof, and it is " +
			"that of this account's request. The request is now claimed by that session. The presence says " +
			"which: \"code only\" or \"proved\". The operator's page may say how it was entered: by a scan, " +
			"typed, by camera or by a serial scanner. That is a note, and evidence of nothing.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization, factPresence},
		Optional:     making(factEntered, factPendingUntil, factAddress, factScope, factResource),
		NeedsSubject: true,
	}, {
		Type:  CodeMatchFailed,
		Title: "Code did not match",
		Doc: "An operator entered a code that is not the code of any request waiting for this account, or " +
			"scanned a presence proof that no such request's client signed. With a reason that begins with " +
			"\"presence\" it is no wrong code and cost no try: a code was typed where a presence proof is " +
			"required, or a proof of the request's own client was too old, from the future, for another " +
			"server, used before or incomplete.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factCounter, factTriesLeft},
		Optional:     making(factSession, factDevice, factDeviceAuthorization, factReason, factAddress),
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.MatchFailures())},
	}, {
		Type:  SpentCodeEntered,
		Title: "Used code entered",
		Doc: "An alert: a wrong code that an operator entered was once the code of a request for this account. " +
			"The reason says what had become of that request: expired, declined, approved or redeemed.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization, factReason},
		Optional:     making(),
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.SpentPhases())},
	}, {
		Type:  MatchLocked,
		Title: "Code entry locked",
		Doc: "Too many codes did not match: nobody can match a code for this account until a supervisor " +
			"unlocks it. The actor is the operator who made the last try.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor},
		Optional:     []string{factSession, factCounter, factDevice, factDeviceAuthorization, factAddress},
		NeedsSubject: true,
	}, {
		Type:  MatchUnlocked,
		Title: "Code entry unlocked",
		Doc: "A supervisor, who had entered no wrong code for it, or an administrator on the server by a command, allowed codes to be " +
			"matched for this account again. The reason says why.",
		Actors:       []string{ActorStaff, ActorSystem},
		Systems:      []term.System{term.SystemCommand},
		Required:     []string{factActor},
		Optional:     []string{factSession, factCounter, factDeviceAuthorization, factReason, factAddress},
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.Unlockings())},
	}}
}

// claimDefinitions: what becomes of a matched request before the decision.
func claimDefinitions() []Definition {
	return []Definition{{
		Type:  ClaimExtended,
		Title: "Claim extended",
		Doc: "The operator asked for more time: the session's claim on a matched or proofed request was " +
			"prolonged, to an hour after the match at most.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization},
		NeedsSubject: true,
	}, {
		Type:  ClaimReleased,
		Title: "Claim released",
		Doc: "A matched or proofed request went back to pending: the operator let it go, or another one took " +
			"over a claim that had lapsed. Match and proofing must be done again.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factDeviceAuthorization},
		Optional:     []string{factSession, factCounter, factDevice, factAddress},
		NeedsSubject: true,
	}, {
		Type:  DocumentRead,
		Title: "Document read",
		Doc: "The operator's page read an ID document: scanned, or pasted into the same box. Each reading is an event, also of the " +
			"same document again. It holds nothing of the document; the reason says what was found beside the account's record.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization, factDocumentRead, factReason},
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.ScanResults())},
	}, {
		Type:  IdentityProofed,
		Title: "ID document checked",
		Doc: "The operator recorded the check of the physical ID card. The record itself is kept elsewhere; " +
			"the event only refers to it. It says how the document was read: \"typed\", from its " +
			"machine-readable zone (\"mrz\") or from its barcode (\"pdf417\"). With the reason \"scan " +
			"overruled\" an earlier scan or check of the request had found a difference from the account that " +
			"this check does not.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCounter, factDeviceAuthorization, factProofing},
		Optional:     []string{factDevice, factPresence, factDocumentRead, factReason, factAddress},
		NeedsSubject: true,
		Words:        words{factReason: term.Words([]term.Need{term.NeedScan})},
	}}
}
