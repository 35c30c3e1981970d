package audit

import "countersign/audit/term"

// ofUndelivered is about what an administrator or the command does with notices that were given up.
func ofUndelivered(d Definition) Definition {
	d.Actors, d.Systems = []string{ActorStaff, ActorSystem}, []term.System{term.SystemCommand}
	d.Required = []string{factActor, factReason, factCount}
	d.Optional = []string{factSession, factAddress, factDeviceAuthorization}
	d.Words = words{factReason: term.Words(term.Undelivereds())}
	return d
}

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
		Type:  NoticeTested,
		Title: "Test notice",
		Doc: "An administrator on the server let a test notice or a test alert be sent, which says that nothing happened: the reason " +
			"says by which way. The subject is the account whose contact it was for, if it was for one. It is written before " +
			"anything is sent, and what came of it is not kept.",
		Actors:   []string{ActorSystem},
		Systems:  []term.System{term.SystemCommand},
		Required: []string{factActor, factReason},
		Words:    words{factReason: term.Words(term.NoticeTests())},
	}, ofUndelivered(Definition{
		Type:  NoticesResent,
		Title: "Notices sent again",
		Doc: "Notices that were given up are due again; what becomes of each is an event of its own. The reason says why they " +
			"were given up, the count is how many. It is about an account where one was chosen, and about none " +
			"where all of one cause were.",
	}), ofUndelivered(Definition{
		Type:  NoticesSetAside,
		Title: "Notices put aside",
		Doc: "Notices that were given up are not sent any more, since somebody decided so, or were to be sent again and are out of " +
			"date. Otherwise it is as notices-resent.",
	}), {
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
