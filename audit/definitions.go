package audit

// Catalogue lists every event type, in the order in which docs/events.md shows
// them. The caller may keep and change the answer: it is built anew each time.
func Catalogue() []Definition {
	var all []Definition
	all = append(all, requestDefinitions()...)
	all = append(all, matchDefinitions()...)
	all = append(all, claimDefinitions()...)
	all = append(all, decisionDefinitions()...)
	all = append(all, secondDefinitions()...)
	all = append(all, bindingDefinitions()...)
	all = append(all, bindingEndDefinitions()...)
	all = append(all, noticeDefinitions()...)
	all = append(all, alertDefinitions()...)
	all = append(all, clientDefinitions()...)
	all = append(all, staffDefinitions()...)
	all = append(all, registrationDefinitions()...)
	all = append(all, administrationDefinitions()...)
	all = append(all, keyDefinitions()...)
	return append(all, resourceServerDefinitions()...)
}

// requestDefinitions: the phone's request, and how it is found at the counter.
func requestDefinitions() []Definition {
	return []Definition{{
		Type:     DeviceAuthorizationRequested,
		Title:    "Device authorization requested",
		Doc:      "A phone asked for a device code (RFC 8628 §3.1). There is no subject when the identifier it sent names no account.",
		Actors:   []string{ActorClient},
		Required: []string{factActor, factDevice, factDeviceAuthorization, factPendingUntil},
		Optional: []string{factScope, factResource, factAddress},
	}, {
		Type:     DeviceAuthorizationSuperseded,
		Title:    "Device authorization superseded",
		Doc:      "A phone asked again while three of its requests for the same account identifier waited: this one, the oldest, fell out. There is no subject when the identifier names no account.",
		Actors:   []string{ActorClient},
		Required: []string{factActor, factDevice, factDeviceAuthorization},
		Optional: []string{factAddress},
	}, {
		Type:     AccountSearched,
		Title:    "Account searched",
		Doc:      "An operator searched for an account. What was typed is not kept, only how it was looked up and how many accounts were found; the subject is the account, when there was exactly one.",
		Actors:   []string{ActorStaff},
		Required: []string{factActor, factQueryKind, factCount},
		Optional: []string{factSession, factCounter, factAddress},
	}}
}

// matchDefinitions: the code from the phone, right, wrong or once too often.
func matchDefinitions() []Definition {
	return []Definition{{
		Type:         CodeMatched,
		Title:        "Code matched",
		Doc:          "An operator entered the user code that the phone shows, or scanned its presence proof, and it is that of this account's request. The request is now claimed by that session. The presence says which: \"code only\" or \"proved\". The operator's page may say how it was entered: by a scan, typed, by camera or by a serial scanner. That is a note, and evidence of nothing.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization, factPresence},
		Optional:     []string{factEntered, factPendingUntil, factAddress},
		NeedsSubject: true,
	}, {
		Type:         CodeMatchFailed,
		Title:        "Code did not match",
		Doc:          "An operator entered a code that is not the code of any request waiting for this account, or scanned a presence proof that no such request's client signed. With a reason that begins with \"presence\" it is no wrong code and cost no try: a code was typed where a presence proof is required, or a proof of the request's own client was too old, from the future, for another server, used before or incomplete.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factCounter, factTriesLeft},
		Optional:     []string{factSession, factDevice, factDeviceAuthorization, factReason, factAddress},
		NeedsSubject: true,
	}, {
		Type:         SpentCodeEntered,
		Title:        "Spent code entered",
		Doc:          "An alert: a wrong code that an operator entered was once the code of a request for this account. The reason says what had become of that request: expired, declined, approved or redeemed.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization, factReason},
		NeedsSubject: true,
	}, {
		Type:         MatchLocked,
		Title:        "Match locked",
		Doc:          "Too many codes did not match: nobody can match a code for this account until a supervisor unlocks it. The actor is the operator who made the last try.",
		Actors:       []string{ActorStaff, ActorSystem},
		Required:     []string{factActor},
		Optional:     []string{factSession, factCounter, factDevice, factDeviceAuthorization, factReason, factAddress},
		NeedsSubject: true,
	}, {
		Type:         MatchUnlocked,
		Title:        "Match unlocked",
		Doc:          "A supervisor allowed codes to be matched for this account again.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor},
		Optional:     []string{factSession, factCounter, factDeviceAuthorization, factReason, factAddress},
		NeedsSubject: true,
	}}
}

