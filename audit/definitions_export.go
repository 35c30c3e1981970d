package audit

import "countersign/audit/term"

// exportDefinitions: entries leave the server.
func exportDefinitions() []Definition {
	actors := []string{ActorStaff, ActorSystem}
	return []Definition{{
		Type:  TrailExported,
		Title: "Trail exported",
		Doc: "Somebody takes entries of the trail with them: the reason says in which form, the filter which entries, of those with a " +
			"lower number than this one. Without a filter it is all of them. It is written before the first of them leaves. Its subject is " +
			"the account by which the filter narrows, if any.",
		Actors:   actors,
		Systems:  []term.System{term.SystemCommand},
		Required: []string{factActor, factReason},
		Optional: []string{factSession, factCounter, factFilter},
		Words:    words{factReason: term.Words(term.ExportFormats())},
	}, {
		Type:  TrailExportEnded,
		Title: "Export of the trail ended",
		Doc: "An export is over: the event fact is the jti of its beginning, the count how many entries were written, the reason whether " +
			"that was all of them. An export without this one was cut off by the end of the program: count it as whole.",
		Actors:   actors,
		Systems:  []term.System{term.SystemCommand},
		Required: []string{factActor, factEvent, factReason, factCount},
		Optional: []string{factSession, factCounter},
		Words:    words{factReason: term.Words(term.ExportEnds())},
	}}
}
