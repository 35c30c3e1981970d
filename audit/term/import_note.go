package term

// ImportNote is what an import met that its counts do not say.
type ImportNote string

// What an import met.
const (
	ImportInterrupted ImportNote = "interrupted"    // its process ended, and another finished it
	ImportPassedOver  ImportNote = "lines left out" // somebody else changed accounts of the file meanwhile
)

// ImportNotes lists the set.
func ImportNotes() []ImportNote { return []ImportNote{ImportInterrupted, ImportPassedOver} }

// Label returns it in plain English.
func (n ImportNote) Label() string {
	if n == ImportPassedOver {
		return "without some lines"
	}
	return "interrupted, and finished later"
}
