// Package packed keeps a signed event in a third of its bytes, and gives its token back to the byte
// (docs/decisions/0069-packed-events.md).
//
// A token is a JWS in compact form (RFC 7515 §7.1): base64url of a header, of claims and of a signature. Packed it is
//
//	offset 0        a byte that says the form: 1
//	offset 1        the 64 bytes of the ES256 signature (RFC 7518 §3.4), which nothing shortens
//	offset 65       one Zstandard frame (RFC 8878) of the header and, right behind it, the claims: both are JSON objects
//
// The frame names its dictionary (RFC 8878 §5), which is a file of this folder: `zstd -D` reads it, too.
//
//   - packed.go: the form, and the way there and back
//   - dictionary.go: the dictionaries of this and of all earlier releases
package packed

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

const (
	form          = 1
	signatureSize = 64 // of ES256
	frameAt       = 1 + signatureSize
	mostText      = 64 << 10 // bytes of header and claims; an event has about 700
	mostPacked    = mostText + frameAt
)

// rawURL refuses bits that stand for nothing: but for line breaks there is one way to encode each text.
var rawURL = base64.RawURLEncoding.Strict()

// Pack is nil for a token that Token would not give back to the byte, and for one that would not get shorter: such a one is
// kept as it is. It is safe for concurrent use.
func Pack(token string) []byte {
	text, signature, fine := taken(token)
	if !fine {
		return nil
	}
	encoder, err := newest()
	if err != nil {
		return nil
	}
	packed := make([]byte, 0, frameAt+len(text)/2)
	packed = append(append(packed, form), signature...)
	packed = encoder.EncodeAll(text, packed)
	if len(packed) >= len(token) || !unpacks(packed[frameAt:], text) {
		return nil
	}
	return packed
}

// unpacks reports whether the frame gives the text back.
func unpacks(frame, text []byte) bool {
	decoder, err := all()
	if err != nil {
		return false
	}
	again, err := decoder.DecodeAll(frame, make([]byte, 0, len(text)))
	return err == nil && bytes.Equal(again, text)
}

// taken takes a token apart. It is fine where header, claims and signature have one way to be written, which is the token's, and where
// Token finds the border between header and claims: what gives the text back then gives the token back.
func taken(token string) (text, signature []byte, fine bool) {
	header, rest, _ := strings.Cut(token, ".")
	claims, signed, three := strings.Cut(rest, ".")
	if !three || len(token) > mostText {
		return nil, nil, false
	}
	text = make([]byte, 0, rawURL.DecodedLen(len(token)))
	text, headed := appendPart(text, header)
	border := len(text)
	text, claimed := appendPart(text, claims)
	if !headed || !claimed || border == 0 || bytes.Index(text, between) != border-1 {
		return nil, nil, false
	}
	signature, fine = appendPart(make([]byte, 0, signatureSize), signed)
	return text, signature, fine && len(signature) == signatureSize
}

// appendPart appends what a part of a token stands for. It is not fine where the part could be written in another way: the decoder
// passes over line breaks.
func appendPart(to []byte, part string) (longer []byte, fine bool) {
	longer, err := rawURL.AppendDecode(to, []byte(part))
	return longer, err == nil && rawURL.EncodedLen(len(longer)-len(to)) == len(part)
}

// between is where the header ends and the claims begin.
var between = []byte("}{")

// Token gives the token back. What Pack has not made is an error for people, which says what is wrong with it; it takes no more
// memory than a token of 64 KiB does. It is safe for concurrent use.
func Token(packed []byte) (string, error) {
	switch {
	case len(packed) < frameAt || len(packed) > mostPacked:
		return "", fmt.Errorf("a packed token of %d bytes", len(packed))
	case packed[0] != form:
		return "", fmt.Errorf("a packed token of the form %d, which this program does not know", packed[0])
	}
	decoder, err := all()
	if err != nil {
		return "", err
	}
	text, err := decoder.DecodeAll(packed[frameAt:], nil)
	if err != nil {
		return "", fmt.Errorf("unpack a token: %w", err)
	}
	border := bytes.Index(text, between)
	if border < 0 {
		return "", errors.New("a packed token without header and claims")
	}
	header, claims := text[:border+1], text[border+1:]
	size := rawURL.EncodedLen(len(header)) + rawURL.EncodedLen(len(claims)) + rawURL.EncodedLen(signatureSize) + 2
	token := append(rawURL.AppendEncode(make([]byte, 0, size), header), '.')
	token = append(rawURL.AppendEncode(token, claims), '.')
	return string(rawURL.AppendEncode(token, packed[1:frameAt])), nil
}
