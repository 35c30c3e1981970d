package review

import (
	"fmt"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/views"
)

// when tells an event's time to the second. UTC is marked as such.
func when(t time.Time, zone *time.Location) string {
	text := t.In(zone).Format("2 Jan 2006 15:04:05")
	if zone == time.UTC {
		text += " UTC"
	}
	return text
}

func title(kind audit.Type) string {
	if definition, ok := audit.Lookup(kind); ok {
		return definition.Title
	}
	return string(kind)
}

// who names whoever caused an event: never by an identifier.
func who(row models.TrailRow) string {
	actor := row.Event.Facts.Actor
	switch {
	case row.StaffName != "":
		return row.StaffName
	case actor == nil:
		return ""
	case actor.Client != "":
		return "The device"
	case actor.System != "":
		return "Countersign (" + actor.System + ")"
	}
	return ""
}

// details says in words what an event's facts add to its title.
func details(event audit.Event) string {
	facts := event.Facts
	switch {
	case facts.TriesLeft != nil:
		return triesLeft(*facts.TriesLeft)
	case facts.QueryKind != "" && facts.Count != nil:
		return fmt.Sprintf("%s search, %d found", facts.QueryKind, *facts.Count)
	case facts.Reason == models.NotMe:
		return "the person said that it was not them"
	case event.Type == audit.DeviceRepudiated:
		return "the request was " + facts.Reason
	case event.Type == audit.DeviceAuthorizationDeclined:
		return declinedWords(facts)
	case event.Type == audit.DecisionRefused:
		return refusalWords(facts.Reason)
	case event.Type == audit.DeviceBindingRecalled, event.Type == audit.DeviceBindingRevoked:
		return views.ChoiceLabel(views.RecallReasons(), facts.Reason)
	case event.Type == audit.SuspicionReported && facts.Count != nil:
		return fmt.Sprintf("%d more declined with it", *facts.Count)
	case event.Type == audit.AlertAcknowledged:
		return title(audit.Type(facts.Reason))
	case event.Type == audit.ApprovalRateUnusual && facts.Count != nil:
		return fmt.Sprintf("%d approvals within an hour", *facts.Count)
	case event.Type == audit.SpentCodeEntered:
		return "of a request that is " + facts.Reason
	case event.Type == audit.AccountsImported && facts.Count != nil:
		return fmt.Sprintf("%d added or changed", *facts.Count)
	case event.Type == audit.CodeMatched && facts.Presence != "":
		return facts.Presence + enteredWords(facts.Entered)
	}
	return facts.Reason
}

// enteredWords says how the operator's page said that the match was entered.
func enteredWords(entered string) string {
	switch models.ParseEntered(entered) {
	case models.EnteredByScan:
		return ", scanned"
	case models.EnteredByTyping:
		return ", typed"
	case models.EnteredByCamera:
		return ", by camera"
	case models.EnteredBySerial:
		return ", by serial scanner"
	}
	return ""
}

// declinedWords says why, and what the match rested on where there was one.
func declinedWords(facts audit.Facts) string {
	why := views.ChoiceLabel(views.DeclineReasons(), facts.Reason)
	if facts.Presence == "" {
		return why
	}
	return why + " (matched: " + facts.Presence + ")"
}

// refusalWords says why a decision was refused: a word of models, or the phase that the
// request was in.
func refusalWords(reason string) string {
	switch reason {
	case "own account":
		return "it was their own account"
	case "own alert":
		return "it was an alert that they had caused"
	case "not the claim":
		return "another session holds the request"
	case "account not active":
		return "the account was not active"
	case "too many wrong codes":
		return "they had entered too many wrong codes"
	case "details differ":
		return "the document differs from the record"
	case string(models.Pending), string(models.Matched):
		return "match or document check was missing"
	case string(models.Expired), string(models.Lapsed):
		return "it was too late"
	}
	return "it was " + reason + " already"
}

func triesLeft(n int) string {
	if n == 1 {
		return "1 try left"
	}
	return fmt.Sprintf("%d tries left", n)
}

// stateWords is a phase in words, with the note that goes with it.
func stateWords(request models.RequestView, at func(models.Instant) string) (state, note string) {
	switch request.Phase {
	case models.Phase(models.Pending):
		return "Waiting", "Until " + at(request.PendingUntil)
	case models.Phase(models.Matched):
		return "Code matched", handledBy(request, at)
	case models.Phase(models.Proofed):
		return "Document checked", handledBy(request, at)
	case models.Phase(models.Approved):
		return "Approved", fmt.Sprintf("On %s by \u2068%s\u2069; not redeemed yet", at(request.DecidedAt), request.DecidedStaff)
	case models.Phase(models.Redeemed):
		return "Connected", "On " + at(request.RedeemedAt)
	case models.Phase(models.Declined):
		return "Declined", declinedNote(request, at)
	case models.Expired:
		return "Expired", "On " + at(request.PendingUntil)
	case models.Lapsed:
		return "Lapsed", "Approved, but not redeemed by " + at(request.RedeemUntil)
	}
	return string(request.Phase), ""
}

func handledBy(request models.RequestView, at func(models.Instant) string) string {
	return fmt.Sprintf("Being handled by \u2068%s\u2069 at \u2068%s\u2069 until %s", request.ClaimStaff, request.ClaimCounter, at(request.ClaimUntil))
}

func declinedNote(request models.RequestView, at func(models.Instant) string) string {
	switch {
	case request.DeclineReason == "recalled":
		return "The approval was recalled before the device used it"
	case request.DeclineReason == models.ClientDeleted:
		return "The device deleted its registration"
	case request.DeclineReason == models.ClientWasDisabled:
		return "The app on the device was disabled"
	}
	return fmt.Sprintf("On %s by \u2068%s\u2069: %s", at(request.DecidedAt), request.DecidedStaff,
		views.ChoiceLabel(views.DeclineReasons(), request.DeclineReason))
}

// bindingState is a binding's state in words.
func bindingState(binding models.Binding, phase models.Phase) string {
	switch {
	case binding.RevokedAt != 0 && binding.RedeemedAt == 0:
		return "Recalled"
	case binding.RevokedAt != 0:
		return "Revoked"
	case binding.RedeemedAt != 0:
		return "In use"
	case phase == models.Lapsed:
		return "Never used"
	}
	return "Not redeemed yet"
}
