package audit

import "countersign/audit/term"

// bindingDefinitions: what the phone, or somebody in its place, does with an approval.
func bindingDefinitions() []Definition {
	return []Definition{{
		Type:  DeviceBindingRedeemed,
		Title: "Device connected",
		Doc: "The phone traded its device code for tokens (RFC 8628 §3.4). A second one for the same binding " +
			"says with its reason that the first answer was lost.",
		Actors:       []string{ActorClient},
		Required:     []string{factActor, factDevice, factDeviceAuthorization, factBinding},
		Optional:     []string{factScope, factReason, factAddress},
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.Redemptions())},
	}, {
		Type:  RedemptionReplayed,
		Title: "Device code used again",
		Doc: "A device code that was redeemed before came back. The binding's tokens are dead, and somebody " +
			"should look.",
		Actors:       []string{ActorClient},
		Required:     []string{factActor, factDevice, factDeviceAuthorization},
		Optional:     []string{factBinding, factAddress},
		NeedsSubject: true,
	}, {
		Type:  WrongKeyUsed,
		Title: "Wrong key used",
		Doc: "An alert: a refresh token came back with another DPoP key than its own, which the device fact " +
			"names. The binding is revoked.",
		Actors:       []string{ActorClient},
		Required:     []string{factActor, factDevice, factDeviceAuthorization, factBinding},
		Optional:     []string{factAddress},
		NeedsSubject: true,
	}, {
		Type:  RefreshTokenRebound,
		Title: "Refresh token bound anew",
		Doc: "A refresh token came with a proof by the key that its client has registered since: it is bound " +
			"to that key from now on, which the device fact names.",
		Actors:          []string{ActorClient},
		Required:        []string{factActor, factDevice, factDeviceAuthorization, factBinding},
		Optional:        []string{factAddress},
		NeedsThumbprint: true,
		NeedsSubject:    true,
	}, {
		Type:  ForeignTokenPresented,
		Title: "Foreign token presented",
		Doc: "An alert: a client, which the device fact names, came to revoke a token of another client's live " +
			"binding (RFC 7009 §2.1). It was refused, and the binding goes on; somebody has a token that is " +
			"not theirs. A client raises one for a binding.",
		Actors:       []string{ActorClient},
		Required:     []string{factActor, factDevice, factDeviceAuthorization, factBinding},
		Optional:     []string{factAddress},
		NeedsSubject: true,
	}}
}

// bindingEndDefinitions: how a binding goes on, is named and ends.
func bindingEndDefinitions() []Definition {
	return []Definition{{
		Type:  DisconnectionRequested,
		Title: "Disconnection asked for",
		Doc: "An alert: an operator who could not end it themselves, since the customer has no device to show, asked supervisors to " +
			"disconnect a device of the account. The binding says which one; without it there are several, and a " +
			"supervisor finds out. The reason is the operator's. While nobody has looked, the same is not asked again.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factCounter, factReason},
		Optional:     []string{factDevice, factDeviceAuthorization, factBinding},
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.Recalls())},
	}, {
		Type:  DeviceBindingRevoked,
		Title: "Device disconnected",
		Doc: "A binding ended: revoked by a supervisor, by an operator in a visit of its account, by a command on the server, by the " +
			"phone itself (RFC 7009), or by the server after a replay. Its tokens are dead.",
		Actors:       []string{ActorStaff, ActorClient, ActorSystem},
		Systems:      []term.System{term.SystemCommand, term.SystemNotice, term.SystemTokenEndpoint},
		Required:     []string{factActor, factBinding, factReason},
		Optional:     []string{factSession, factCounter, factDevice, factDeviceAuthorization, factAddress},
		NeedsSubject: true,
		Words:        words{factReason: append(term.Words(term.Recalls()), term.Words(term.Endings())...)},
	}, {
		Type:         AccessTokenRevoked,
		Title:        "Access token revoked",
		Doc:          "The phone ended one access token before its time (RFC 7009 §2.1); its binding stands.",
		Actors:       []string{ActorClient},
		Required:     []string{factActor, factDevice, factBinding},
		Optional:     []string{factAddress},
		NeedsSubject: true,
	}, {
		Type:  DeviceBindingRelabelled,
		Title: "Device renamed",
		Doc: "Staff gave a binding another label (draft-richer-oauth-instance-00 §2). What the device called " +
			"itself is kept; the label before and after is a detail.",
		Actors:       []string{ActorStaff},
		Required:     []string{factActor, factSession, factDevice, factBinding},
		Optional:     []string{factCounter, factDeviceAuthorization, factAddress},
		Details:      []string{DetailLabel},
		NeedsSubject: true,
	}}
}
