package models

import (
	"context"
	"encoding/json"
	"fmt"

	"countersign/audit"

	"github.com/go-jose/go-jose/v4"
)

// checkIssuer refuses a mistyped issuer before anything is written: events carry it,
// and one event of another issuer would spoil the trail for good. Error:
// ErrOtherIssuer.
func (d *Database) checkIssuer(ctx context.Context, issuer string) error {
	entries, err := audit.List(d.entries(ctx), audit.Filter{Limit: 1}) // a backup of an earlier program is asked, too
	if err != nil || len(entries) == 0 {
		return err
	}
	token, err := jose.ParseSignedCompact(entries[0].SET, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return fmt.Errorf("the newest audit entry cannot be read: %w", err)
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if err := json.Unmarshal(token.UnsafePayloadWithoutVerification(), &claims); err != nil {
		return fmt.Errorf("the newest audit entry cannot be read: %w", err)
	}
	if claims.Issuer != issuer {
		return fmt.Errorf("%w: it belongs to %s, not to %s", ErrOtherIssuer, claims.Issuer, issuer)
	}
	return nil
}
