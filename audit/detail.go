package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// Detail is a text of an event that may be personal: an address, or what somebody has changed. It lies in a row beside the
// log, which can be erased; the event states a hash of it, under a key that is in the row only.
type Detail struct {
	Field  string // a word of the type's Definition.Details
	Before string // "" for what was not there, and where nothing changed
	After  string
}

// The fields of details that are no changes: IP addresses, without a port.
const (
	DetailAddress       = factAddress
	DetailRequestedFrom = factRequestedFrom
)

// The fields of details that say what was changed, from what to what. Several values have single spaces or "; " between them.
const (
	DetailIdentifiers = "identifiers"
	DetailName        = "name"
	DetailLatinName   = "latin_name"
	DetailLanguage    = "language"
	DetailStaff       = "staff"
	DetailBirth       = "date_of_birth"
	DetailContact     = "contact"
	DetailStatus      = "status"
	DetailPresence    = "presence"
	DetailTwoPerson   = "two_person"
	DetailLabel       = "label"
	DetailPlace       = "place"
	DetailHours       = "hours"
	DetailTimeZone    = "time_zone"
	DetailNetworks    = "networks"
	DetailKeys        = "keys" // their identifiers
	DetailScope       = "scope"
	DetailCounters    = "counters"
)

// DetailRow is a detail as it lies beside the log.
type DetailRow struct {
	Seq        int64  `gorm:"column:seq;primaryKey;autoIncrement:false"` // of the event
	Field      string `gorm:"column:field;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	OccurredAt int64  `gorm:"column:occurred_at"` // milliseconds since 1970
	Personal   int    `gorm:"column:personal"`    // 1: it goes when its time is over
	Salt       string `gorm:"column:salt"`        // 256 random bits, base64url
	Before     string `gorm:"column:text_before"`
	After      string `gorm:"column:text_after"`
}

// TableName tells gorm where details are.
func (DetailRow) TableName() string { return "event_details" }

// Detail is the row's text.
func (r DetailRow) Detail() Detail { return Detail{Field: r.Field, Before: r.Before, After: r.After} }

// Hash is what the event states: HMAC-SHA256, base64url, over field, text before and text after with a NUL between, under the
// salt's characters. Without the row nobody can find the text by trying: the key has gone with it.
func (r DetailRow) Hash() string {
	mac := hmac.New(sha256.New, []byte(r.Salt))
	mac.Write([]byte(r.Field + "\x00" + r.Before + "\x00" + r.After))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// isPersonal says 1 of a detail that goes when its time is over: an address, and what was changed of an account. How a counter
// was called is the organisation's own.
func isPersonal(field, account string) int {
	if account != "" || field == DetailAddress || field == DetailRequestedFrom {
		return 1
	}
	return 0
}

// setAside takes the texts out of an event, each with a salt of its own, and puts their hashes in.
func (l *Log) setAside(e Event) (Event, []DetailRow, error) {
	all := slices.Clone(e.Details)
	if e.Facts.Address != "" {
		all = append(all, Detail{Field: DetailAddress, After: e.Facts.Address})
	}
	if e.Facts.RequestedFrom != "" {
		all = append(all, Detail{Field: DetailRequestedFrom, After: e.Facts.RequestedFrom})
	}
	e.Details, e.Facts.Address, e.Facts.RequestedFrom, e.Facts.Details = nil, "", "", nil
	if len(all) == 0 {
		return e, nil, nil
	}
	rows := make([]DetailRow, len(all))
	e.Facts.Details = make(map[string]string, len(all))
	for i, detail := range all {
		if _, twice := e.Facts.Details[detail.Field]; twice {
			return e, nil, &InvalidEventError{Type: e.Type, Reason: fmt.Sprintf("detail %q is there twice", detail.Field)}
		}
		if err := checkDetail(detail); err != nil {
			return e, nil, &InvalidEventError{Type: e.Type, Reason: err.Error()}
		}
		salt, err := l.newSalt()
		if err != nil {
			return e, nil, err
		}
		rows[i] = DetailRow{Field: detail.Field, AccountID: e.Subject, Personal: isPersonal(detail.Field, e.Subject),
			Salt: salt, Before: detail.Before, After: detail.After}
		e.Facts.Details[detail.Field] = rows[i].Hash()
	}
	return e, rows, nil
}

// checkDetail refuses a text that would make the hash ambiguous, and an address that is none.
func checkDetail(d Detail) error {
	if strings.Contains(d.Before+d.After, "\x00") {
		return fmt.Errorf("detail %q holds a NUL", d.Field)
	}
	if d.Field == DetailAddress || d.Field == DetailRequestedFrom {
		return checkAddress(d.Field, d.After)
	}
	return nil
}

// newSalt is 256 random bits.
func (l *Log) newSalt() (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(l.Rand, b[:]); err != nil {
		return "", fmt.Errorf("salt of an event's detail: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// keepDetails puts the rows beside their entry, in one statement: there are few.
func keepDetails(tx *gorm.DB, entry Entry, rows []DetailRow) error {
	if len(rows) == 0 {
		return nil
	}
	const columns = 8
	values := make([]any, 0, columns*len(rows))
	for _, row := range rows {
		values = append(values, entry.Seq, row.Field, row.AccountID, entry.OccurredAt, row.Personal, row.Salt, row.Before, row.After)
	}
	err := do(tx, `INSERT INTO event_details (seq, field, account_id, occurred_at, personal, salt, text_before, text_after)
		VALUES `+places(len(rows), columns), values...)
	if err != nil {
		return fmt.Errorf("insert details of an audit event: %w", err)
	}
	return nil
}

// DetailsOf reads the details that are still there of entries with these numbers, in the order of their fields.
func DetailsOf(db *gorm.DB, seqs []int64) (map[int64][]DetailRow, error) {
	all := map[int64][]DetailRow{}
	for some := range slices.Chunk(seqs, maxLimit) { // a statement takes some ten thousand values
		var rows []DetailRow
		if err := db.Where("seq IN ?", some).Order("seq, field").Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("details of audit events: %w", err)
		}
		for _, row := range rows {
			all[row.Seq] = append(all[row.Seq], row)
		}
	}
	return all, nil
}
