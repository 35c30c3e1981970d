package term

// ScanResult is what a document that was read was found to be beside the account's record.
type ScanResult string

// What was found.
const (
	ScanAgrees          ScanResult = "agrees" // or is not on record
	ScanNameDiffers     ScanResult = "name differs"
	ScanBirthDiffers    ScanResult = "date of birth differs"
	ScanNameBirthDiffer ScanResult = "name and date of birth differ"
)

// ScanResults lists the set.
func ScanResults() []ScanResult {
	return []ScanResult{ScanAgrees, ScanNameDiffers, ScanBirthDiffers, ScanNameBirthDiffer}
}

// Label returns it in plain English.
func (s ScanResult) Label() string {
	switch s {
	case ScanAgrees:
		return "nothing differs"
	case ScanNameDiffers:
		return "the name differs"
	case ScanBirthDiffers:
		return "the date of birth differs"
	case ScanNameBirthDiffer:
		return "name and date of birth differ"
	}
	return string(s)
}

// ScanResultOf returns the one for two comparisons.
func ScanResultOf(name, birthDate Comparison) ScanResult {
	switch {
	case name == ComparisonDiffers && birthDate == ComparisonDiffers:
		return ScanNameBirthDiffer
	case name == ComparisonDiffers:
		return ScanNameDiffers
	case birthDate == ComparisonDiffers:
		return ScanBirthDiffers
	}
	return ScanAgrees
}
