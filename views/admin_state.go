package views

// StateProps is whether the server is well.
type StateProps struct {
	Troubles []string // what somebody must look at now
	Groups   []StateGroup
	Keys     []KeyStateRow
}

// StateGroup is a part of the server.
type StateGroup struct {
	Title string
	Facts []StateFact
}

// StateFact is one thing about it.
type StateFact struct{ Name, Value string }

// KeyStateRow is a key that is or will be used.
type KeyStateRow struct {
	Purpose string
	Status  string
	Since   string // since when it is what it is
	Then    string // what becomes of it, and when; "" when nothing does by the clock
}
