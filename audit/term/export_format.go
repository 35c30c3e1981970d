package term

// ExportFormat is the form in which entries of the trail leave the server.
type ExportFormat string

// The forms.
const (
	ExportJSONLines ExportFormat = "json-lines" // whole and verifiable: the SETs themselves
	ExportCSV       ExportFormat = "csv"        // for a spreadsheet, in words
)

// ExportFormats lists the set.
func ExportFormats() []ExportFormat { return []ExportFormat{ExportJSONLines, ExportCSV} }

// Label returns it in plain English.
func (f ExportFormat) Label() string {
	if f == ExportCSV {
		return "as a table (CSV)"
	}
	return "as JSON lines"
}
