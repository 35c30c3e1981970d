package audit

import "countersign/audit/term"

// accountDefinitions: what an administrator or a command changes of accounts.
func accountDefinitions() []Definition {
	actors := []string{ActorStaff, ActorSystem}
	return []Definition{{
		Type:  AccountsImported,
		Title: "Accounts imported",
		Doc: "Accounts were read from a file; this is written at the end. The count is how many were added or changed. " +
			"The reason says if the import was interrupted and finished later, and if lines were left out " +
			"since somebody else changed their accounts meanwhile.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommand},
		Required:       []string{factActor, factCount},
		Optional:       []string{factSession, factAddress, factReason},
		RefusesSubject: true,
		Words:          words{factReason: term.Words(term.ImportNotes())},
		JoinsReasons:   true,
	}, {
		Type:  AccountChanged,
		Title: "Account changed",
		Doc: "An account was added by hand, suspended, reinstated or otherwise changed; the reason says which. The details have the " +
			"values before and after.",
		Actors:   actors,
		Systems:  []term.System{term.SystemCommand},
		Required: []string{factActor, factReason},
		Optional: []string{factSession, factAddress},
		Details: []string{DetailIdentifiers, DetailName, DetailLatinName, DetailLanguage, DetailStaff, DetailBirth, DetailContact,
			DetailStatus, DetailPresence, DetailTwoPerson},
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.AccountChanges())},
	}, {
		Type:  AccountErased,
		Title: "Account erased",
		Doc: "An account was erased: its record and identifiers, what its requests and visits say of a person, and all details of " +
			"earlier events about it. The count is how many bindings ended with it, with an event for each; what waited ended by a " +
			"rule and without events of its own. The reason says why.",
		Actors:       []string{ActorSystem},
		Systems:      []term.System{term.SystemCommand},
		Required:     []string{factActor, factReason, factCount},
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.Erasures())},
	}, {
		Type:  AccountExported,
		Title: "Account exported",
		Doc: "All that is kept of an account is given out, as its holder may ask: what the database has, and the events about it. It is " +
			"written before anything leaves.",
		Actors:       []string{ActorSystem},
		Systems:      []term.System{term.SystemCommand},
		Required:     []string{factActor},
		NeedsSubject: true,
	}}
}

// counterDefinitions: counters, and who may work at them.
func counterDefinitions() []Definition {
	actors := []string{ActorStaff, ActorSystem}
	return []Definition{{
		Type:           CounterAdded,
		Title:          "Counter added",
		Doc:            "A counter was set up.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommand},
		Required:       []string{factActor, factCounter},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}, {
		Type:  CounterChanged,
		Title: "Counter changed",
		Doc: "The name, place, hours, time zone or networks of a counter were changed; the reason says which " +
			"of them. The details have the values before and after.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommand},
		Details:        []string{DetailName, DetailPlace, DetailHours, DetailTimeZone, DetailNetworks},
		Required:       []string{factActor, factCounter, factReason},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
		Words:          words{factReason: term.Words(term.CounterFields())},
		JoinsReasons:   true,
	}, {
		Type:           CounterClosed,
		Title:          "Counter closed",
		Doc:            "A counter was taken out of use. The count is how many sessions lost it.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommand},
		Required:       []string{factActor, factCounter, factCount},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}, {
		Type:           CounterReopened,
		Title:          "Counter opened again",
		Doc:            "A counter that was closed is in use again; who worked there has to open it anew.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommand},
		Required:       []string{factActor, factCounter},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}, {
		Type:  StaffLimited,
		Title: "Staff limited to counters",
		Doc: "An administrator said which counters a member of staff may open: the staff fact names whom, " +
			"counters which, count how many. A count of 0 lifts the limit: any counter. The detail has the identifiers before and after.",
		Actors:         []string{ActorStaff},
		Required:       []string{factActor, factSession, factStaff, factCount},
		Optional:       []string{factCounters},
		Details:        []string{DetailCounters},
		RefusesSubject: true,
	}}
}

// practiceDefinitions: a database whose people are invented.
func practiceDefinitions() []Definition {
	return []Definition{{
		Type:  PracticeBegun,
		Title: "Practice begun",
		Doc: "The database was empty, and is for practice from here on: all people, accounts and decisions in this trail are " +
			"invented, and none of it says anything of anybody.",
		Actors:         []string{ActorSystem},
		Systems:        []term.System{term.SystemStart},
		Required:       []string{factActor},
		RefusesSubject: true,
	}}
}

// sweepDefinitions: what the server removes by itself.
func sweepDefinitions() []Definition {
	return []Definition{{
		Type:  RowsSwept,
		Title: "Old data removed",
		Doc: "Rows whose time was over are removed: all of the kind that the reason names and that were over before the " +
			"moment in before, count of them when this was written. The trail keeps their events.",
		Actors:         []string{ActorSystem},
		Systems:        []term.System{term.SystemSweep},
		Required:       []string{factActor, factReason, factCount, factBefore},
		RefusesSubject: true,
		Words:          words{factReason: term.Words(term.SweptKinds())},
	}, {
		Type:  EventsCounted,
		Title: "Events counted",
		Doc: "Strangers did more within an hour than has events of its own: count acts of the type that the reason names, in the " +
			"hour that ended at the moment in before. What they made says itself in which hour it was counted. A second event of the " +
			"same hour and type is for those that came late.",
		Actors:         []string{ActorSystem},
		Systems:        []term.System{term.SystemSweep},
		Required:       []string{factActor, factReason, factCount, factBefore},
		RefusesSubject: true,
	}}
}
