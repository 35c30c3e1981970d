package audit

// ruleDefinitions: what a rule on other events alerts of. The definitions of two older ones stand with the decision.
func ruleDefinitions() []Definition {
	ofVisit := []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization}
	return []Definition{{
		Type:  ApprovalOutsideHours,
		Title: "Approval outside opening hours",
		Doc: "An alert: an operator approved more than half an hour before or after the opening hours of their counter, where " +
			"these are data. Once an operator and 12 hours.",
		Actors:       []string{ActorStaff},
		Required:     ofVisit,
		NeedsSubject: true,
	}, {
		Type:  ApprovalsAboveUsual,
		Title: "Far more approvals than usual",
		Doc: "An alert: an operator approved more today than several times (--above-usual-alert) what is usual of themselves and " +
			"of one operator at their counter. The count is how many, usual the higher of the two means a day. Once an " +
			"operator and 20 hours.",
		Actors:         []string{ActorStaff},
		Required:       []string{factActor, factSession, factCounter, factCount, factUsual},
		RefusesSubject: true,
	}, {
		Type:  WrongCodesUnusual,
		Title: "Unusually many wrong codes",
		Doc: "An alert: more wrong codes were entered at a counter within an hour, by whomever and for any accounts, than is usual " +
			"here (--wrong-codes-alert). The count is how many; the actor entered the last. Once a counter and hour.",
		Actors:         []string{ActorStaff},
		Required:       []string{factActor, factSession, factCounter, factCount},
		RefusesSubject: true,
	}, {
		Type:  OverrulingUnusual,
		Title: "Differences often overruled",
		Doc: "An alert: in more visits of a week than is usual here (--overruled-alert) an operator overruled what a scan or an " +
			"earlier check had found to differ, or took a name that differs for the same person's. The count is how many. " +
			"Once an operator and week.",
		Actors:         []string{ActorStaff},
		Required:       []string{factActor, factSession, factCounter, factCount},
		RefusesSubject: true,
	}, {
		Type:  KeySharedUnusual,
		Title: "One device for many accounts",
		Doc: "An alert: an approval for a further account of a client that more accounts were approved for than is usual " +
			"here (--key-accounts-alert). The count is how many accounts. Once a client and day.",
		Actors:       []string{ActorStaff},
		Required:     append([]string{factCount}, ofVisit...),
		NeedsSubject: true,
	}, {
		Type:  AddressSharedUnusual,
		Title: "One address for many accounts",
		Doc: "An alert: more accounts than is usual here (--address-accounts-alert) were approved within a week of which the " +
			"requests came from one address (of IPv6 its /64) that is in no counter's network. The count is how many " +
			"accounts. Once an address and week.",
		Actors:       []string{ActorStaff},
		Required:     append([]string{factCount}, ofVisit...),
		NeedsSubject: true,
	}}
}
