package audit

import "countersign/audit/term"

// decisionDefinitions: what stands in the way of a decision, and approve.
func decisionDefinitions() []Definition {
	return []Definition{{
		Type:  DecisionRefused,
		Title: "Decision refused",
		Doc: "An operator tried to decide and was not allowed to: their own account, a claim of another " +
			"session, no match or no proofing; or to end a binding, to recall an approval or to prolong a " +
			"claim, and was not allowed to.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factReason},
		Optional:     []string{factSession, factCounter, factDevice, factDeviceAuthorization, factProofing, factAddress},
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.Refusals())},
	}, {
		Type:  DeviceAuthorizationCancelled,
		Title: "Request ended",
		Doc: "A request ended before it was redeemed because its person said that it was not them; in trails from " +
			"before 0030, also because its client was deleted or disabled. The reason says which. There is no " +
			"subject when the request named no account.",
		Actors:   []string{ActorStaff, ActorClient, ActorSystem},
		Systems:  []term.System{term.SystemCommand, term.SystemNotice},
		Required: []string{factActor, factDevice, factDeviceAuthorization, factReason},
		Optional: making(factSession, factAddress),
		Words:    words{factReason: term.Words(term.Cancellations())},
	}, {
		Type:  DeviceBindingApproved,
		Title: "Device approved",
		Doc: "An operator approved: the client is bound to the subject's account and may redeem its device " +
			"code until redeem_until.",
		Actors: []string{ActorStaff},
		Required: []string{factActor, factSession, factCounter, factDevice,
			factDeviceAuthorization, factBinding, factProofing, factRedeemUntil},
		Optional:        making(factSecondStaff, factPresence, factPendingUntil, factScope, factResource, factAddress),
		NeedsThumbprint: true,
		NeedsSubject:    true,
	}, {
		Type:  ApprovalRateUnusual,
		Title: "Unusually many approvals",
		Doc: "An alert: an operator approved more within an hour than is usual here (--approval-alert). The " +
			"count is how many. Once an operator and hour.",
		Actors:         []string{ActorStaff},
		Required:       []string{factActor, factSession, factCounter, factCount},
		RefusesSubject: true,
	}, {
		Type:  OpenedRecordsUnusual,
		Title: "Unusually many records opened",
		Doc: "An alert: somebody of the staff opened more customers' records within an hour, of which no visit had " +
			"come, than is usual here (--opened-records-alert; before 00062 with or without a visit), or searches by the first characters listed ten times as many accounts to them (the query " +
			"kind says \"prefix\"). The count is how many. Once a person and hour.",
		Actors:         []string{ActorStaff},
		Required:       []string{factActor, factSession, factCount},
		Optional:       []string{factCounter, factQueryKind},
		RefusesSubject: true,
	}}
}

// declineDefinitions: decline, and what takes an approval back.
func declineDefinitions() []Definition {
	return []Definition{{
		Type:  DeviceAuthorizationDeclined,
		Title: "Request declined",
		Doc: "An operator declined the request. The phone's next poll is answered access_denied (RFC 8628 " +
			"§3.5). A request that was declined while it was matched says with its presence what the match " +
			"rested on.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factDevice, factDeviceAuthorization, factReason},
		Optional:     making(factSession, factCounter, factProofing, factPresence, factAddress, factScope, factResource),
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.Declines())},
	}, {
		Type:  SuspicionReported,
		Title: "Suspicion reported",
		Doc: "An alert: an operator declined this request as suspicious. The count is how many other requests " +
			"for the account, of the same phone or from the same network, were declined with it, by a rule and " +
			"without events of their own: as they were counted a moment before, where 301 is any number above " +
			"300. What a session handled then is not among them. The phone's bindings to the account are revoked.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization, factCount},
		Optional:     []string{factAddress},
		NeedsSubject: true,
	}, {
		Type:  WaitingRequestsEnded,
		Title: "Waiting requests ended",
		Doc: "A supervisor, or an operator in a visit of the account, ended all that waited for it, by a rule and " +
			"without events of their own. The count is as that of a suspicion; what a session handled then is " +
			"not among them.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCount},
		Optional:     []string{factCounter, factAddress},
		NeedsSubject: true,
	}, {
		Type:  DeviceBindingRecalled,
		Title: "Approval taken back",
		Doc: "An approval was taken back before the phone redeemed it: by a supervisor, or within 15 minutes " +
			"by the operator who had approved it, at the same counter.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factDevice, factDeviceAuthorization, factBinding, factReason},
		Optional:     []string{factSession, factCounter, factAddress},
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.Recalls())},
	}}
}

// secondDefinitions: the second person, where an approval needs one.
func secondDefinitions() []Definition {
	required := []string{factActor, factSession, factDevice, factDeviceAuthorization, factProofing}
	return []Definition{{
		Type:  SecondApprovalAsked,
		Title: "Second person asked for",
		Doc: "An operator asked for a second person to look at a visit before it is approved. The reason says " +
			"why one is needed: the account, a scope, a name that differs, a scan or check that was " +
			"overruled, or that somebody was asked before.",
		Actors:       []string{ActorStaff},
		Required:     append([]string{factCounter, factReason}, required...),
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.Needs())},
	}, {
		Type:  SecondApprovalOpened,
		Title: "Second person opened the record",
		Doc: "Somebody else of the staff opened the record of a visit that waits for a second person: from " +
			"then on their session sees it, and may agree or return it.",
		Actors:       []string{ActorStaff},
		Required:     required,
		Optional:     []string{factCounter},
		NeedsSubject: true,
	}, {
		Type:  SecondApprovalGiven,
		Title: "Second person agreed",
		Doc: "Somebody else of the staff looked at the whole record of a visit and agreed that it may be " +
			"approved. Whoever asked still decides.",
		Actors:       []string{ActorStaff},
		Required:     required,
		Optional:     []string{factCounter},
		NeedsSubject: true,
	}, {
		Type:  SecondApprovalReturned,
		Title: "Second person returned the visit",
		Doc: "Somebody else of the staff looked at the record of a visit and gave it back unapproved, for the " +
			"reason stated.",
		Actors:       []string{ActorStaff},
		Required:     append([]string{factReason}, required...),
		Optional:     []string{factCounter},
		NeedsSubject: true,
		Words:        words{factReason: term.Words([]term.Return{term.ReturnLookAgain, term.ReturnNotForUs})},
	}, {
		Type:  SecondApprovalRefused,
		Title: "Second person distrusts the visit",
		Doc: "An alert: somebody else of the staff looked at the record of a visit and gave it back as " +
			"suspicious, or as maybe not the account holder's; the reason says which.",
		Actors:       []string{ActorStaff},
		Required:     append([]string{factReason}, required...),
		Optional:     []string{factCounter},
		NeedsSubject: true,
		Words:        words{factReason: term.Words([]term.Return{term.ReturnWrongPerson, term.ReturnSuspicious})},
	}}
}
