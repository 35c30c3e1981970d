package audit

import "countersign/audit/term"

// clientDefinitions: the life of a client instance.
func clientDefinitions() []Definition {
	anybody := []string{ActorStaff, ActorClient, ActorSystem}
	return []Definition{{
		Type:  ClientRegistered,
		Title: "Client registered",
		Doc: "A client instance registered itself with its own key (RFC 7591 §3). The publisher is the one " +
			"whose app it says it is; the reason says whether a software statement proves it. An initial " +
			"access token that it used is named.",
		Actors:          []string{ActorClient},
		Required:        []string{factActor, factDevice},
		Optional:        []string{factPublisher, factReason, factRegistrationToken, factAddress},
		NeedsThumbprint: true,
		RefusesSubject:  true,
		Words:           words{factReason: term.Words(term.Vouches())},
	}, {
		Type:  ClientUpdated,
		Title: "Client updated",
		Doc: "A client instance replaced its registration (RFC 7592 §2.2), or its key was found replaced at " +
			"its jwks_uri; the reason says which. The thumbprint is that of the key it has now.",
		Actors:          anybody,
		Systems:         []term.System{term.SystemJWKSURI},
		Required:        []string{factActor, factDevice, factReason},
		Optional:        []string{factPublisher, factAddress},
		NeedsThumbprint: true,
		RefusesSubject:  true,
		Words:           words{factReason: term.Words(term.ClientUpdates())},
	}, {
		Type:  ClientDeleted,
		Title: "Client deleted",
		Doc: "A client instance deleted its registration (RFC 7592 §2.3). Its requests ended with it, by " +
			"a rule and without events of their own; the count is how many waited a moment before, where 301 is " +
			"any number above 300. So did its bindings, the newest 20 with an event for each.",
		Actors:          []string{ActorStaff, ActorClient},
		Required:        []string{factActor, factDevice},
		Optional:        []string{factCount, factAddress, factRegisteredAt},
		NeedsThumbprint: true,
		RefusesSubject:  true,
	}, {
		Type:  ClientDisabled,
		Title: "Client disabled",
		Doc: "An administrator disabled a client instance. Its requests and bindings ended with it, as when " +
			"a client is deleted.",
		Actors:          []string{ActorStaff, ActorSystem},
		Systems:         []term.System{term.SystemCommand},
		Required:        []string{factActor, factDevice},
		Optional:        []string{factSession, factCount, factAddress, factRegisteredAt},
		NeedsThumbprint: true,
		RefusesSubject:  true,
	}, {
		Type:            ClientEnabled,
		Title:           "Client enabled",
		Doc:             "An administrator lets a disabled client instance ask again. What ended when it was disabled stays ended.",
		Actors:          []string{ActorStaff, ActorSystem},
		Systems:         []term.System{term.SystemCommand},
		Required:        []string{factActor, factDevice},
		Optional:        []string{factSession, factAddress},
		NeedsThumbprint: true,
		RefusesSubject:  true,
	}}
}

// registrationDefinitions: who may register clients.
func registrationDefinitions() []Definition {
	actors := []string{ActorStaff, ActorSystem}
	return []Definition{{
		Type:  PublisherAdded,
		Title: "Publisher added",
		Doc: "A publisher of client software, or an app of one, was registered. The software is the app's " +
			"software_id; the scope is the most that it may have, none when there is none; the presence says " +
			"whether its requests need the device's own proof.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommand},
		Required:       []string{factActor, factPublisher},
		Optional:       []string{factSession, factKey, factSoftware, factScope, factPresence, factAddress},
		RefusesSubject: true,
		Words:          words{factPresence: term.Words(term.PresenceRules())},
	}, {
		Type:  PublisherChanged,
		Title: "Publisher changed",
		Doc: "The keys that a publisher signs software statements with were replaced: the count is how many " +
			"there are now. Or, where a software is named, what this app may have was changed: the scope and " +
			"the presence are what holds from now on, as in publisher-added. The details have what was before, too.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommand},
		Required:       []string{factActor, factPublisher},
		Optional:       []string{factSession, factCount, factSoftware, factScope, factPresence, factAddress},
		Details:        []string{DetailKeys, DetailScope, DetailPresence},
		RefusesSubject: true,
		Words:          words{factPresence: term.Words(term.PresenceRules())},
	}, {
		Type:  RegistrationTokenCreated,
		Title: "Registration token created",
		Doc: "An initial access token was made, with which one client instance may register (RFC 7591 §3). The " +
			"token itself is nowhere kept.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommand},
		Required:       []string{factActor, factRegistrationToken},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}, {
		Type:           RegistrationTokenRevoked,
		Title:          "Registration token revoked",
		Doc:            "An initial access token was taken back before it was used.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommand},
		Required:       []string{factActor, factRegistrationToken},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}}
}
