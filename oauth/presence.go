package oauth

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// The presence proof of docs/presence-proof.md: a phone shows, with no network, that it holds the key of the client
// instance that asked.
const (
	// TypePresence is the typ of a presence proof; no other JWT of a client has it.
	TypePresence = "presence+jwt"
	// PresencePrefix begins the travelling form. Its digit is the form's version and no letter of base32, so that it
	// cannot occur within the form.
	PresencePrefix = "PRES1"
	// MaxPresenceLifetime is the longest time from iat to exp, and the greatest age of a proof that is accepted.
	MaxPresenceLifetime = 60 * time.Second
	// DefaultPresenceSkew is how far a phone's clock may be off.
	DefaultPresenceSkew = 30 * time.Second

	maxPresenceJWT   = 2048 // bytes: an RSA signature and long names fit
	presenceCheck    = 4    // bytes of the JWT's SHA-256 that travel behind it
	maxPresenceTyped = 4096 // bytes of a scan with what surrounds it
)

// What VerifyPresenceProof and ParsePresenceProof say. None of them repeats what was sent.
var (
	ErrNotAPresenceProof    = errors.New("not a presence proof, or not all of one")
	ErrPresenceForged       = errors.New("the presence proof is not signed by this client's key")
	ErrPresenceMalformed    = errors.New("the presence proof lacks a claim, or lives for too long")
	ErrPresenceOtherServer  = errors.New("the presence proof is meant for another server")
	ErrPresenceExpired      = errors.New("the presence proof is too old")
	ErrPresenceNotYet       = errors.New("the presence proof comes from the future: the phone's clock is fast")
	presenceEncoding        = base32.StdEncoding.WithPadding(base32.NoPadding)
	presenceAlphabet        = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	hiddenPresenceProof     = "[presence proof]"
	errPresenceTravelLength = fmt.Errorf("the presence proof is longer than %d bytes", maxPresenceJWT)
)

// PresenceProof is a proof as it was scanned: nothing of it is verified. It holds a user code, and prints as nothing.
type PresenceProof struct {
	jwt    string
	claims presenceClaims
}

type presenceClaims struct {
	Issuer    string           `json:"iss"`
	Audience  string           `json:"aud"`
	UserCode  string           `json:"user_code"`
	IssuedAt  *jwt.NumericDate `json:"iat"`
	Expiry    *jwt.NumericDate `json:"exp"`
	NotBefore *jwt.NumericDate `json:"nbf,omitempty"`
	ID        string           `json:"jti"`
}

// LooksLikePresenceProof says whether what was typed or scanned is meant to be a presence proof, whole or not.
func LooksLikePresenceProof(typed string) bool { return strings.Contains(fold(typed), PresencePrefix) }

// ParsePresenceProof reads the travelling form: any case, white space and control characters anywhere, and whatever a
// scanner puts before the prefix or, from the first character that is not of base32, after the end. What lost a letter
// on the way, changed one or gained one is not a proof: the check bytes tell damage from a signature that is wrong.
// Error: ErrNotAPresenceProof.
func ParsePresenceProof(typed string) (PresenceProof, error) {
	if len(typed) > maxPresenceTyped {
		return PresenceProof{}, ErrNotAPresenceProof
	}
	_, rest, found := strings.Cut(fold(typed), PresencePrefix)
	if end := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune(presenceAlphabet, r) }); end >= 0 {
		rest = rest[:end]
	}
	raw, err := presenceEncoding.DecodeString(rest)
	if !found || err != nil || presenceEncoding.EncodeToString(raw) != rest || len(raw) <= presenceCheck {
		return PresenceProof{}, ErrNotAPresenceProof
	}
	whole, check := raw[:len(raw)-presenceCheck], raw[len(raw)-presenceCheck:]
	if len(whole) > maxPresenceJWT || !bytes.Equal(check, presenceChecksum(whole)) {
		return PresenceProof{}, ErrNotAPresenceProof
	}
	proof := PresenceProof{jwt: string(whole)}
	jws, err := parseJWT(proof.jwt, clientAlgorithms())
	if err != nil || !wholeSignature(jws.header.algorithm, jws.signature) ||
		unmarshalClaims(jws.payload, &proof.claims) != nil {
		return PresenceProof{}, ErrNotAPresenceProof
	}
	return proof, nil
}

func presenceChecksum(jwt []byte) []byte {
	sum := sha256.Sum256(jwt)
	return sum[:presenceCheck]
}

// wholeSignature says whether a signature is as long as its algorithm makes it (RFC 7518 §3.4, RFC 8037 §3.1); with
// RSA the key says how long that is.
func wholeSignature(algorithm string, signature []byte) bool {
	return algorithm == string(jose.PS256) || len(signature) == 64
}

// fold removes what a keyboard adds and upper-cases a to z only.
func fold(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return -1
		case 'a' <= r && r <= 'z':
			return r - ('a' - 'A')
		}
		return r
	}, typed)
}

// Claimed is whose key the proof claims to be of, and for which code: what to look the request up by, before anything
// is verified. false when it names neither a client nor a user code.
func (p PresenceProof) Claimed() (clientID string, code UserCode, ok bool) {
	code, err := ParseUserCode(p.claims.UserCode)
	return p.claims.Issuer, code, err == nil && isClientID(p.claims.Issuer)
}

// SignedBy says whether one of the keys made the proof's signature: nothing about its claims.
func (p PresenceProof) SignedBy(keys jose.JSONWebKeySet) bool {
	_, err := verifyPresence(p.jwt, keys)
	return err == nil
}

