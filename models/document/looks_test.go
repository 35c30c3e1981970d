package document_test

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
	"testing"

	"countersign/models/document"
)

// What looks like a card, whole, in parts or spoiled.
func TestLooksLikeADocument(t *testing.T) {
	td1 := "IDESPAAA0000001A00000000T12345\n8403098F3111046ESP0000000000008\nLINDQVIST<<ANNA<<<<<<<<<<<<<<<"
	scans := append([]string{specimenTD1, specimenTD2, specimenTD3, longNumber, td1}, samples...)
	for _, scan := range scans {
		for _, sent := range []string{scan, strings.ReplaceAll(scan, "\n", ""), strings.ReplaceAll(scan, "\n", " "), strings.ToLower(scan),
			scan[:len(scan)*2/3], scan + strings.Repeat(scan, 30)} {
			if !document.LooksLike(sent, now) {
				t.Errorf("%q", sent)
			}
		}
		if strings.Contains(scan, "<") {
			for line := range strings.SplitSeq(scan, "\n") {
				if !document.LooksLike(line, now) || !document.LooksLike("]L0"+strings.ToLower(line)+"\r", now) && strings.Contains(line, "<") {
					t.Errorf("%q", line)
				}
			}
		}
	}
	for _, text := range []string{
		"@acANSI 636014080002DL00410202ZC02430024DL", "@", "@\n\x1e\rANSI 990876030001DLabacDLDCSLINDQVIST", "DCSLINDQVIST", "DCTANNA MARIA",
		"DAALINDQVIST,ANNA", "DAQ123456789",
		"DLDAQT64235789", "DBB03101984", "DBA2031-05-31", "DCSLINDQVIST\nDACANNA", "DADMARIA\nDAG1 MAIN STREET",
		"DAQ1DCSLINDQVISTDACANNADBB03101984",
		"LINDQVIST<<ANNA", "LINDQVIST<ANNA<MARIA", "O<SULLIVAN<<PAT", "P<IND<<ANNA<LINDQVIST", "P<UTOERIKSSON",
		"8403098F3111046BEL840309002008", "8403098F3111046BEL",
		"L898902C36UTO7408122F1204159ZE184226B", "%TXAUSTIN^DOE$JOHN^12345 MAIN ST^?;636015", "D1NLD11234567890ABCDEFGHIJ<<<4",
		"AAMVA6360030101DL00290192DLDAQK", "ansi 636000",
	} {
		if !document.LooksLike(text, now) {
			t.Errorf("%q", text)
		}
	}
}

// What does not: account identifiers, codes, proofs, addresses.
func TestDoesNotLookLikeADocument(t *testing.T) {
	for _, text := range []string{
		"", "  ", "+44 7700 900118", "anna@example.org", "Anna <anna@example.org>", "anna.lindqvist", "dcsmith", "daaron", "dabrowski",
		"DABROWSKI", "david", "dba01", "dba2023",
		"T64235789", "1234567890123456", "WDJB-MJHT", "https://auth.example/device?code=1", "PRES1MV4UUQ2HMF3WC43V",
		"0b7c1c3e-5a8e-4b7c-9a43-6b1a2f0c9d11", "01J8ZC6T4W3X5Y7Z9ABCDEFGHJ",
		"user@ansi.org", "@anna", "Anna Lindqvist", "507f1f77bcf86cd799439011", "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln",
	} {
		if document.LooksLike(text, now) {
			t.Errorf("%q", text)
		}
	}
	for range 200 { // a presence proof is base32, in which anything may stand
		var bytes [400]byte
		_, _ = rand.Read(bytes[:])
		if text := "PRES1" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(bytes[:]); document.LooksLike(text, now) {
			t.Errorf("%q", text)
		}
	}
}
