#!/usr/bin/env bash
# Go module rsc.io/qr 0.2.0 draws each QR code with mask 0, also where another mask is the one that the standard asks for.
#
# Expected: an encoder evaluates the eight masks and takes the one with the fewest penalty points, so that large plain areas and false
#           finder patterns do not make reading harder (ISO/IEC 18004, "Evaluation of data masking results"). Two encoders that are
#           given one text, one level and one encoding draw the same code.
# Seen:     the format bits of each of 500 sign-in links say mask 0. github.com/boombuler/barcode, which counts the points, takes mask
#           0 for 3 of them, and these alone are the same in each module; the others differ. A reader takes all of them. The
#           package rsc.io/qr/coding draws any mask for a caller that counts for itself.
# Source:   Go modules rsc.io/qr v0.2.0 and github.com/boombuler/barcode v1.1.0; ISO/IEC 18004.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"image"

	barcode "github.com/boombuler/barcode/qr"
	"rsc.io/qr"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

type code struct {
	black func(x, y int) bool
	size  int
}

func withQR(text string) code {
	c, err := qr.Encode(text, qr.M)
	must(err)
	return code{c.Black, c.Size}
}

func withBarcode(text string) code {
	c, err := barcode.Encode(text, barcode.M, barcode.Unicode)
	must(err)
	black := func(x, y int) bool { r, _, _, _ := image.Image(c).At(x, y).RGBA(); return r == 0 }
	return code{black, c.Bounds().Dx()}
}

// mask reads the format bits beside the upper left finder: the mask is the third to the fifth, which are drawn XOR 101.
func (c code) mask() int {
	mask := 0
	for x := 2; x <= 4; x++ {
		mask <<= 1
		if c.black(x, 8) {
			mask |= 1
		}
	}
	return mask ^ 0b101
}

func (c code) same(other code) bool {
	for i := range c.size * c.size {
		if c.black(i%c.size, i/c.size) != other.black(i%c.size, i/c.size) {
			return false
		}
	}
	return c.size == other.size
}

func main() {
	first, second, same := map[int]int{}, map[int]int{}, map[int]int{}
	for n := range 500 {
		text := fmt.Sprintf("https://counter.example/device?user_code=%08X", uint32(n)*2654435761)
		a, b := withQR(text), withBarcode(text)
		first[a.mask()]++
		second[b.mask()]++
		if a.same(b) {
			same[b.mask()]++
		}
	}
	fmt.Println("masks of rsc.io/qr:", first)
	fmt.Println("masks of boombuler/barcode:", second)
	fmt.Println("masks of those that are the same in each module:", same)
}
GO
{ go mod init seen && go get rsc.io/qr@v0.2.0 github.com/boombuler/barcode@v1.1.0 && go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with rsc.io/qr 0.2.0" >&2; exit 2; }
cat >expected <<'TXT'
masks of rsc.io/qr: map[0:500]
masks of boombuler/barcode: map[0:3 2:20 3:22 4:374 5:7 6:74]
masks of those that are the same in each module: map[0:3]
TXT
./program | tee seen
diff expected seen && echo "As described: rsc.io/qr 0.2.0 draws each code with mask 0."
