package term

// DocumentRead is how the fields of an ID document were read.
type DocumentRead string

// How the fields were read.
const (
	ReadTyped  DocumentRead = "typed"  // by the operator, who compared
	ReadMRZ    DocumentRead = "mrz"    // ICAO Doc 9303
	ReadPDF417 DocumentRead = "pdf417" // AAMVA DL/ID
)

// DocumentReads lists the set.
func DocumentReads() []DocumentRead {
	return []DocumentRead{
		ReadTyped, ReadMRZ, ReadPDF417,
	}
}

// Label returns it in plain English.
func (d DocumentRead) Label() string {
	switch d {
	case ReadTyped:
		return "typed by hand"
	case ReadMRZ:
		return "scanned: machine-readable zone"
	case ReadPDF417:
		return "scanned: barcode PDF417"
	}
	return string(d)
}
