package review

import (
	"context"
	"slices"
	"strings"

	"countersign/audit"
	"countersign/models"
	"countersign/views"
)

func title(ctx context.Context, kind audit.Type) string {
	if definition, ok := audit.Lookup(kind); ok {
		return views.Say(ctx, definition.Title)
	}
	return string(kind)
}

// who names whoever caused an event: never by an identifier.
func who(ctx context.Context, row models.TrailRow) string {
	actor := row.Event.Facts.Actor
	switch {
	case row.StaffName != "":
		return row.StaffName
	case actor == nil:
		return ""
	case actor.Client != "":
		return views.Say(ctx, "The device")
	case actor.System != "":
		return "Countersign (" + factWords(ctx, actor.System) + ")"
	}
	return ""
}

// details says in words what an event's facts add to its title.
func details(ctx context.Context, event audit.Event) string {
	facts, say := event.Facts, views.Speaker(ctx)
	switch {
	case facts.TriesLeft != nil:
		return say("%d tries left", *facts.TriesLeft)
	case facts.QueryKind != "" && facts.Count != nil:
		return say("%s search, %d found", factWords(ctx, facts.QueryKind), *facts.Count)
	case facts.Reason == models.NotMe:
		return say("the person said that it was not them")
	case event.Type == audit.DeviceRepudiated:
		return say("the request was %s", factWords(ctx, facts.Reason))
	case event.Type == audit.DeviceAuthorizationDeclined:
		return declinedWords(ctx, facts)
	case event.Type == audit.DecisionRefused:
		return refusalWords(ctx, facts.Reason)
	case event.Type == audit.DeviceBindingRecalled, event.Type == audit.DeviceBindingRevoked:
		return factWords(ctx, views.ChoiceLabel(views.RecallReasons(ctx), facts.Reason))
	case event.Type == audit.SuspicionReported && facts.Count != nil && *facts.Count > 0:
		return say("%d more declined with it", *facts.Count)
	case event.Type == audit.AlertAcknowledged:
		return title(ctx, audit.Type(facts.Reason))
	case event.Type == audit.ApprovalRateUnusual && facts.Count != nil:
		return say("%d approvals within an hour", *facts.Count)
	case event.Type == audit.SpentCodeEntered:
		return say("of a request that is %s", factWords(ctx, facts.Reason))
	case event.Type == audit.AccountsImported && facts.Count != nil:
		return say("%d added or changed", *facts.Count)
	case event.Type == audit.AccountChanged:
		state, why, _ := strings.Cut(facts.Reason, " - ")
		return strings.Join(slices.DeleteFunc([]string{factWords(ctx, state), factWords(ctx, why)}, func(w string) bool { return w == "" }), ": ")
	case event.Type == audit.CounterChanged:
		return counterWords(ctx, facts.Reason)
	case event.Type == audit.CodeMatched && facts.Presence != "":
		return enteredWords(ctx, factWords(ctx, facts.Presence), facts.Entered)
	}
	return factWords(ctx, facts.Reason)
}

// counterWords lists what of a counter was changed.
func counterWords(ctx context.Context, reason string) string {
	var list []string
	for _, field := range []string{models.CounterName, models.CounterAddress, models.CounterHours, models.CounterTimeZone, models.CounterNetworks} {
		if strings.Contains(" "+reason+" ", " "+field+" ") {
			list = append(list, factWords(ctx, field))
		}
	}
	return strings.Join(list, ", ")
}

// enteredWords adds how the operator's page said that the match was entered.
func enteredWords(ctx context.Context, presence, entered string) string {
	say := views.Speaker(ctx)
	switch models.ParseEntered(entered) {
	case models.EnteredByScan:
		return say("%s, scanned", presence)
	case models.EnteredByTyping:
		return say("%s, typed", presence)
	case models.EnteredByCamera:
		return say("%s, by camera", presence)
	case models.EnteredBySerial:
		return say("%s, by serial scanner", presence)
	}
	return presence
}

// declinedWords says why, and what the match rested on where there was one.
func declinedWords(ctx context.Context, facts audit.Facts) string {
	why := views.ChoiceLabel(views.DeclineReasons(ctx), facts.Reason)
	if facts.Presence == "" {
		return why
	}
	return views.Say(ctx, "%s (matched: %s)", why, factWords(ctx, facts.Presence))
}

