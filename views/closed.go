package views

// ClosedRecordProps is where a record that is not open can be opened, or looked for.
type ClosedRecordProps struct {
	Section   Section
	OpenURL   string
	Page      string // which page of a visit it is, where OpenURL leads to several; field: page
	SearchURL string
}
