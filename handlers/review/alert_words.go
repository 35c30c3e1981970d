package review

import (
	"context"

	"countersign/audit"
	"countersign/views"
)

// nextStep says in a sentence what to do about an alert; "" of what asks for an answer, whose row says it itself.
func nextStep(ctx context.Context, kind audit.Type) string {
	say := views.Speaker(ctx)
	switch kind {
	case audit.SuspicionReported:
		return say("Speak with the operator while they remember, and warn the other counters.")
	case audit.SecondApprovalRefused:
		return say("Speak with both of the staff.")
	case audit.DeviceRepudiated:
		return say("Find out who approved it, and with which document.")
	case audit.SpentCodeEntered:
		return say("Ask the operator what the customer showed: an old picture, or a code that somebody had told them.")
	case audit.RedemptionReplayed:
		return say("Let the customer start again on a device that they trust: a copy of the device’s data may exist.")
	case audit.WrongKeyUsed:
		return say("Disconnect the device and tell the account’s holder: a token may have been stolen.")
	case audit.ForeignTokenPresented:
		return say("Tell an administrator which app it was.")
	case audit.LogRefused, audit.LogForked:
		return say("Tell an administrator at once.")
	case audit.LogLossAccepted:
		return say("Ask an administrator since when entries are lost, and disconnect again what was disconnected since then.")
	case audit.TrailExported:
		return say("Ask them what for, and where the file is.")
	case audit.KeysResealed:
		return say("Ask an administrator whether it was planned.")
	}
	return nextStepOfRule(ctx, kind)
}

// nextStepOfRule is nextStep of what a rule on other events calls for.
func nextStepOfRule(ctx context.Context, kind audit.Type) string {
	say := views.Speaker(ctx)
	switch kind {
	case audit.ApprovalRateUnusual:
		return say("Look at the operator’s visits of this hour; it may have been a busy one.")
	case audit.ApprovalsAboveUsual:
		return say("Look at the operator’s visits of the day, and ask why there were so many.")
	case audit.ApprovalOutsideHours:
		return say("Ask the operator who the customer was.")
	case audit.OpenedRecordsUnusual:
		return say("Ask them what they looked for.")
	case audit.WrongCodesUnusual:
		return say("Ask at the counter what goes wrong: somebody may be trying codes there.")
	case audit.OverrulingUnusual:
		return say("Look at these visits together with the operator.")
	case audit.KeySharedUnusual:
		return say("Open the request, and find out whose device it is and who brought it.")
	case audit.AddressSharedUnusual:
		return say("Open the request, and find out where these customers asked: an office’s network can be named at its counter.")
	}
	return ""
}

// ruleWords says what an alert of a rule has counted, "" of any other event.
func ruleWords(ctx context.Context, event audit.Event) string {
	say, count := views.Speaker(ctx), *event.Facts.Count
	switch event.Type {
	case audit.ApprovalRateUnusual:
		return say("%d approvals within an hour", count)
	case audit.ApprovalsAboveUsual:
		return say("%d approvals on one day, usual are %d", count, deref(event.Facts.Usual))
	case audit.OpenedRecordsUnusual:
		return say("%d records within an hour", count)
	case audit.WrongCodesUnusual:
		return say("%d wrong codes within an hour", count)
	case audit.OverrulingUnusual:
		return say("%d visits within a week", count)
	case audit.KeySharedUnusual:
		return say("%d accounts of one device", count)
	case audit.AddressSharedUnusual:
		return say("%d accounts within a week", count)
	}
	return ""
}

func deref(number *int) int {
	if number == nil {
		return 0
	}
	return *number
}
