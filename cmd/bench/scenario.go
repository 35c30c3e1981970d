package main

import "context"

// scenario is one question to the servers.
type scenario struct {
	name, about string
	run         func(ctx context.Context, b *bench) ([]*row, error)
}

func scenarios() []scenario {
	return []scenario{
		{"poll", "phones that wait ask how it stands", runPoll},
		{"issue", "phones ask for codes (device authorization)", runIssue},
		{"visit", "operators at the counter from the search to the approval, then the phone's redemption and refresh", runVisit},
		{"waiting", "polls, issues and searches, with few and with many requests waiting", runWaiting},
		{"open", "phones poll and ask for codes at fixed rates, by a clock, and not when others are answered", runOpen},
		{"memory", "phones poll, and the server remembers as much as of all that wait: how much memory it needs", runMemory},
		{"suspicious", "an operator declines as suspicious, with 1 and with many requests waiting", runSuspicious},
		{"delete", "a phone deletes its registration, with 1 and with many requests waiting", runDelete},
		{"import", "phones ask for codes while a file of accounts is imported", runImport},
		{"lock", "a file of accounts is imported: how long others cannot write at a time (SQLite)", runLock},
		{"reading", "a supervisor reads the trail and what is made of it, with many entries", runReading},
		{"among", "a visit and its phone, one at a time, with many events in the trail", runAmong},
		{"startup", "the server is started, with ever more requests and events in its database", runStartup},
		{"sizes", "how many bytes a waiting request and an event take", runSizes},
		{"verify", "the trail is verified: beside bare hashing and bare signatures, and in how much memory", runVerify},
	}
}

func names() (all []string) {
	for _, s := range scenarios() {
		all = append(all, s.name)
	}
	return all
}
