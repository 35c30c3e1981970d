package term

// ExportEnd is how an export of the trail ended.
type ExportEnd string

// The ends.
const (
	ExportWhole  ExportEnd = "whole"
	ExportBroken ExportEnd = "broken off" // the reader went away, or something failed
)

// ExportEnds lists the set.
func ExportEnds() []ExportEnd { return []ExportEnd{ExportWhole, ExportBroken} }

// Label returns it in plain English.
func (e ExportEnd) Label() string {
	if e == ExportWhole {
		return "all of it"
	}
	return "broken off"
}