// claimDefinitions: what becomes of a matched request before the decision.
func claimDefinitions() []Definition {
	return []Definition{{
		Type:         ClaimExtended,
		Title:        "Claim extended",
		Doc:          "The operator asked for more time: the session's claim on a matched or proofed request was prolonged, to an hour after the match at most.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization},
		NeedsSubject: true,
	}, {
		Type:         ClaimReleased,
		Title:        "Claim released",
		Doc:          "A matched or proofed request went back to pending: the operator let it go, or another one took over a claim that had lapsed. Match and proofing must be done again.",
		Actors:       []string{ActorStaff, ActorSystem},
		Required:     []string{factActor, factDeviceAuthorization},
		Optional:     []string{factSession, factCounter, factDevice, factReason, factAddress},
		NeedsSubject: true,
	}, {
		Type:         IdentityProofed,
		Title:        "Identity proofed",
		Doc:          "The operator recorded the check of the physical ID card. The record itself is kept elsewhere; the event only refers to it. It says how the document was read: \"typed\", from its machine-readable zone (\"mrz\") or from its barcode (\"pdf417\"). With the reason \"scan overruled\" an earlier scan or check of the request had found a difference from the account that this check does not.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCounter, factDeviceAuthorization, factProofing},
		Optional:     []string{factDevice, factPresence, factDocumentRead, factReason, factAddress},
		NeedsSubject: true,
	}}
}

// decisionDefinitions: approve, decline, recall.
func decisionDefinitions() []Definition {
	return []Definition{{
		Type:         DecisionRefused,
		Title:        "Decision refused",
		Doc:          "An operator tried to decide and was not allowed to: their own account, a claim of another session, no match or no proofing; or to end a binding, to recall an approval or to prolong a claim, and was not allowed to.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factReason},
		Optional:     []string{factSession, factCounter, factDevice, factDeviceAuthorization, factProofing, factAddress},
		NeedsSubject: true,
	}, {
		Type:     DeviceAuthorizationCancelled,
		Title:    "Device authorization cancelled",
		Doc:      "A request ended before it was redeemed because its client was deleted or disabled, or because its person said that it was not them; the reason says which. There is no subject when the request named no account.",
		Actors:   []string{ActorStaff, ActorClient, ActorSystem},
		Required: []string{factActor, factDevice, factDeviceAuthorization, factReason},
		Optional: []string{factSession, factAddress},
	}, {
		Type:   DeviceBindingApproved,
		Title:  "Device binding approved",
		Doc:    "An operator approved: the client is bound to the subject's account and may redeem its device code until redeem_until.",
		Actors: []string{ActorStaff},
		Required: []string{factActor, factSession, factCounter, factDevice,
			factDeviceAuthorization, factBinding, factProofing, factRedeemUntil},
		Optional:        []string{factSecondStaff, factPresence, factPendingUntil, factScope, factResource, factAddress},
		NeedsThumbprint: true,
		NeedsSubject:    true,
	}, {
		Type:           ApprovalRateUnusual,
		Title:          "Unusually many approvals",
		Doc:            "An alert: an operator approved more within an hour than is usual here (--approval-alert). The count is how many. Once an operator and hour.",
		Actors:         []string{ActorStaff},
		Required:       []string{factActor, factSession, factCounter, factCount},
		RefusesSubject: true,
	}, {
		Type:         DeviceAuthorizationDeclined,
		Title:        "Device authorization declined",
		Doc:          "An operator declined the request. The phone's next poll is answered access_denied (RFC 8628 §3.5). A request that was declined while it was matched says with its presence what the match rested on.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factDevice, factDeviceAuthorization, factReason},
		Optional:     []string{factSession, factCounter, factProofing, factPresence, factAddress},
		NeedsSubject: true,
	}, {
		Type:         SuspicionReported,
		Title:        "Suspicion reported",
		Doc:          "An alert: an operator declined this request as suspicious. The count is how many other requests for the account, of the same phone or from the same network, were declined with it; the phone's bindings to the account are revoked.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization, factCount},
		Optional:     []string{factAddress},
		NeedsSubject: true,
	}, {
		Type:         DeviceBindingRecalled,
		Title:        "Device binding recalled",
		Doc:          "An approval was taken back before the phone redeemed it: by a supervisor, or within 15 minutes by the operator who had approved it, at the same counter.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factDevice, factDeviceAuthorization, factBinding, factReason},
		Optional:     []string{factSession, factCounter, factAddress},
		NeedsSubject: true,
	}}
}

