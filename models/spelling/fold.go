package spelling

import (
	"strings"

	"countersign/oauth"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold returns Unicode NFKC_Casefold (UAX #31) of the text, without its invisible characters, trimmed, with one blank
// for inner white space. Bytes that are no UTF-8 become U+FFFD first: norm passes over the letter behind them.
func fold(text string) string {
	folded := cases.Fold().String(norm.NFKC.String(string([]rune(text))))
	seen := strings.Map(foldCherokee, strings.Map(dropIgnorable, folded))
	return strings.Join(strings.Fields(norm.NFKC.String(seen)), " ")
}

// foldCherokee folds the small letters of Cherokee, which have capitals as their fold
// (CaseFolding.txt) and which the library leaves as they are.
func foldCherokee(r rune) rune {
	switch {
	case 0xAB70 <= r && r <= 0xABBF:
		return r - 0xAB70 + 0x13A0
	case 0x13F8 <= r && r <= 0x13FD:
		return r - 0x13F8 + 0x13F0
	}
	return r
}

func dropIgnorable(r rune) rune {
	if oauth.IsIgnorable(r) {
		return -1
	}
	return r
}
