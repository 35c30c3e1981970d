package document

import (
	"slices"

	"golang.org/x/text/language"
)

// notCountries are the codes of ICAO Doc 9303-3 §5 that ISO 3166-1 does not have: parts C to E, and UTO of the specimens.
var notCountries = []string{
	"D",                                      // Germany
	"EUE",                                    // European Union
	"GBD", "GBN", "GBO", "GBP", "GBS", "RKS", // British nationals by kind; Kosovo
	"XXK", "XKX", // Kosovo, as other states' documents have it
	"UNO", "UNA", "UNK", // United Nations, its agencies, its mission in Kosovo
	"XBA", "XIM", "XCC", "XCE", "XCO", "XEC", "XPO", "XES", "XMP", "XOM", "XDC", // organisations
	"XXA", "XXB", "XXC", "XXX", // stateless; refugee by the Convention, otherwise; unspecified
	"NTZ", // neutral zone
	"UTO", // Utopia
}

// formerStates are the codes that ISO 3166-3 has taken out of use.
var formerStates = []string{
	"AFI", "ANT", "ATB", "ATN", "BUR", "BYS", "CSK", "CTE", "DDR", "DHY", "FXX", "GEL", "HVO", "JTN", "MID", "NHB", "PCI",
	"PCZ", "PUS", "RHO", "SCG", "SKM", "SUN", "TMP", "VDR", "WAK", "YMD", "YUG", "ZAR",
}

// knownState says that a code of an issuing state or nationality exists. No check digit covers these codes, so that a
// misread one is found only here.
func knownState(code string) bool {
	if slices.Contains(notCountries, code) {
		return true
	}
	if len(code) != 3 || !letters(code) || slices.Contains(formerStates, code) {
		return false
	}
	region, err := language.ParseRegion(code)
	return err == nil && region.IsCountry()
}