// bindingDefinitions: what the phone, or somebody in its place, does with an approval.
func bindingDefinitions() []Definition {
	return []Definition{{
		Type:         DeviceBindingRedeemed,
		Title:        "Device binding redeemed",
		Doc:          "The phone traded its device code for tokens (RFC 8628 §3.4). A second one for the same binding says with its reason that the first answer was lost.",
		Actors:       []string{ActorClient},
		Required:     []string{factActor, factDevice, factDeviceAuthorization, factBinding},
		Optional:     []string{factScope, factReason, factAddress},
		NeedsSubject: true,
	}, {
		Type:         RedemptionReplayed,
		Title:        "Redemption replayed",
		Doc:          "A device code that was redeemed before came back. The binding's tokens are dead, and somebody should look.",
		Actors:       []string{ActorClient},
		Required:     []string{factActor, factDevice, factDeviceAuthorization},
		Optional:     []string{factBinding, factReason, factAddress},
		NeedsSubject: true,
	}, {
		Type:         WrongKeyUsed,
		Title:        "Wrong key used",
		Doc:          "An alert: a refresh token came back with another DPoP key than its own, which the device fact names. The binding is revoked.",
		Actors:       []string{ActorClient},
		Required:     []string{factActor, factDevice, factDeviceAuthorization, factBinding},
		Optional:     []string{factAddress},
		NeedsSubject: true,
	}, {
		Type:            RefreshTokenRebound,
		Title:           "Refresh token rebound",
		Doc:             "A refresh token came with a proof by the key that its client has registered since: it is bound to that key from now on, which the device fact names.",
		Actors:          []string{ActorClient},
		Required:        []string{factActor, factDevice, factDeviceAuthorization, factBinding},
		Optional:        []string{factAddress},
		NeedsThumbprint: true,
		NeedsSubject:    true,
	}, {
		Type:         ForeignTokenPresented,
		Title:        "Foreign token presented",
		Doc:          "An alert: a client, which the device fact names, came to revoke a token of another client's live binding (RFC 7009 §2.1). It was refused, and the binding goes on; somebody has a token that is not theirs. A client raises one for a binding.",
		Actors:       []string{ActorClient},
		Required:     []string{factActor, factDevice, factDeviceAuthorization, factBinding},
		Optional:     []string{factAddress},
		NeedsSubject: true,
	}}
}

// bindingEndDefinitions: how a binding goes on, is named and ends.
func bindingEndDefinitions() []Definition {
	return []Definition{{
		Type:         DeviceBindingRevoked,
		Title:        "Device binding revoked",
		Doc:          "A binding ended: revoked by a supervisor, by an operator in a visit of its account, by the phone itself (RFC 7009), or by the server after a replay. Its tokens are dead.",
		Actors:       []string{ActorStaff, ActorClient, ActorSystem},
		Required:     []string{factActor, factBinding, factReason},
		Optional:     []string{factSession, factCounter, factDevice, factDeviceAuthorization, factAddress},
		NeedsSubject: true,
	}, {
		Type:         AccessTokenRevoked,
		Title:        "Access token revoked",
		Doc:          "The phone ended one access token before its time (RFC 7009 §2.1); its binding stands.",
		Actors:       []string{ActorClient},
		Required:     []string{factActor, factDevice, factBinding},
		Optional:     []string{factAddress},
		NeedsSubject: true,
	}, {
		Type:         DeviceBindingRelabelled,
		Title:        "Device binding relabelled",
		Doc:          "Staff gave a binding another label (draft-richer-oauth-instance-00 §2). What the device called itself is kept; neither stands in the event.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factDevice, factBinding},
		Optional:     []string{factCounter, factDeviceAuthorization, factAddress},
		NeedsSubject: true,
	}}
}

