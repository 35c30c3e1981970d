package accountcsv

import (
	"regexp"
	"strings"

	"countersign/models"
)

// What spreadsheets make of a field. What they only marked is read; what they lost is refused, for nobody can tell what it was.
var (
	markedNumber = regexp.MustCompile(`^'[0-9+=@-]`)                     // '0044: an apostrophe says that it is a text
	quotedText   = regexp.MustCompile(`^="([^"]*)"$`)                    // ="0044"
	cutNumber    = regexp.MustCompile(`(?i)^[+-]?\d+([.,]\d+)?E\+?\d+$`) // 4.47E+11
	cutInside    = regexp.MustCompile(`(?i)\d[.,٫]\d+ ?E[+ ]\d{1,3}\b`)  // tel:4.47E+11
	floatNumber  = regexp.MustCompile(`^[+-]?\d{6,}[.,]0+$`)             // 447700900118.0: a program took the number for one to count with
	// JosÃ©: UTF-8 that was read as Windows-1252, and saved again.
	halfLetter   = regexp.MustCompile(`[ÂÃ][\x{80}-\x{BF}€ƒ„…†‡ˆ‰Š‹ŒŽ‘“”•–—˜™š›œžŸ]`)
	formulaError = regexp.MustCompile(`(?i)^(#[^ ]*[!?]|#N/?[ADV]( N/A)?|#\p{L}/\p{L}|#+|#GETTING_DATA|(Err|Fehler|Erreur|Errore):\d+` +
		`|#YOK|#HIÁNYZIK|#NENÍ_K_DISPOZICI|#NEDOSTUPNÝ)$`)
	dayNumber = regexp.MustCompile(`^\d{4,5}([.,]\d+)?$`) // days since 1900
	midnight  = regexp.MustCompile(`[T ](0?0:00(:00([.,]0+)?)?Z?|12:00(:00)? ?AM)$`)
)

// undamaged takes a spreadsheet's marks off a field. The problem is "" for all that can be read.
func undamaged(field string) (string, models.ImportProblem) {
	if markedNumber.MatchString(field) {
		field = field[1:]
	}
	if inner := quotedText.FindStringSubmatch(field); inner != nil {
		field = strings.TrimSpace(inner[1])
	}
	switch {
	case cutNumber.MatchString(field) && strings.ContainsAny(field, ".,+"), cutInside.MatchString(field), floatNumber.MatchString(field):
		return "", models.ImportCutNumber
	case formulaError.MatchString(field), strings.HasPrefix(field, "="):
		return "", models.ImportFormula
	case strings.ContainsRune(field, '\ufffd'), halfLetter.MatchString(field):
		return "", models.ImportLost
	}
	return field, ""
}
