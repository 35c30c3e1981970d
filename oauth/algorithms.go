package oauth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"

	"github.com/go-jose/go-jose/v4"
)

// algEd25519 is the fully specified name of EdDSA with that curve (RFC 9864 §2.2), which deprecates the other. Both
// mean the same here; the library knows the older one only.
const algEd25519 = jose.SignatureAlgorithm("Ed25519")

func clientAlgorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.ES256, algEd25519, jose.EdDSA, jose.PS256}
}

// SigningAlgorithms are what clients may sign assertions and proofs with: never none, never a shared secret.
func SigningAlgorithms() []string {
	var names []string
	for _, algorithm := range clientAlgorithms() {
		names = append(names, string(algorithm))
	}
	return names
}

// sameAlgorithm reports whether two names are of one algorithm.
func sameAlgorithm(a, b string) bool { return registeredName(a) == registeredName(b) }

// registeredName returns the name that RFC 9864 has for an algorithm that has two.
func registeredName(name string) string {
	if name == string(jose.EdDSA) {
		return string(algEd25519)
	}
	return name
}

// signedWith reports whether the key made the signature. Ed25519 by its registered name is verified here, as RFC 8037 §3.1
// has it for the older name.
func (s *signedJWT) signedWith(key any) bool {
	switch s.header.algorithm {
	case string(jose.ES256):
		public, is := key.(*ecdsa.PublicKey)
		return is && verifyES256(public, s.signed, s.signature)
	case string(algEd25519):
		public, is := key.(ed25519.PublicKey)
		return is && len(public) == ed25519.PublicKeySize && ed25519.Verify(public, []byte(s.signed), s.signature)
	}
	_, err := s.library.Verify(key)
	return err == nil
}

// verifyES256 is RFC 7518 §3.4: R and S beside each other.
func verifyES256(key *ecdsa.PublicKey, signed string, signature []byte) bool {
	const half = 32
	if key.Curve != elliptic.P256() || len(signature) != 2*half {
		return false
	}
	const sequence = 0x30
	der := append(make([]byte, 0, 2*half+8), sequence, 0) // as crypto/ecdsa wants it: RFC 3279 §2.2.3
	der = appendInteger(appendInteger(der, signature[:half]), signature[half:])
	der[1] = byte(len(der) - 2)
	digest := sha256.Sum256([]byte(signed))
	return ecdsa.VerifyASN1(key, digest[:], der)
}

// appendInteger appends the DER of a number that is not negative.
func appendInteger(der, number []byte) []byte {
	const integer = 0x02
	number = bytes.TrimLeft(number, "\x00")
	if len(number) == 0 || number[0] >= 0x80 {
		return append(append(der, integer, byte(len(number)+1), 0), number...)
	}
	return append(append(der, integer, byte(len(number))), number...)
}