// secondDefinitions: the second person, where an approval needs one.
func secondDefinitions() []Definition {
	required := []string{factActor, factSession, factDevice, factDeviceAuthorization, factProofing}
	return []Definition{{
		Type:         SecondApprovalAsked,
		Title:        "Second person asked for",
		Doc:          "An operator asked for a second person to look at a visit before it is approved. The reason says why one is needed: the account, a scope, a name that differs, a scan or check that was overruled, or that somebody was asked before.",
		Actors:       []string{ActorStaff},
		Required:     append([]string{factCounter, factReason}, required...),
		NeedsSubject: true,
	}, {
		Type:         SecondApprovalOpened,
		Title:        "Second person opened the record",
		Doc:          "Somebody else of the staff opened the record of a visit that waits for a second person: from then on their session sees it, and may agree or return it.",
		Actors:       []string{ActorStaff},
		Required:     required,
		Optional:     []string{factCounter},
		NeedsSubject: true,
	}, {
		Type:         SecondApprovalGiven,
		Title:        "Second person agreed",
		Doc:          "Somebody else of the staff looked at the whole record of a visit and agreed that it may be approved. Whoever asked still decides.",
		Actors:       []string{ActorStaff},
		Required:     required,
		Optional:     []string{factCounter},
		NeedsSubject: true,
	}, {
		Type:         SecondApprovalReturned,
		Title:        "Second person returned the visit",
		Doc:          "Somebody else of the staff looked at the record of a visit and gave it back unapproved, for the reason stated.",
		Actors:       []string{ActorStaff},
		Required:     append([]string{factReason}, required...),
		Optional:     []string{factCounter},
		NeedsSubject: true,
	}, {
		Type:         SecondApprovalRefused,
		Title:        "Second person distrusts the visit",
		Doc:          "An alert: somebody else of the staff looked at the record of a visit and gave it back as suspicious, or as maybe not the account holder's; the reason says which.",
		Actors:       []string{ActorStaff},
		Required:     append([]string{factReason}, required...),
		Optional:     []string{factCounter},
		NeedsSubject: true,
	}}
}

// alertDefinitions: what becomes of an alert.
func alertDefinitions() []Definition {
	return []Definition{{
		Type:     AlertAcknowledged,
		Title:    "Alert looked at",
		Doc:      "A supervisor looked at an alert: the event fact is its jti, the reason its type. A note that they may have written is kept elsewhere, since it may name people.",
		Actors:   []string{ActorStaff},
		Required: []string{factActor, factSession, factEvent, factReason},
		Optional: []string{factDeviceAuthorization, factAddress},
	}}
}

// staffDefinitions: sessions of operators, supervisors and administrators.
func staffDefinitions() []Definition {
	return []Definition{{
		Type:           StaffSignedIn,
		Title:          "Staff signed in",
		Doc:            "A member of staff signed in with the organisation's provider.",
		Actors:         []string{ActorStaff},
		Required:       []string{factActor, factSession, factRoles},
		Optional:       []string{factCounter, factAddress},
		RefusesSubject: true,
	}, {
		Type:           StaffSteppedUp,
		Title:          "Staff stepped up",
		Doc:            "A member of staff signed in with the organisation's provider again, within their session: an approval asked for a fresh or stronger sign-in.",
		Actors:         []string{ActorStaff},
		Required:       []string{factActor, factSession, factRoles},
		RefusesSubject: true,
	}, {
		Type:           StaffSignedOut,
		Title:          "Staff signed out",
		Doc:            "A session of a member of staff ended: they signed out, the organisation's provider said so, or an administrator ended it. The actor is who ended it, the session whose it was.",
		Actors:         []string{ActorStaff, ActorSystem},
		Required:       []string{factActor, factSession},
		Optional:       []string{factCounter, factReason, factAddress},
		RefusesSubject: true,
	}, {
		Type:           StaffSignInRefused,
		Title:          "Staff sign-in refused",
		Doc:            "Somebody came back from the organisation's provider and was not let in. The actor is the server when it does not know who they are.",
		Actors:         []string{ActorStaff, ActorSystem},
		Required:       []string{factActor, factReason},
		Optional:       []string{factRoles, factAddress},
		RefusesSubject: true,
	}, {
		Type:           CounterOpened,
		Title:          "Counter opened",
		Doc:            "An operator chose the counter they work at.",
		Actors:         []string{ActorStaff},
		Required:       []string{factActor, factSession, factCounter},
		Optional:       []string{factAddress},
		RefusesSubject: true,
	}}
}
