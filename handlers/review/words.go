package review

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/views"
)

func title(ctx context.Context, kind audit.Type) string {
	if definition, ok := audit.Lookup(kind); ok {
		return views.Say(ctx, definition.Title)
	}
	return string(kind)
}

// who names the person or program that caused an event: never by an identifier.
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
		return "Countersign (" + views.Say(ctx, term.System(actor.System).Label()) + ")"
	}
	return ""
}

// countedWords says when a request was made whose making has no entry of its own; "" for any other.
func countedWords(ctx context.Context, request models.RequestView, at func(models.Instant) string) string {
	if request.CountedHour == 0 {
		return ""
	}
	return views.Say(ctx, "Made on %s, counted with others: there were too many for an entry of its own.", at(request.CreatedAt))
}

// endsByRule reports whether events of this type count requests that ended without events of their own.
func endsByRule(kind audit.Type) bool {
	return kind == audit.WaitingRequestsEnded || kind == audit.ClientDeleted || kind == audit.ClientDisabled
}

// stateWords returns a phase in words, with the note that goes with it.
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
	switch term.Ending(request.DeclineReason) {
	case term.EndingRecalled:
		return say("The approval was taken back before the device used it")
	case term.EndingNotMe:
		return say("The account’s holder said that it was not them")
	case term.EndingClientDeleted:
		return say("The device deleted its registration")
	case term.EndingClientDisabled:
		return say("The app on the device was disabled")
	}
	if request.DecidedStaffID == nil {
		return say("On %s, together with other requests", at(request.DecidedAt))
	}
	return say("On %s by %s: %s", at(request.DecidedAt), isolated(request.DecidedStaff), say(term.Decline(request.DeclineReason).Label()))
}

// bindingState returns a binding's state in words.
func bindingState(ctx context.Context, binding models.Binding, phase models.Phase) string {
	say := views.Speaker(ctx)
	switch {
	case binding.RevokeReason == models.EndedUnused:
		return say("Ended, not used")
	case binding.RevokeReason == models.EndedByTime:
		return say("Ended, its time was over")
	case binding.RevokedAt != 0 && binding.RedeemedAt == 0:
		return say("Taken back")
	case binding.RevokedAt != 0:
		return say("Disconnected")
	case binding.RedeemedAt != 0:
		return say("In use")
	case phase == models.Lapsed:
		return say("Never used")
	}
	return say("Not redeemed yet")
}

// isolated keeps the direction of a name from turning the words around it.
func isolated(name string) string {
	if name == "" {
		return ""
	}
	return "\u2068" + name + "\u2069"
}
