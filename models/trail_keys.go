package models

import (
	"context"
	"database/sql"
	"slices"

	"countersign/audit"
	"countersign/models/keys"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// trailKeys are the keys of a trail as one moment has them.
type trailKeys struct {
	rows    []ServerKey
	trusted jose.JSONWebKeySet
	history *keyHistory
}

// readTrailKeys reads the key table and the events of keys at one moment. kept are audit keys that were kept elsewhere: with
// them the database's own are trusted only where an event names them by their thumbprint. Without any, all are.
func (d *Database) readTrailKeys(ctx context.Context, issuer string, kept jose.JSONWebKeySet) (trailKeys, error) {
	var k trailKeys
	moment := &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	if d.dialect == "sqlite" {
		moment = nil // a reader sees one moment anyway
	}
	err := d.read.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		if err := db.Order("purpose, " + inOrder).Find(&k.rows).Error; err != nil {
			return err
		}
		var err error
		if k.trusted, err = k.toTrust(kept); err != nil {
			return err
		}
		k.history, err = readKeyHistory(db, issuer, k.trusted, true)
		return err
	}, moment)
	return k, err
}

func (k trailKeys) toTrust(kept jose.JSONWebKeySet) (jose.JSONWebKeySet, error) {
	own := slices.DeleteFunc(slices.Clone(k.rows), func(row ServerKey) bool {
		return row.Purpose != keys.Audit || !row.PublicHalfFits() || len(kept.Keys) > 0 && !row.NamedByThumbprint()
	})
	set, err := keys.PublicSet(keysOf(own))
	trusted := jose.JSONWebKeySet{Keys: slices.Clone(kept.Keys)}
	for _, key := range set.Keys {
		if len(kept.Key(key.KeyID)) == 0 {
			trusted.Keys = append(trusted.Keys, key)
		}
	}
	return trusted, err
}

// first is the first entry that is bad because of its key, nil for none.
func (k trailKeys) first(kept jose.JSONWebKeySet) *audit.Problem {
	for signer, after := range k.history.signers {
		if after == 0 && len(kept.Keys) > 0 && len(kept.Key(signer)) == 0 {
			return &audit.Problem{Seq: 1, Reason: "key " + signer + " signs, but is not among the kept ones"}
		}
	}
	return k.history.broken
}

// problems says of the rows what the trail says otherwise, a line each.
func (k trailKeys) problems() []string {
	var lines []string
	if k.history.broken != nil {
		return nil // what the events say is not known
	}
	there := map[string]bool{}
	for _, row := range k.rows {
		there[row.ID] = true
		if reason := k.history.disagrees(row); reason != "" {
			lines = append(lines, "key "+row.name()+": "+reason)
		}
	}
	for id, purpose := range k.history.made {
		if !there[id] {
			lines = append(lines, "key "+string(purpose)+" "+id+": an event says that it was made, and it is gone")
		}
	}
	slices.Sort(lines)
	return lines
}