// refusalWords says why a decision was refused: a word of models, or the phase that the
// request was in.
func refusalWords(ctx context.Context, reason string) string {
	say := views.Speaker(ctx)
	switch reason {
	case "own account":
		return say("it was their own account")
	case "own account unknown":
		return say("which account is their own was not known")
	case "scope withdrawn":
		return say("the app may have nothing of what it asked for any more")
	case "not looked":
		return say("they had not opened the record")
	case "no visit":
		return say("no visit of the account lasted")
	case "no proofing":
		return say("the ID document was not checked")
	case "not theirs to recall":
		return say("only a supervisor could recall it")
	case "own alert":
		return say("it was an alert that they had caused")
	case "not the claim":
		return say("another session holds the request")
	case "account not active":
		return say("the account was not active")
	case "client disabled":
		return say("the app on the device was disabled")
	case "claimed by another":
		return say("another operator holds the request")
	case "matching locked":
		return say("code entry was locked for the account")
	case "presence required":
		return say("the device’s own proof was missing")
	case "second person required":
		return say("the second person was missing")
	case "same person":
		return say("they had asked for the second person themselves")
	case "too many wrong codes":
		return say("they had entered too many wrong codes")
	case "details differ":
		return say("the document differs from the record")
	case string(models.Pending), string(models.Matched):
		return say("match or document check was missing")
	case string(models.Expired), string(models.Lapsed):
		return say("it was too late")
	}
	return say("it was %s already", factWords(ctx, reason))
}

// stateWords is a phase in words, with the note that goes with it.
func stateWords(ctx context.Context, request models.RequestView, at func(models.Instant) string) (state, note string) {
	say := views.Speaker(ctx)
	switch phase := request.Phase; {
	case phase.Is(models.Pending):
		return say("Waiting"), say("Until %s", at(request.PendingUntil))
	case phase.Is(models.Matched):
		return say("Code matched"), handledBy(say, request, at)
	case phase.Is(models.Proofed):
		return say("Document checked"), handledBy(say, request, at)
	case phase.Is(models.Approved):
		return say("Approved"), say("On %s by %s; not redeemed yet", at(request.DecidedAt), isolated(request.DecidedStaff))
	case phase.Is(models.Redeemed):
		return say("Connected"), say("On %s", at(request.RedeemedAt))
	case phase.Is(models.Declined):
		return say("Declined"), declinedNote(ctx, request, at)
	case phase == models.Expired:
		return say("Expired"), say("On %s", at(request.PendingUntil))
	case phase == models.Lapsed:
		return say("Lapsed"), say("Approved, but not redeemed by %s", at(request.RedeemUntil))
	}
	return string(request.Phase), ""
}

func handledBy(say views.Sayer, request models.RequestView, at func(models.Instant) string) string {
	return say("Being handled by %s at %s until %s", isolated(request.ClaimStaff), isolated(request.ClaimCounter), at(request.ClaimUntil))
}

func declinedNote(ctx context.Context, request models.RequestView, at func(models.Instant) string) string {
	say := views.Speaker(ctx)
	switch {
	case request.DeclineReason == "recalled":
		return say("The approval was recalled before the device used it")
	case request.DeclineReason == models.NotMe:
		return say("The account’s holder said that it was not them")
	case request.DeclineReason == models.ClientDeleted:
		return say("The device deleted its registration")
	case request.DeclineReason == models.ClientWasDisabled:
		return say("The app on the device was disabled")
	}
	return say("On %s by %s: %s", at(request.DecidedAt), isolated(request.DecidedStaff),
		views.ChoiceLabel(views.DeclineReasons(ctx), request.DeclineReason))
}

// bindingState is a binding's state in words.
func bindingState(ctx context.Context, binding models.Binding, phase models.Phase) string {
	say := views.Speaker(ctx)
	switch {
	case binding.RevokedAt != 0 && binding.RedeemedAt == 0:
		return say("Recalled")
	case binding.RevokedAt != 0:
		return say("Revoked")
	case binding.RedeemedAt != 0:
		return say("In use")
	case phase == models.Lapsed:
		return say("Never used")
	}
	return say("Not redeemed yet")
}

// isolated keeps the direction of a name from turning the words around it.
func isolated(name string) string { return "\u2068" + name + "\u2069" }
