package static

import "fmt"

// Sample is a barcode of the page /settings/scanner, which tells by it what a scanner
// does to a text. The pictures are in barcodes/.
type Sample struct {
	Name string // of the picture: barcodes/NAME.svg
	Text string // what it holds
}

// Samples are the barcodes that the page shows. Letters show a keyboard layout and Caps
// Lock; the signs show what happens to case, digits and signs, dead keys among them; the document, an invented
// specimen, shows line breaks and separators.
func Samples() []Sample {
	return []Sample{
		{"letters", "QAWZYXMCOUNTER"},
		{"signs", "Countersign-Test_07/a?b=C:d.e@f+Yz O'NEILL/\"x\"/^a~n"},
		{"document", specimen()},
	}
}

// specimen is laid out like a driving licence by the AAMVA card design standard, version
// 10, of nobody, by an issuer number that no authority has.
func specimen() string {
	const header = 31 // bytes before the one subfile
	subfile := "DL" +
		"DAQT00000042\nDCSSPECIMEN\nDDEN\nDACSCANNER\nDDFN\nDADTEST\nDDGN\n" +
		"DCAD\nDCBNONE\nDCDNONE\nDBD08242024\nDBB01311970\nDBA01312032\nDBC9\nDAU069 in\nDAYGRN\n" +
		"DAG1 TEST STREET\nDAISAMPLEVILLE\nDAJZZ\nDAK000000000  \nDCF2424244747474786102204\nDCGUSA\n" +
		"DCK123456789\nDDAF\nDDB06062018\nDDC06062020\nDDD1\nDAZBRO\nDCLU\nDDK1\nDDL1\nDAW075\nDCJ00000000000042\r"
	return fmt.Sprintf("@\n\x1e\rANSI 6369991000%02dDL%04d%04d%s", 1, header, len(subfile), subfile)
}