// PresenceRules is what a proof is measured by.
type PresenceRules struct {
	Issuer string        // our issuer identifier: the only audience
	Now    time.Time     // by the server's clock
	Skew   time.Duration // how far the phone's clock may be off
}

// Presence is a verified proof. Single use is the caller's to enforce: remember ID for ClientID until ForgetAt.
type Presence struct {
	ClientID string
	UserCode UserCode
	ID       string // jti
	ForgetAt time.Time
}

// VerifyPresenceProof verifies a proof with the registered keys of the client that it claims. The signature is judged
// first, so that every other refusal is one of a phone that holds the key: ErrPresenceForged, then
// ErrPresenceMalformed, ErrPresenceOtherServer, ErrPresenceExpired, ErrPresenceNotYet.
func VerifyPresenceProof(p PresenceProof, keys jose.JSONWebKeySet, rules PresenceRules) (Presence, error) {
	claims, err := verifyPresence(p.jwt, keys)
	if err != nil {
		return Presence{}, err
	}
	clientID, code, ok := PresenceProof{claims: claims}.Claimed()
	if !ok || claims.IssuedAt == nil || claims.Expiry == nil || checkJTI(claims.ID) != nil {
		return Presence{}, ErrPresenceMalformed
	}
	if rules.Issuer == "" || claims.Audience != rules.Issuer {
		return Presence{}, ErrPresenceOtherServer
	}
	if err := claims.checkTimes(rules); err != nil {
		return Presence{}, err
	}
	forget := claims.IssuedAt.Time().Add(MaxPresenceLifetime + 2*rules.Skew + time.Second)
	return Presence{ClientID: clientID, UserCode: code, ID: claims.ID, ForgetAt: forget}, nil
}

func verifyPresence(raw string, keys jose.JSONWebKeySet) (presenceClaims, error) {
	jws, err := parseJWT(raw, clientAlgorithms())
	if err != nil || !jws.header.hasType(TypePresence) {
		return presenceClaims{}, ErrPresenceForged
	}
	for _, key := range keys.Keys {
		var claims presenceClaims
		if mayVerify(key, jws.header) && decodeClaims(jws, key, &claims) == nil {
			return claims, nil
		}
	}
	return presenceClaims{}, ErrPresenceForged
}

// checkTimes lets the phone's clock be off by the skew either way, but no proof be older than MaxPresenceLifetime by
// its own iat: a relayed proof is dead after that whatever the skew (docs/protocol.md §6 shown-code). A phone that is slow by the
// skew still shows proofs that are young enough, because it renews them every half lifetime.
func (c presenceClaims) checkTimes(rules PresenceRules) error {
	issued, expires := c.IssuedAt.Time(), c.Expiry.Time()
	switch lifetime := expires.Sub(issued); {
	case lifetime <= 0 || lifetime > MaxPresenceLifetime:
		return ErrPresenceMalformed
	case rules.Now.Sub(issued) > MaxPresenceLifetime, !rules.Now.Before(expires.Add(rules.Skew)):
		return ErrPresenceExpired
	case issued.Sub(rules.Now) > rules.Skew, c.NotBefore != nil && c.NotBefore.Time().Sub(rules.Now) > rules.Skew:
		return ErrPresenceNotYet
	}
	return nil
}

// PresenceRequest is what a phone proves its presence for.
type PresenceRequest struct {
	ClientID  string
	Issuer    string // of the server that the proof is for
	UserCode  UserCode
	ID        string // jti; 64 random bits are enough for the minute
	IssuedAt  time.Time
	ExpiresAt time.Time // MaxPresenceLifetime after IssuedAt at most
}

// SignPresenceProof makes a proof with a key that a client may register. It carries no kid, to be small.
func SignPresenceProof(key crypto.Signer, request PresenceRequest) (PresenceProof, error) {
	algorithm, err := checkKey(key.Public())
	if err != nil {
		return PresenceProof{}, err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, (&jose.SignerOptions{}).WithType(TypePresence))
	if err != nil {
		return PresenceProof{}, fmt.Errorf("signing a presence proof: %w", err)
	}
	issued, expires := jwt.NumericDate(request.IssuedAt.Unix()), jwt.NumericDate(request.ExpiresAt.Unix())
	claims := presenceClaims{Issuer: request.ClientID, Audience: request.Issuer, UserCode: request.UserCode.letters,
		IssuedAt: &issued, Expiry: &expires, ID: request.ID}
	payload, err := json.Marshal(claims)
	if err != nil {
		return PresenceProof{}, fmt.Errorf("signing a presence proof: %w", err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		return PresenceProof{}, fmt.Errorf("signing a presence proof: %w", err)
	}
	raw, err := jws.CompactSerialize()
	if err == nil && len(raw) > maxPresenceJWT {
		err = errPresenceTravelLength
	}
	return PresenceProof{jwt: raw, claims: claims}, err
}

// Travel is the proof's travelling form, for a QR code in alphanumeric mode. Only a phone may show it.
func (p PresenceProof) Travel() string {
	if p.jwt == "" {
		return ""
	}
	return PresencePrefix + presenceEncoding.EncodeToString(append([]byte(p.jwt), presenceChecksum([]byte(p.jwt))...))
}

// String never reveals the proof.
func (p PresenceProof) String() string { return hiddenPresenceProof }

// Format never reveals the proof, whatever the verb.
func (p PresenceProof) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hiddenPresenceProof) }

// LogValue never reveals the proof.
func (p PresenceProof) LogValue() slog.Value { return slog.StringValue(hiddenPresenceProof) }

// MarshalText never reveals the proof, to JSON among others.
func (p PresenceProof) MarshalText() ([]byte, error) { return []byte(hiddenPresenceProof), nil }
