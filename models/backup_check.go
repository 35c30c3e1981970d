package models

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"countersign/audit"
	"countersign/models/keys"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// listedDamages is how many places of a damaged file are told.
const listedDamages = 20

// CheckFile reads a whole SQLite file: its pages, its indexes against their tables, and what rows refer to. It returns what is
// wrong, a line each, of the first few places. Error: *UnavailableError, but not that of damage.
func (d *Database) CheckFile(ctx context.Context) ([]string, error) {
	if d.dialect != "sqlite" {
		return nil, errOnlySQLite
	}
	var lines []string
	err := d.read.WithContext(ctx).Raw(fmt.Sprintf("PRAGMA integrity_check(%d)", listedDamages)).Scan(&lines).Error
	if err == nil && slices.Equal(lines, []string{"ok"}) {
		lines, err = d.danglingRows(ctx)
	}
	if outage, is := errors.AsType[*UnavailableError](err); is && outage.Outage == Damaged {
		return append(lines, outage.Error()), nil
	}
	return lines, err
}

// danglingRows tells of rows that refer to rows which are not there.
func (d *Database) danglingRows(ctx context.Context) (lines []string, err error) {
	var rows []struct{ Child, Parent string }
	err = d.read.WithContext(ctx).Raw(`SELECT "table" AS child, parent FROM pragma_foreign_key_check LIMIT ?`, listedDamages).
		Scan(&rows).Error
	for _, row := range rows {
		lines = append(lines, fmt.Sprintf("a row of %s refers to a row of %s that is not there", row.Child, row.Parent))
	}
	return lines, err
}

// TrailHead says how far a database's trail and log are.
type TrailHead struct {
	Entries    int64
	Newest     Instant // when the newest entry occurred; 0: there is none
	Checkpoint int64   // entries of the log's newest checkpoint; 0: there is none
	SignedAt   Instant // of that checkpoint
}

// Head reads it, all of one moment. A database from before the log has no checkpoint.
func (d *Database) Head(ctx context.Context) (head TrailHead, err error) {
	checkpoints := "(SELECT 0 AS size, 0 AS signed_at)"
	if d.read.WithContext(ctx).Migrator().HasTable(logCheckpoint{}.TableName()) {
		checkpoints = "log_checkpoints"
	}
	err = d.read.WithContext(ctx).Raw(`SELECT coalesce(e.seq, 0) AS entries, coalesce(e.occurred_at, 0) AS newest,
			coalesce(c.size, 0) AS checkpoint, coalesce(c.signed_at, 0) AS signed_at FROM (SELECT 1 AS one) AS one
		LEFT JOIN audit_events AS e ON e.seq = (SELECT max(seq) FROM audit_events)
		LEFT JOIN ` + checkpoints + ` AS c ON c.size = (SELECT max(size) FROM ` + checkpoints + `)`).Scan(&head).Error
	return head, err
}

// entries is for finding entries with their tokens, on SQLite also those of a backup that an earlier program made.
func (d *Database) entries(ctx context.Context) *gorm.DB {
	const before = "set_jwt" // as the column was called up to migration 71
	db := d.read.WithContext(ctx)
	if d.dialect == "sqlite" && db.Migrator().HasColumn(audit.Entry{}.TableName(), before) {
		return db.Select("*, " + before + " AS set_text")
	}
	return db
}

// EntryAt returns the entry with a number, as entries finds it. Error: ErrNotFound.
func (d *Database) EntryAt(ctx context.Context, seq int64) (entry audit.Entry, err error) {
	err = d.entries(ctx).Where("seq = ?", seq).First(&entry).Error
	return entry, notFound(err)
}

// SchemaVersions are the newest migration that a database has, and the newest that this program knows. has is 0 for a database
// without any.
func (d *Database) SchemaVersions(ctx context.Context) (has, known int64, err error) {
	provider, err := d.provider()
	if err != nil {
		return 0, 0, err
	}
	for _, source := range provider.ListSources() {
		known = max(known, source.Version)
	}
	if !d.read.WithContext(ctx).Migrator().HasTable("goose_db_version") {
		return 0, known, nil
	}
	err = d.read.WithContext(ctx).Raw("SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&has).Error
	return has, known, err
}

// CheckIssuer holds a database against the issuer that it is meant for. Error: ErrOtherIssuer.
func (d *Database) CheckIssuer(ctx context.Context, issuer string) error {
	return d.checkIssuer(ctx, issuer)
}

// CheckOwner holds a database against the issuer and the master key that it is meant for, and writes nothing. Errors:
// ErrOtherIssuer, keys.ErrMasterKey, *InauthenticKeysError.
func (d *Database) CheckOwner(ctx context.Context, config Config) error {
	if err := d.checkIssuer(ctx, config.Issuer); err != nil {
		return err
	}
	rows, err := d.Keys(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	s := d.storeOf(config)
	if fromBefore(rows) {
		return s.checkMasterKey(slices.DeleteFunc(rows, func(row ServerKey) bool { return row.Status != keys.Current }))
	}
	_, err = s.takeKeys(ctx)
	return err
}

// storeOf is a store that judges keys, and does nothing else.
func (d *Database) storeOf(config Config) *Store {
	return &Store{Database: d, keys: keys.NewRing(keys.Config{
		Issuer: config.Issuer, Now: config.Now, Rand: config.Rand, MasterKey: config.MasterKey,
	})}
}

// VouchedAuditKeys are the audit keys that the master key vouches for, of a database that CheckOwner found in order. None are vouched
// for before a store was opened with this program or a newer one.
func (d *Database) VouchedAuditKeys(ctx context.Context, config Config) (jose.JSONWebKeySet, error) {
	s := d.storeOf(config)
	rows, err := d.keysWhere(ctx, "purpose = ?", keys.Audit)
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	if _, err := s.takeKeys(ctx); err != nil {
		return jose.JSONWebKeySet{}, err
	}
	return keys.PublicSet(keysOf(slices.DeleteFunc(rows, func(row ServerKey) bool { return !s.authentic(row) })))
}
