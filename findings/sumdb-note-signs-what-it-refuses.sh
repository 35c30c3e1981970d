#!/usr/bin/env bash
# Go module golang.org/x/mod 0.43.0, sumdb/note: it signs notes that it cannot open, and makes keys that it cannot read.
#
# Expected: what note.Sign signs without an error, note.Open opens; GenerateKey refuses a name that NewSigner would refuse.
#           C2SP signed-note has no bound on the number of signatures, so that a log may ask as many witnesses as it likes.
# Seen:     a note with 101 signatures is signed, and is a "malformed note" when it comes back, in the same words as a broken
#           one; so is a text with a tab or CR LF. A key for a name with a blank or a plus is made, and is malformed in both halves.
# Source:   Go module golang.org/x/mod v0.43.0; C2SP signed-note.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"crypto/rand"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// open signs a text with count keys, and says what becomes of it.
func open(name, text string, count int) {
	var signers []note.Signer
	var verifiers []note.Verifier
	for i := range count {
		private, public, err := note.GenerateKey(rand.Reader, fmt.Sprintf("witness-%d.example", i))
		check(err)
		signer, err := note.NewSigner(private)
		check(err)
		verifier, err := note.NewVerifier(public)
		check(err)
		signers, verifiers = append(signers, signer), append(verifiers, verifier)
	}
	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	check(err)
	if _, err := note.Open(signed, note.VerifierList(verifiers...)); err != nil {
		fmt.Printf("%s: signed, and %v\n", name, err)
		return
	}
	fmt.Printf("%s: signed and opened\n", name)
}

func main() {
	open("100 signatures", "log.example\n1\nAAAA\n", 100)
	open("101 signatures", "log.example\n1\nAAAA\n", 101)
	open("a tab", "a\tb\n", 1)
	open("CR LF", "a\r\nb\n", 1)
	for _, name := range []string{"log.example/visits", "visits 2026", "visits+2026"} {
		private, _, err := note.GenerateKey(rand.Reader, name)
		check(err)
		_, err = note.NewSigner(private)
		fmt.Printf("a key for %q: made, and read with %v\n", name, err)
	}
}
GO
cat >expected <<'TXT'
100 signatures: signed and opened
101 signatures: signed, and malformed note
a tab: signed, and malformed note
CR LF: signed, and malformed note
a key for "log.example/visits": made, and read with <nil>
a key for "visits 2026": made, and read with malformed verifier id
a key for "visits+2026": made, and read with malformed verifier id
TXT
{ go mod init seen && go get golang.org/x/mod@v0.43.0 && go mod tidy; } >log 2>&1 || { cat log >&2; echo "could not install x/mod" >&2; exit 2; }
go run . | tee seen
diff expected seen && echo "As described: sumdb/note 0.43.0 signs what it refuses."
