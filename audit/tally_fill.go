package audit

import (
	"fmt"
	"math"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// talliedTo is the number of the last entry that is counted.
func talliedTo(db *gorm.DB) (seq int64, err error) {
	if err = db.Raw("SELECT coalesce(max(seq), 0) FROM audit_tallied").Scan(&seq).Error; err != nil {
		return 0, fmt.Errorf("how far the log is counted: %w", err)
	}
	return seq, nil
}

// TalliesFilled returns the number of the last entry that is counted, and of the last that there is.
func TalliesFilled(db *gorm.DB) (counted, last int64, err error) {
	if counted, err = talliedTo(db); err != nil {
		return 0, 0, err
	}
	if last, err = highest(db, "audit_events"); err != nil {
		return 0, 0, fmt.Errorf("last audit event: %w", err)
	}
	return counted, last, nil
}

// FillTallies counts the next entries, at most batchSize, and reports whether there may be more. tx is as FillSearch wants it.
func FillTallies(tx *gorm.DB) (more bool, err error) {
	if err := lockFilling(tx); err != nil {
		return false, err
	}
	to, err := talliedTo(tx)
	if err != nil {
		return false, err
	}
	entries, err := entriesAfter(tx, to)
	if err != nil {
		return false, fmt.Errorf("read audit events: %w", err)
	}
	if len(entries) == 0 {
		return false, nil
	}
	counts := tallies{}
	if err := counts.count(tx, entries); err != nil {
		return false, err
	}
	if err := addTallies(tx, counts.rows()); err != nil {
		return false, err
	}
	return len(entries) == batchSize, setTallied(tx, entries[len(entries)-1].Seq)
}

func setTallied(tx *gorm.DB, seq int64) error {
	err := tx.Exec("INSERT INTO audit_tallied (id, seq) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq", seq).Error
	if err != nil {
		return fmt.Errorf("how far the log is counted: %w", err)
	}
	return nil
}

// addTallies adds counts to those that there are.
func addTallies(tx *gorm.DB, rows []TallyRow) error {
	if len(rows) == 0 {
		return nil
	}
	added := clause.OnConflict{
		Columns: []clause.Column{
			{Name: "segment"}, {Name: "measure"}, {Name: "counter_id"}, {Name: "hour"}, {Name: "staff_id"}, {Name: "word"},
		},
		DoUpdates: clause.Assignments(map[string]any{"count": gorm.Expr("audit_tallies.count + excluded.count")}),
	}
	if err := tx.Clauses(added).CreateInBatches(rows, 100).Error; err != nil {
		return fmt.Errorf("add to the tallies: %w", err)
	}
	return nil
}

// MendTallies counts the next segment after one again, and makes its rows what they should be; it returns the segment, which is
// after itself when there is none, and how many rows were wrong, missing or too many. Begin after BeforeAll. tx is as FillSearch wants it.
func MendTallies(tx *gorm.DB, after int64) (segment int64, mended int, err error) {
	if err := lockFilling(tx); err != nil {
		return after, 0, err
	}
	to, err := talliedTo(tx)
	if err != nil {
		return after, 0, err
	}
	last, err := highest(tx, "audit_events")
	if err != nil {
		return after, 0, fmt.Errorf("last audit event: %w", err)
	}
	if to > last || to < 0 { // somebody wrote it
		to, mended = min(max(to, 0), last), 1
		if err := setTallied(tx, to); err != nil {
			return after, 0, err
		}
	}
	segment, there, err := nextSegment(tx, after, to)
	if err != nil || !there {
		return after, mended, err
	}
	wrong, err := differingTallies(tx, segment, to)
	if err != nil || len(wrong) == 0 {
		return segment, mended, err
	}
	if err := replaceSegment(tx, segment, to); err != nil {
		return after, 0, err
	}
	return segment, mended + len(wrong), nil
}

// LastOfSegment is the number of the last entry that a segment is about, whether there is one or not.
func LastOfSegment(segment int64) int64 { return (segment + 1) * tallySegment }

func replaceSegment(tx *gorm.DB, segment, to int64) error {
	if err := tx.Where("segment = ?", segment).Delete(&TallyRow{}).Error; err != nil {
		return fmt.Errorf("mend the tallies: %w", err)
	}
	counts, err := countSegment(tx, segment, to)
	if err != nil {
		return err
	}
	return addTallies(tx, counts.rows())
}

// nextSegment is the next after one that has entries up to a number, or rows that it should not have.
func nextSegment(db *gorm.DB, after, to int64) (segment int64, there bool, err error) {
	var found []int64
	err = db.Model(&TallyRow{}).Where("segment > ?", after).Order("segment").Limit(1).Pluck("segment", &found).Error
	if err != nil {
		return 0, false, fmt.Errorf("read the tallies: %w", err)
	}
	segment = math.MaxInt64
	if len(found) > 0 {
		segment, there = found[0], true
	}
	if next := max(after+1, 0); to > 0 && next <= segmentOf(to) && next <= segment {
		segment, there = next, true
	}
	return segment, there, nil
}

// countSegment counts the entries of a segment up to a number.
func countSegment(db *gorm.DB, segment, to int64) (tallies, error) {
	counts := tallies{}
	if segment < 0 || to < 1 || segment > segmentOf(to) {
		return counts, nil
	}
	end := min(to, (segment+1)*tallySegment)
	for after := segment * tallySegment; after < end; {
		entries, err := entriesAfter(db.Where("seq <= ?", end), after)
		if err != nil {
			return nil, fmt.Errorf("read audit events: %w", err)
		}
		if len(entries) == 0 {
			return counts, nil
		}
		if err := counts.count(db, entries); err != nil {
			return nil, err
		}
		after = entries[len(entries)-1].Seq
	}
	return counts, nil
}
