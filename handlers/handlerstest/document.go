package handlerstest

import (
	"fmt"
	"strings"
)

// ScannedNumber is the number of the documents of tests; nothing may keep it.
const ScannedNumber = "L898902C3"

// Passport returns the machine-readable zone of a passport, ICAO Doc 9303-4. name is as it
// stands there, ERIKSSON<<ANNA<MARIA; the dates are YYMMDD.
func Passport(name, born, expires string) string {
	first := "P<UTO" + filled(name, 39)
	second := ScannedNumber + checkDigit(ScannedNumber) + "UTO" + born + checkDigit(born) + "F" + expires + checkDigit(expires) +
		filled("", 14) + "0"
	return first + "\n" + second + checkDigit(second[:10]+second[13:20]+second[21:43])
}

// Licence returns the PDF417 of a driving licence, AAMVA version 10. The dates are MMDDCCYY.
func Licence(surname, given, born, expires string) string {
	const header = 31 // bytes before the one subfile
	subfile := "DLDAQ" + ScannedNumber + "\nDCS" + surname + "\nDDEN\nDAC" + given +
		"\nDDFN\nDADNONE\nDDGN\nDCAD\nDCBNONE\nDCDNONE\nDBD08242024\n" +
		"DBB" + born + "\nDBA" + expires + "\nDBC2\nDAU069 in\nDAYGRN\nDAG1 TEST STREET\nDAISAMPLEVILLE\nDAJVA\nDAK000000000  \nDCF2424244747474786102204\nDCGUSA\nDDAF\r"
	return fmt.Sprintf("@\n\x1e\rANSI 6360001000%02dDL%04d%04d%s", 1, header, len(subfile), subfile)
}

// checkDigit returns the check digit of ICAO Doc 9303-3 §4.9: weights 7, 3, 1.
func checkDigit(data string) string {
	sum := 0
	for i := range len(data) {
		if value := strings.IndexByte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", data[i]); value > 0 { // < is 0
			sum += value * []int{7, 3, 1}[i%3]
		}
	}
	return fmt.Sprint(sum % 10)
}

func filled(field string, length int) string { return (field + strings.Repeat("<", length))[:length] }
