package oauth

import (
	"crypto/ed25519"

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

// signedJWT is a parsed JWT with the octets that its signature is over (RFC 7515 §5.2).
type signedJWT struct {
	*jose.JSONWebSignature
	signed string
}

// verify returns the payload when the key made the signature. Ed25519 by its registered name is verified here, as RFC
// 8037 §3.1 has it for the older name.
func (s *signedJWT) verify(key any) ([]byte, error) {
	signature := s.Signatures[0]
	if signature.Protected.Algorithm != string(algEd25519) {
		return s.Verify(key)
	}
	public, is := key.(ed25519.PublicKey)
	if !is || len(public) != ed25519.PublicKeySize || !ed25519.Verify(public, []byte(s.signed), signature.Signature) {
		return nil, errSignature
	}
	return s.UnsafePayloadWithoutVerification(), nil
}
