package audit

// administrationDefinitions: what an administrator or the command line changes.
func administrationDefinitions() []Definition {
	actors := []string{ActorStaff, ActorSystem}
	return []Definition{{
		Type:           AccountsImported,
		Title:          "Accounts imported",
		Doc:            "Accounts were read from a file. The count is how many were added or changed.",
		Actors:         actors,
		Required:       []string{factActor, factCount},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}, {
		Type:         AccountChanged,
		Title:        "Account changed",
		Doc:          "An account was suspended, reinstated or otherwise changed; the reason says which, never the new values.",
		Actors:       actors,
		Required:     []string{factActor, factReason},
		Optional:     []string{factSession, factAddress},
		NeedsSubject: true,
	}, {
		Type:           CounterAdded,
		Title:          "Counter added",
		Doc:            "A counter was set up.",
		Actors:         actors,
		Required:       []string{factActor, factCounter},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}, {
		Type:           CounterChanged,
		Title:          "Counter changed",
		Doc:            "The name, place, hours, time zone or networks of a counter were changed; the reason says which of them, never the new values.",
		Actors:         actors,
		Required:       []string{factActor, factCounter, factReason},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}, {
		Type:           CounterClosed,
		Title:          "Counter closed",
		Doc:            "A counter was taken out of use. The count is how many sessions lost it.",
		Actors:         actors,
		Required:       []string{factActor, factCounter, factCount},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}, {
		Type:           CounterReopened,
		Title:          "Counter opened again",
		Doc:            "A counter that was closed is in use again; who worked there has to open it anew.",
		Actors:         actors,
		Required:       []string{factActor, factCounter},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}, {
		Type:           StaffLimited,
		Title:          "Staff limited to counters",
		Doc:            "An administrator said which counters a member of staff may open: the staff fact names whom, counters which, count how many. A count of 0 lifts the limit: any counter.",
		Actors:         []string{ActorStaff},
		Required:       []string{factActor, factSession, factStaff, factCount},
		Optional:       []string{factCounters},
		RefusesSubject: true,
	}}
}

// keyDefinitions: the server's own keys.
func keyDefinitions() []Definition {
	actors := []string{ActorStaff, ActorSystem}
	return []Definition{{
		Type:           SigningKeyCreated,
		Title:          "Signing key created",
		Doc:            "The server made a signing key. The key fact is its key identifier, as in the published key set.",
		Actors:         actors,
		Required:       []string{factActor, factKey},
		Optional:       []string{factReason},
		RefusesSubject: true,
	}, {
		Type:           SigningKeyRotated,
		Title:          "Signing key rotated",
		Doc:            "A next key became the current one: the key fact names it, the reason says what it signs. The one before it is retired; what it signed stays valid for its life.",
		Actors:         actors,
		Required:       []string{factActor, factKey, factReason},
		RefusesSubject: true,
	}, {
		Type:           SigningKeyRetired,
		Title:          "Signing key retired for good",
		Doc:            "A retired signing key was ended: its private half is erased and tokens that it signed are refused. The reason says what it signed, and whether it was forced while tokens could still live.",
		Actors:         actors,
		Required:       []string{factActor, factKey, factReason},
		RefusesSubject: true,
	}, {
		Type:           KeysResealed,
		Title:          "Keys sealed anew",
		Doc:            "Every key of the server was sealed with another master key. The count is how many; the keys themselves are the same.",
		Actors:         actors,
		Required:       []string{factActor, factCount},
		RefusesSubject: true,
	}}
}

// resourceServerDefinitions: which APIs may introspect.
func resourceServerDefinitions() []Definition {
	actors := []string{ActorStaff, ActorSystem}
	return []Definition{{
		Type:           ResourceServerAdded,
		Title:          "Resource server added",
		Doc:            "An API was registered that may introspect the access tokens for its resource (RFC 7662 §2.1).",
		Actors:         actors,
		Required:       []string{factActor, factResourceServer, factResource},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}, {
		Type:           ResourceServerRemoved,
		Title:          "Resource server removed",
		Doc:            "An API may introspect no more.",
		Actors:         actors,
		Required:       []string{factActor, factResourceServer, factResource},
		Optional:       []string{factSession, factReason, factAddress},
		RefusesSubject: true,
	}}
}
