package audit

import (
	"database/sql/driver"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"countersign/audit/packed"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// Log appends events. Its fields are set once, before first use; it is then
// safe for use by several goroutines, each with its own transaction.
type Log struct {
	Issuer string          // the iss of every SET, and the base of every type's URI
	Rand   io.Reader       // where jti values come from
	Signer jose.JSONWebKey // private P-256 key, with its key identifier
}

// Entry is a row of the append-only table. Every column but the token's is a copy of
// something in the SET, there to be searched; Verify compares each of them.
type Entry struct {
	Seq                   int64  `gorm:"column:seq;primaryKey;autoIncrement:false"` // from 1, no gaps
	ID                    string `gorm:"column:jti"`
	Type                  string `gorm:"column:type"`        // the short name
	OccurredAt            int64  `gorm:"column:occurred_at"` // milliseconds since 1970
	Transaction           string `gorm:"column:txn"`
	AccountID             string `gorm:"column:account_id"`
	ClientID              string `gorm:"column:client_id"`
	StaffID               string `gorm:"column:staff_id"` // the actor, when it is a member of staff
	CounterID             string `gorm:"column:counter_id"`
	DeviceAuthorizationID string `gorm:"column:device_authorization_id"`
	KeyID                 string `gorm:"column:kid"`
	SET                   string `gorm:"column:set_text"` // the signed token, compact; in the table only where it is not packed

	// Packed is the token as the table keeps it (audit/packed). An entry that was read has it only where it gives no token.
	Packed packedToken `gorm:"column:packed" json:"-"`
}

// packedToken is a text, so that entries can be compared, and bytes in the database.
type packedToken string

// Value is what the database keeps.
func (p packedToken) Value() (driver.Value, error) { return []byte(p), nil }

// TableName tells gorm where entries are.
func (Entry) TableName() string { return "audit_events" }

// AfterFind makes the SET of an entry that gorm has read, and has no error: one that somebody has spoiled stays as it is, and is
// told of by who verifies it.
func (e *Entry) AfterFind(*gorm.DB) error {
	if token := Token(e.SET, string(e.Packed)); token != e.SET {
		e.SET, e.Packed = token, ""
	}
	return nil
}

// Damaged says why an entry that was read has no token, nil for one that has: somebody has changed what was packed.
func (e Entry) Damaged() error {
	if e.SET != "" || e.Packed == "" {
		return nil
	}
	_, err := packed.Token([]byte(e.Packed))
	return err
}

// Token is the SET of a row that is read past gorm, by its columns set_text and packed: "" where neither has one.
func Token(text, short string) string {
	if text != "" || short == "" {
		return text
	}
	token, _ := packed.Token([]byte(short))
	return token
}

// Append checks e against the catalogue, signs it as the next entry of the log
// and inserts it in tx, with its details beside it. It belongs in the transaction
// that does what the event says, so that all are there or none.
//
// now is that transaction's one reading of the clock; milliseconds are kept.
// On SQLite the caller must hold the write lock already (an immediate
// transaction); on PostgreSQL, where tx must be at READ COMMITTED, Append takes
// an advisory lock that lasts until tx ends. The error is an *InvalidEventError
// for an event that the catalogue refuses, and otherwise a fault.
func (l *Log) Append(tx *gorm.DB, now time.Time, e Event) (Entry, error) {
	e, details, err := l.setAside(e)
	if err != nil {
		return Entry{}, err
	}
	facts, err := l.checked(e)
	if err != nil {
		return Entry{}, err
	}
	seq, err := nextSeq(tx)
	if err != nil {
		return Entry{}, err
	}
	entry, err := l.entry(seq, now, e, facts)
	if err != nil {
		return Entry{}, err
	}
	if err := entry.insert(tx, packedOrText(entry.SET)); err != nil {
		return Entry{}, fmt.Errorf("insert audit event: %w", err)
	}
	return entry, keepDetails(tx, entry, details)
}

// token is a SET as the table keeps it: packed, or as text where packing it would not give it back or make it shorter.
type token struct {
	text  string
	short []byte
}

func packedOrText(set string) token {
	if short := packed.Pack(set); short != nil {
		return token{short: short}
	}
	return token{text: set, short: []byte{}}
}

func (e Entry) insert(tx *gorm.DB, set token) error {
	return do(tx, `INSERT INTO audit_events (seq, jti, type, occurred_at, txn, account_id, client_id, staff_id, counter_id,
		device_authorization_id, kid, set_text, packed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		e.Seq, e.ID, e.Type, e.OccurredAt, e.Transaction, e.AccountID, e.ClientID, e.StaffID, e.CounterID, e.DeviceAuthorizationID,
		e.KeyID, set.text, set.short)
}

// Sign makes the entry that Append would insert as number seq, and leaves its details aside.
func (l *Log) Sign(seq int64, now time.Time, e Event) (Entry, error) {
	e, _, err := l.setAside(e)
	if err != nil {
		return Entry{}, err
	}
	facts, err := l.checked(e)
	if err != nil {
		return Entry{}, err
	}
	return l.entry(seq, now, e, facts)
}

func (l *Log) entry(seq int64, now time.Time, e Event, facts jsonMembers) (Entry, error) {
	c, err := l.claims(seq, now, e, facts)
	if err != nil {
		return Entry{}, err
	}
	set, err := sign(c, l.Signer)
	if err != nil {
		return Entry{}, fmt.Errorf("sign audit event: %w", err)
	}
	return newEntry(c, seq, e, l.Signer.KeyID, set), nil
}

// claims are what entry number seq states, under a fresh jti.
func (l *Log) claims(seq int64, now time.Time, e Event, facts jsonMembers) (claims, error) {
	id, err := l.newID(now)
	if err != nil {
		return claims{}, err
	}
	return newClaims(l.Issuer, id, seq, now, e, facts), nil
}

// checked holds e against the catalogue and gives its facts as JSON members.
func (l *Log) checked(e Event) (jsonMembers, error) {
	d, ok := Lookup(e.Type)
	if !ok {
		return nil, &InvalidEventError{Type: e.Type, Reason: "unknown event type"}
	}
	facts, err := factMembers(e.Facts)
	if err != nil {
		return nil, fmt.Errorf("encode audit event: %w", err)
	}
	return facts, check(d, e.Subject, e.Transaction, facts)
}

// sortable is base64url with its characters in their order.
var sortable = base64.NewEncoding("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz").WithPadding(base64.NoPadding)

// newID is a fresh jti, 22 characters of base64url: 42 bits of the time, in milliseconds, and 90 random ones. So the newest
// are next to each other in the index, and an event has no page of it to itself (docs/decisions/0058-fewer-pages.md).
func (l *Log) newID(now time.Time) (string, error) {
	var b [17]byte
	if _, err := io.ReadFull(l.Rand, b[5:]); err != nil {
		return "", fmt.Errorf("audit event identifier: %w", err)
	}
	const random = 22 // bits of the first 64
	first := binary.BigEndian.Uint64(b[:]) & (1<<random - 1)
	binary.BigEndian.PutUint64(b[:], uint64(now.UnixMilli())<<random|first) // milliseconds since 1970
	return sortable.EncodeToString(b[:])[:22], nil
}

// appendLock is the key of PostgreSQL's advisory lock on the log: "audit" in ASCII.
const appendLock = 0x6175646974

// nextSeq is the number that the next entry gets. After it, nobody else can
// take that number until tx ends.
func nextSeq(tx *gorm.DB) (int64, error) {
	if tx.Name() == "postgres" {
		if err := do(tx, "SELECT pg_advisory_xact_lock($1)", appendLock); err != nil {
			return 0, fmt.Errorf("lock audit log: %w", err)
		}
	}
	last, err := askNumber(tx, "SELECT coalesce(max(seq), 0) FROM audit_events")
	if err != nil {
		return 0, fmt.Errorf("last audit event: %w", err)
	}
	return last + 1, nil
}

// newEntry is the row of a SET.
func newEntry(c claims, seq int64, e Event, kid, set string) Entry {
	entry := Entry{
		Seq:                   seq,
		ID:                    c.ID,
		Type:                  string(e.Type),
		OccurredAt:            int64(c.OccurredAt),
		Transaction:           c.Transaction,
		AccountID:             c.account(),
		ClientID:              e.Facts.Client,
		CounterID:             e.Facts.Counter,
		DeviceAuthorizationID: e.Facts.DeviceAuthorization,
		KeyID:                 kid,
		SET:                   set,
	}
	if e.Facts.Actor != nil {
		entry.StaffID = e.Facts.Actor.Staff
	}
	return entry
}
