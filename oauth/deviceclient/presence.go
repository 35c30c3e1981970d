package deviceclient

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	// PresenceRenewal is how long a presence proof is shown before the next one takes its place.
	PresenceRenewal = 30 * time.Second

	presenceLifetime = 60 * time.Second
	presencePrefix   = "PRES1"
	presenceCheck    = 4 // bytes of the JWT's SHA-256, behind it
)

// ErrNothingToProve says that no request waits for the counter.
var ErrNothingToProve = errors.New("no request is waiting: there is nothing to prove")

// presenceClaims are those of a presence proof: the phone that asked is here, now.
type presenceClaims struct {
	Issuer    string `json:"iss"`
	Audience  string `json:"aud"`
	UserCode  string `json:"user_code"`
	IssuedAt  int64  `json:"iat"`
	ExpiresAt int64  `json:"exp"`
	ID        string `json:"jti"`
}

// Presence makes a presence proof at now, in the form that goes into a QR code
// in alphanumeric mode: that this phone, which asked, holds its key. It needs no
// network. Show a new one every PresenceRenewal, and show it on the screen only:
// whoever else gets it within the minute can use it in this phone's place. now is by this
// phone's clock: what is known of the server's (State.ClockOffset) is added.
// Errors: ErrNotRegistered, ErrNothingToProve.
func (c *Client) Presence(now time.Time) (Secret, error) {
	issuer, err := c.issuer()
	if err != nil {
		return "", err
	}
	if c.State.Key == nil || c.State.ClientID == "" {
		return "", ErrNotRegistered
	}
	if c.State.Authorization == nil {
		return "", ErrNothingToProve
	}
	var id [8]byte // 64 bits: unique within the minute, and small in the square
	if _, err := io.ReadFull(c.random(), id[:]); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	now = now.Add(c.State.ClockOffset)
	proof, err := sign(c.State.Key.private, "presence+jwt", false, presenceClaims{
		Issuer: c.State.ClientID, Audience: issuer,
		UserCode: strings.ReplaceAll(c.State.Authorization.UserCode.Reveal(), "-", ""),
		IssuedAt: now.Unix(), ExpiresAt: now.Add(presenceLifetime).Unix(),
		ID: base64.RawURLEncoding.EncodeToString(id[:]),
	})
	if err != nil {
		return "", err
	}
	letters, sum := base32.StdEncoding.WithPadding(base32.NoPadding), sha256.Sum256([]byte(proof))
	return Secret(presencePrefix + letters.EncodeToString(append([]byte(proof), sum[:presenceCheck]...))), nil
}
