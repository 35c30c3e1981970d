package audit

import "countersign/audit/term"

// keyDefinitions: the server's own keys.
func keyDefinitions() []Definition {
	actors := []string{ActorStaff, ActorSystem}
	return []Definition{{
		Type:           SigningKeyCreated,
		Title:          "Signing key created",
		Doc:            "The server made a signing key. The key fact is its key identifier, as in the published key set.",
		Actors:         actors,
		Systems:        []term.System{term.SystemStart, term.SystemCommandLine, term.SystemKeyRotation},
		Required:       []string{factActor, factKey},
		Optional:       []string{factReason},
		RefusesSubject: true,
		Words:          words{factReason: term.Words(term.ServerKeys())},
	}, {
		Type:  SigningKeyRotated,
		Title: "Signing key rotated",
		Doc: "A next key became the current one: the key fact names it, the reason says what it signs. The one " +
			"before it is retired; what it signed stays valid for its life.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommandLine, term.SystemKeyRotation},
		Required:       []string{factActor, factKey, factReason},
		RefusesSubject: true,
		Words:          words{factReason: term.Words(term.SigningKeys())},
	}, {
		Type:  SigningKeyRetired,
		Title: "Signing key retired for good",
		Doc: "A retired signing key was ended: its private half is erased and tokens that it signed are " +
			"refused. The reason says what it signed, and whether it was forced while tokens could still " +
			"live.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommandLine},
		Required:       []string{factActor, factKey, factReason},
		RefusesSubject: true,
		Words:          words{factReason: term.Words(term.KeyRetirements())},
	}, {
		Type:  KeysResealed,
		Title: "Keys sealed anew",
		Doc: "Every key of the server was sealed with another master key. The count is how many; the keys " +
			"themselves are the same.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommandLine},
		Required:       []string{factActor, factCount},
		RefusesSubject: true,
	}, {
		Type:  KeysAuthenticated,
		Title: "Keys vouched for",
		Doc: "The first start after an update gave every row of the key table its MAC under the master key. The count " +
			"is how many. It happens once: a row without one is refused from then on.",
		Actors:         actors,
		Systems:        []term.System{term.SystemStart},
		Required:       []string{factActor, factCount},
		RefusesSubject: true,
	}}
}

// logDefinitions: the Merkle tree over the trail.
func logDefinitions() []Definition {
	return []Definition{{
		Type:  LogRefused,
		Title: "Trail differs from what was signed",
		Doc: "An alert: the newest entries, tiles or checkpoint of the log are not what was signed, and the tree is not " +
			"extended until somebody has looked. The count is the size of the newest checkpoint. Once an hour; the server's own log says what " +
			"differs, and countersign audit verify finds it.",
		Actors:         []string{ActorSystem},
		Systems:        []term.System{term.SystemSequencer},
		Required:       []string{factActor, factCount},
		RefusesSubject: true,
	}, {
		Type:  LogLossAccepted,
		Title: "Loss of entries accepted",
		Doc: "An alert: the log goes on from an older copy of the database, on purpose. The count is the size of the checkpoint that the server had " +
			"kept: entries up to that number were shown, and are gone or are others now.",
		Actors:         []string{ActorSystem},
		Systems:        []term.System{term.SystemCommandLine},
		Required:       []string{factActor, factCount},
		RefusesSubject: true,
	}, {
		Type:  LogForked,
		Title: "Witness has seen another log",
		Doc: "An alert: a witness has cosigned entries of this log that are not those of the trail, or more than there are. A database that was " +
			"restored from a backup does that, and so does a history that was written anew. The count is the size of the newest checkpoint, the " +
			"key is the witness's name and the hash of its key. Once an hour; the server's own log says what the witness answered.",
		Actors:         []string{ActorSystem},
		Systems:        []term.System{term.SystemSequencer},
		Required:       []string{factActor, factCount, factKey},
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
		Systems:        []term.System{term.SystemCommand},
		Required:       []string{factActor, factResourceServer, factResource},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}, {
		Type:           ResourceServerRemoved,
		Title:          "Resource server removed",
		Doc:            "An API may introspect no more.",
		Actors:         actors,
		Systems:        []term.System{term.SystemCommand},
		Required:       []string{factActor, factResourceServer, factResource},
		Optional:       []string{factSession, factAddress},
		RefusesSubject: true,
	}}
}
