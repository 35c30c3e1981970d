package export

import (
	"crypto"
	"encoding/base64"
	"fmt"
	"slices"

	"countersign/audit"
	"countersign/audit/term"

	"github.com/go-jose/go-jose/v4"
)

// chain follows in a whole export who may sign: the key of the first entry, and each one that the current key has named in a
// rotation. In a part of the trail rotations are missing, and every trusted key may.
type chain struct {
	whole   bool
	kept    jose.JSONWebKeySet
	current string
	named   map[string]bool
}

// trusted are the keys that signatures are held against: those that were kept elsewhere, and of a whole export's own those that
// are named by their thumbprint (RFC 7638), since the chain vouches for these. Without kept ones, all of the export's own.
func trusted(h Head, kept jose.JSONWebKeySet) jose.JSONWebKeySet {
	set := jose.JSONWebKeySet{Keys: slices.Clone(kept.Keys)}
	if h.Keys == nil {
		return set
	}
	for _, key := range h.Keys.Keys {
		if len(kept.Keys) == 0 || h.Whole() && len(kept.Key(key.KeyID)) == 0 && isThumbprint(key) {
			set.Keys = append(set.Keys, key)
		}
	}
	return set
}

// unproved are the identifiers of the export's own keys that are no thumbprint of them: which key an entry means by such a name
// nothing but the file says.
func unproved(h Head, kept jose.JSONWebKeySet) map[string]bool {
	names := map[string]bool{}
	if h.Keys == nil {
		return names
	}
	for _, key := range h.Keys.Keys {
		if len(kept.Keys) == 0 && !isThumbprint(key) {
			names[key.KeyID] = true
		}
	}
	return names
}

func isThumbprint(key jose.JSONWebKey) bool {
	sum, err := key.Thumbprint(crypto.SHA256)
	return err == nil && base64.RawURLEncoding.EncodeToString(sum) == key.KeyID
}

// take follows the next entry, whose signature is right.
func (c *chain) take(j audit.Judged) error {
	kid := j.Entry.KeyID
	if !c.whole {
		return nil
	}
	if c.named == nil {
		if len(c.kept.Keys) > 0 && len(c.kept.Key(kid)) == 0 {
			return fmt.Errorf("key %q signs, but is not among the kept ones", kid)
		}
		c.current, c.named = kid, map[string]bool{kid: true}
	}
	if !c.named[kid] {
		return audit.UnnamedKeyError(kid)
	}
	if j.Entry.Type != string(audit.SigningKeyRotated) || j.Reason != string(term.KeyAudit) {
		return nil
	}
	if kid != c.current {
		return fmt.Errorf("key %q names its successor, but is not the current one", kid)
	}
	c.current, c.named[j.Key] = j.Key, true
	return nil
}
