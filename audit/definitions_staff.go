package audit

import "countersign/audit/term"

// alertDefinitions: what becomes of an alert.
func alertDefinitions() []Definition {
	about := []string{factDeviceAuthorization, factAddress}
	return []Definition{{
		Type:     AlertTaken,
		Title:    "Alert taken",
		Doc:      "A supervisor took an alert, from nobody or from another one: the event fact is its jti, the reason its type.",
		Actors:   []string{ActorStaff},
		Required: []string{factActor, factSession, factEvent, factReason},
		Optional: about,
	}, {
		Type:  AlertNoted,
		Title: "Note on an alert",
		Doc: "A supervisor wrote a note on an alert: the event fact is its jti, the reason its type. The note may name people " +
			"and is kept elsewhere; note_hash is the SHA-256 of the salt that is kept with it, and of its text.",
		Actors:   []string{ActorStaff},
		Required: []string{factActor, factSession, factEvent, factReason, factNoteHash},
		Optional: about,
	}, {
		Type:     AlertClosed,
		Title:    "Alert closed",
		Doc:      "A supervisor closed an alert: the event fact is its jti, the reason what came of it.",
		Actors:   []string{ActorStaff},
		Required: []string{factActor, factSession, factEvent, factReason},
		Optional: about,
		Words:    words{factReason: term.Words(term.Closings())},
	}, {
		Type:  AlertAcknowledged,
		Title: "Alert looked at",
		Doc: "Written until alert-closed came. A supervisor looked at an alert, which closed it: the event fact is its jti, " +
			"the reason its type. A note that they may have written is kept elsewhere, since it may name people.",
		Actors:   []string{ActorStaff},
		Required: []string{factActor, factSession, factEvent, factReason},
		Optional: about,
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
		Type:  StaffSteppedUp,
		Title: "Staff signed in again",
		Doc: "A member of staff signed in with the organisation's provider again, within their session: an " +
			"approval asked for a fresh or stronger sign-in.",
		Actors:         []string{ActorStaff},
		Required:       []string{factActor, factSession, factRoles},
		RefusesSubject: true,
	}, {
		Type:  StaffSignedOut,
		Title: "Staff signed out",
		Doc: "A session of a member of staff ended: they signed out, the organisation's provider said so, or " +
			"an administrator ended it, in the console or by a command on the server. The actor is who ended it, the session the one " +
			"that ended, staff whose it was; events of before have no staff.",
		Actors:         []string{ActorStaff, ActorSystem},
		Systems:        []term.System{term.SystemCommand, term.SystemProvider, term.SystemSignIn},
		Required:       []string{factActor, factSession},
		Optional:       []string{factStaff, factCounter, factReason, factAddress},
		RefusesSubject: true,
		Words:          words{factReason: term.Words(term.SessionEnds())},
	}, {
		Type:  StaffSignInRefused,
		Title: "Staff sign-in refused",
		Doc: "Somebody came back from the organisation's provider and was not let in. The actor is the server " +
			"when it does not know who they are.",
		Actors:         []string{ActorStaff, ActorSystem},
		Systems:        []term.System{term.SystemSignIn},
		Required:       []string{factActor, factReason},
		Optional:       []string{factRoles, factAddress},
		RefusesSubject: true,
		Words:          words{factReason: term.Words(term.SignInRefusals())},
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
