package views

// ClosedRecordProps is where a record that is not open can be opened, or looked for.
type ClosedRecordProps struct {
	Section   Section
	OpenURL   string
	SearchURL string
}
