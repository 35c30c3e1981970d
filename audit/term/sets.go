package term

// Word is one value of a closed set.
type Word struct {
	Value string // as in events and rows
	Label string // in plain English; the key of its translations
	Hint  string // a second sentence for the person who chooses it, "" for most
}

// labelled is what every set of this package is made of.
type labelled interface {
	~string
	Label() string
}

// Words are the values of a set, or of a part of one.
func Words[T labelled](set []T) []Word {
	list := make([]Word, 0, len(set))
	for _, value := range set {
		word := Word{Value: string(value), Label: value.Label()}
		if hinted, ok := any(value).(interface{ Hint() string }); ok {
			word.Hint = hinted.Hint()
		}
		list = append(list, word)
	}
	return list
}

// Set is a closed set with its name: that of its type.
type Set struct {
	Name  string
	Words []Word
}

// Sets lists all sets of this package.
func Sets() []Set {
	return []Set{
		{"AccountChange", Words(AccountChanges())}, {"AccountStatus", Words(AccountStatuses())},
		{"ClientUpdate", Words(ClientUpdates())}, {"Closing", Words(Closings())}, {"Comparison", Words(Comparisons())},
		{"CounterField", Words(CounterFields())}, {"Decline", Words(Declines())},
		{"DocumentRead", Words(DocumentReads())}, {"DocumentType", Words(DocumentTypes())},
		{"Ending", Words(Endings())}, {"Entered", Words(EnteredWays())}, {"Erasure", Words(Erasures())},
		{"ExportEnd", Words(ExportEnds())}, {"ExportFormat", Words(ExportFormats())},
		{"ImportNote", Words(ImportNotes())},
		{"KeyRetirement", Words(KeyRetirements())}, {"MatchFailure", Words(MatchFailures())},
		{"NameReason", Words(NameReasons())}, {"Need", Words(Needs())}, {"NoticeTest", Words(NoticeTests())},
		{"Occasion", Words(Occasions())}, {"Overruling", Words(Overrulings())}, {"Phase", Words(Phases())},
		{"Presence", Words(Presences())}, {"PresenceRule", Words(PresenceRules())},
		{"QueryKind", Words(QueryKinds())}, {"Recall", Words(Recalls())},
		{"Redemption", Words(Redemptions())}, {"Refusal", Words(Refusals())},
		{"Return", Words(Returns())}, {"Role", Words(Roles())},
		{"ScanResult", Words(ScanResults())}, {"ServerKey", Words(ServerKeys())}, {"SessionEnd", Words(SessionEnds())},
		{"SignInRefusal", Words(SignInRefusals())}, {"StatusReason", Words(StatusReasons())},
		{"Swept", Words(SweptKinds())}, {"System", Words(Systems())}, {"Undelivered", Words(Undelivereds())},
		{"Unlocking", Words(Unlockings())},
		{"Vouched", Words(Vouches())},
	}
}
