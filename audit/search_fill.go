package audit

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gorm.io/gorm"
)

// fillLock is the key of PostgreSQL's advisory lock on filling: "search" in ASCII.
const fillLock = 0x736561726368

// SearchBehind reports whether entries have no rows to be found by yet.
func SearchBehind(db *gorm.DB) (bool, error) {
	filled, last, err := SearchFilled(db)
	return filled < last, err
}

// SearchFilled returns the number of the last entry that has a row to be found by, and of the last that there is.
func SearchFilled(db *gorm.DB) (filled, last int64, err error) {
	if filled, err = highest(db, "audit_search"); err != nil {
		return 0, 0, fmt.Errorf("newest row of the search table: %w", err)
	}
	if last, err = highest(db, "audit_events"); err != nil {
		return 0, 0, fmt.Errorf("last audit event: %w", err)
	}
	return filled, last, nil
}

// FillSearch makes the rows of the oldest entries that have none, at most batchSize, and reports whether there may be more. tx
// is a transaction of its own, that holds the write lock on SQLite and is at READ COMMITTED on PostgreSQL: a visit waits no
// longer than one batch takes, and none waits for the table. Who appends to the log holds it until they commit, so that no
// entry comes between others later.
func FillSearch(tx *gorm.DB) (more bool, err error) {
	if err := lockFilling(tx); err != nil {
		return false, err
	}
	filled, err := highest(tx, "audit_search")
	if err != nil {
		return false, fmt.Errorf("newest row of the search table: %w", err)
	}
	entries, err := entriesAfter(tx, filled)
	if err != nil {
		return false, fmt.Errorf("read audit events: %w", err)
	}
	if err := insertRows(tx, rowsOf(entries)); err != nil {
		return false, err
	}
	return len(entries) == batchSize, nil
}

func lockFilling(tx *gorm.DB) error {
	if tx.Name() != "postgres" {
		return nil
	}
	if err := tx.Exec("SELECT pg_advisory_xact_lock(?)", fillLock).Error; err != nil {
		return fmt.Errorf("lock the search table: %w", err)
	}
	return nil
}

func rowsOf(entries []Entry) []SearchRow {
	rows := make([]SearchRow, 0, len(entries))
	for _, entry := range entries {
		rows = append(rows, entry.searchRow())
	}
	return rows
}

// insertRows inserts a hundred rows in a statement: SQLite takes 32,766 values, and its time for each grows with their number.
func insertRows(tx *gorm.DB, rows []SearchRow) error {
	if len(rows) == 0 {
		return nil
	}
	if err := tx.CreateInBatches(rows, 100).Error; err != nil {
		return fmt.Errorf("fill the search table: %w", err)
	}
	return nil
}

// BeforeAll is a number before that of every row, also of one that somebody made up.
const BeforeAll = int64(math.MinInt64)

// MendSearch makes the rows of the next entries after the number what they should be, at most batchSize of them, and takes
// rows away that no entry has. It returns the number of the last entry that it looked at, which is after itself when there
// is no further one, and how many rows were wrong, missing or too many. tx is as FillSearch wants it.
func MendSearch(tx *gorm.DB, after int64) (last int64, mended int, err error) {
	if err := lockFilling(tx); err != nil {
		return after, 0, err
	}
	entries, found, last, err := searchBatch(tx, after)
	if err != nil {
		return after, 0, err
	}
	wrong := differing(rowsOf(entries), found)
	if len(wrong) == 0 {
		return last, 0, nil
	}
	var numbers []int64
	var right []SearchRow
	for _, difference := range wrong {
		numbers = append(numbers, difference.seq)
		if difference.want != nil {
			right = append(right, *difference.want)
		}
	}
	if err := tx.Where("seq IN ?", numbers).Delete(&SearchRow{}).Error; err != nil {
		return after, 0, fmt.Errorf("mend the search table: %w", err)
	}
	return last, len(wrong), insertRows(tx, right)
}

// searchBatch reads the next entries after a number, and the rows of the numbers from there to the last of them; without any
// further entry the next rows, at most batchSize, which no entry has.
func searchBatch(db *gorm.DB, after int64) (entries []Entry, found []SearchRow, last int64, err error) {
	if entries, err = entriesAfter(db, after); err != nil {
		return nil, nil, after, fmt.Errorf("read audit events: %w", err)
	}
	rows := db.Where("seq > ?", after).Order("seq")
	if last = after; len(entries) > 0 {
		last = entries[len(entries)-1].Seq
		rows = rows.Where("seq <= ?", last)
	} else {
		rows = rows.Limit(batchSize)
	}
	if err = rows.Find(&found).Error; err != nil {
		return nil, nil, after, fmt.Errorf("read the search table: %w", err)
	}
	return entries, found, last, nil
}

// difference is a number whose row is not what it should be.
type difference struct {
	seq  int64
	want *SearchRow // nil: there should be none
	is   *SearchRow // nil: there is none
}

// differing compares rows with what they should be, both in the order of their numbers.
func differing(want, found []SearchRow) (all []difference) {
	byNumber := func(row SearchRow, seq int64) int { return cmp.Compare(row.Seq, seq) }
	for i := range want {
		at, there := slices.BinarySearchFunc(found, want[i].Seq, byNumber)
		switch {
		case !there:
			all = append(all, difference{seq: want[i].Seq, want: &want[i]})
		case found[at] != want[i]:
			all = append(all, difference{seq: want[i].Seq, want: &want[i], is: &found[at]})
		}
	}
	for i := range found {
		if _, there := slices.BinarySearchFunc(want, found[i].Seq, byNumber); !there {
			all = append(all, difference{seq: found[i].Seq, is: &found[i]})
		}
	}
	return all
}
