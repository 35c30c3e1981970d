package audit

import "countersign/audit/term"

// noticeDefinitions: what the account's contact was told, and what they answered.
func noticeDefinitions() []Definition {
	return []Definition{{
		Type:  NoticeSent,
		Title: "Notice sent",
		Doc: "The account's contact, or the one before a change of it, was told what happened: the reason says " +
			"what, the actor by which way (mail: the mail server took it; webhook: the receiver answered " +
			"2xx). Neither the address nor the text is kept.",
		Actors:       []string{ActorSystem},
		Systems:      []term.System{term.SystemMail, term.SystemWebhook},
		Required:     []string{factActor, factReason},
		Optional:     []string{factDeviceAuthorization},
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.Occasions())},
	}, {
		Type:  NoticeFailed,
		Title: "Notice given up",
		Doc: "The account's contact could not be told what happened, in all attempts or while it was of use: " +
			"the reason says what, the actor by which way.",
		Actors:       []string{ActorSystem},
		Systems:      []term.System{term.SystemMail, term.SystemWebhook},
		Required:     []string{factActor, factReason},
		Optional:     []string{factDeviceAuthorization},
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.Occasions())},
	}, {
		Type:  DeviceRepudiated,
		Title: "Denied by the account’s holder",
		Doc: "An alert: whoever reads the account's notices said with the link in one of them that it was not " +
			"them. The reason is the phase that the request was in; what could be ended has ended, each with " +
			"an event of its own. The address is where the link was used from.",
		Actors:       []string{ActorSystem},
		Systems:      []term.System{term.SystemNotice},
		Required:     []string{factActor, factDevice, factDeviceAuthorization, factReason},
		Optional:     making(factBinding, factAddress),
		NeedsSubject: true,
		Words:        words{factReason: term.Words(term.Phases())},
	}}
}
