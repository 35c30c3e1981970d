package models

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
)

// rowDigest is what rows are, in their order: as many, and with the same values, only where it is the same.
type rowDigest struct {
	rows int64
	sum  [sha256.Size]byte
}

// rowHash makes a rowDigest, a row at a time. A value is hashed as what it is, with its length, whichever database it came from.
type rowHash struct {
	sum  hash.Hash
	rows int64
	text []byte
}

func newRowHash() *rowHash { return &rowHash{sum: sha256.New()} }

func (h *rowHash) digest() rowDigest {
	return rowDigest{h.rows, [sha256.Size]byte(h.sum.Sum(nil))}
}

// add takes the next row. A value is nil, a truth, a number, a text or bytes.
func (h *rowHash) add(values []any) error {
	h.rows++
	h.text = binary.BigEndian.AppendUint32(h.text[:0], uint32(len(values)))
	for _, value := range values {
		switch value := value.(type) {
		case nil:
			h.text = append(h.text, 'n')
		case bool:
			h.number(0)
			if value {
				h.text[len(h.text)-1] = 1
			}
		case int32:
			h.number(int64(value))
		case int64:
			h.number(value)
		case string:
			h.text = append(h.length('t', len(value)), value...)
		case []byte:
			h.text = append(h.length('b', len(value)), value...)
		default:
			return fmt.Errorf("a value of the type %T is not compared", value)
		}
	}
	_, err := h.sum.Write(h.text)
	return err
}

func (h *rowHash) number(value int64) {
	h.text = binary.BigEndian.AppendUint64(append(h.text, 'i'), uint64(value))
}

func (h *rowHash) length(kind byte, length int) []byte {
	return binary.BigEndian.AppendUint64(append(h.text, kind), uint64(length))
}

// digest reads a table of the copy in the order of its key.
func (t *copyTarget) digest(ctx context.Context, table copiedTable, told *rowProgress) (digest rowDigest, err error) {
	rows, err := t.tx.Query(ctx, table.selection(`"C"`))
	if err != nil {
		return digest, unavailable(err, "")
	}
	defer rows.Close()
	hash := newRowHash()
	for rows.Next() {
		values, err := rows.Values()
		if err == nil {
			err = hash.add(values)
		}
		if err != nil {
			return digest, fmt.Errorf("compare %s: %w", table.name, err)
		}
		told.row()
	}
	return hash.digest(), unavailable(rows.Err(), "")
}

// digest reads a table of the source in the order of its key, each value as PostgreSQL would keep it.
func (d *Database) digest(ctx context.Context, table copiedTable) (digest rowDigest, err error) {
	connection, err := d.readConnection(ctx)
	if err != nil {
		return digest, err
	}
	defer func() { _ = connection.Close() }() // back to the pool
	rows, err := connection.QueryContext(ctx, table.selection("BINARY"))
	if err != nil {
		return digest, d.unavailable(err)
	}
	defer func() { _ = rows.Close() }()
	source := newRowSource(table, rows, newRowProgress(nil, 0))
	for source.Next() {
	}
	return source.hash.digest(), d.unavailable(source.err)
}

// rowProgress tells of rows, some thousands at a time.
type rowProgress struct {
	told      func(done, all int64)
	done, all int64
}

func newRowProgress(told func(done, all int64), all int64) *rowProgress {
	return &rowProgress{told: told, all: all}
}

func (p *rowProgress) row() {
	const together = 4096
	if p.done++; p.told != nil && (p.done%together == 0 || p.done == p.all) {
		p.told(p.done, p.all)
	}
}
