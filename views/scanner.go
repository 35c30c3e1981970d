package views

import "encoding/json"

// ScannerProps is the page that tests a scanner. What it holds is for the page's script,
// but for the pictures, which stand there without it as well.
type ScannerProps struct {
	Samples []SampleFacts
}

// SampleFacts is one test barcode.
type SampleFacts struct {
	Name       string // letters, signs or document: what static/scan.js knows it by
	Text       string // what it holds
	PictureURL string
}

// texts are the samples for the script, by name.
func (p ScannerProps) texts() string {
	texts := map[string]string{}
	for _, s := range p.Samples {
		texts[s.Name] = s.Text
	}
	content, _ := json.Marshal(texts) // strings always can be
	return string(content)
}

// finding is one sentence that the script may show about a scan.
type finding struct {
	ID, Text string
	Good     bool
}
