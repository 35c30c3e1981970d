package main

import (
	"fmt"
	"net/url"
	"strings"

	"rsc.io/qr/coding"
)

// quietZone is the margin in modules that scanners need around the symbol.
const quietZone = 4

// terminalQR draws the verification URI as a QR code for a terminal with light
// letters on a dark ground: the light modules are the blocks, two of them in
// each character. It never holds the user code, so that a photograph of the
// square gives nothing away.
func terminalQR(address string) (string, error) {
	symbol, err := encodeQR(segments(address))
	if err != nil {
		return "", err
	}
	return drawQR(symbol), nil
}

// drawQR is the drawing of a symbol.
func drawQR(symbol *coding.Code) string {
	light := func(x, y int) bool {
		if y >= symbol.Size+quietZone {
			return false // below the margin, when its height is odd
		}
		return !symbol.Black(x, y)
	}
	var drawing strings.Builder
	for y := -quietZone; y < symbol.Size+quietZone; y += 2 {
		for x := -quietZone; x < symbol.Size+quietZone; x++ {
			drawing.WriteString(halfBlock(light(x, y), light(x, y+1)))
		}
		drawing.WriteByte('\n')
	}
	return drawing.String()
}

func halfBlock(upper, lower bool) string {
	switch {
	case upper && lower:
		return "█"
	case upper:
		return "▀"
	case lower:
		return "▄"
	}
	return " "
}

// segments makes the symbol smaller: scheme and host mean the same in capitals
// (RFC 3986 §6.2.2.1), and capitals take 5½ bits a letter instead of 8. The
// path is left as it is, because its case matters.
func segments(address string) []coding.Encoding {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, u.Scheme+"://"+u.Host) {
		return []coding.Encoding{coding.String(address)}
	}
	cut := len(u.Scheme + "://" + u.Host)
	folded := strings.ToUpper(address[:cut]) + address[cut:]
	for cut < len(folded) && coding.Alpha(folded[:cut+1]).Check() == nil {
		cut++
	}
	capitals, rest := coding.Alpha(folded[:cut]), coding.String(folded[cut:])
	if capitals.Check() != nil {
		return []coding.Encoding{coding.String(address)}
	}
	if rest == "" {
		return []coding.Encoding{capitals}
	}
	return []coding.Encoding{capitals, rest}
}

// encodeQR takes the smallest symbol that holds the segments, at level L: a
// screen has no scratches.
func encodeQR(parts []coding.Encoding) (*coding.Code, error) {
	for version := coding.Version(coding.MinVersion); version <= coding.MaxVersion; version++ {
		bits := 0
		for _, part := range parts {
			bits += part.Bits(version)
		}
		if bits > version.DataBytes(coding.L)*8 {
			continue
		}
		plan, err := coding.NewPlan(version, coding.L, 0)
		if err != nil {
			return nil, fmt.Errorf("drawing the square: %w", err)
		}
		return plan.Encode(parts...)
	}
	return nil, fmt.Errorf("the address is too long for a square")
}
