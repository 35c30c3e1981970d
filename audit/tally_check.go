package audit

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// TallyReport is what VerifyTallies found.
type TallyReport struct {
	Wrong   int64 // rows that are not what the log says, are missing or too many
	First   string
	Waiting int64 // newest entries that are still to be counted, which is no fault
}

// Problem says for people what is wrong, "" for nothing.
func (r TallyReport) Problem() string {
	if r.Wrong == 0 {
		return ""
	}
	return fmt.Sprintf("the tallies differ from the trail in %d rows, first %s: the plots show other numbers than happened; "+
		"\"countersign audit reindex\" makes them anew", r.Wrong, r.First)
}

// note counts what is wrong.
func (r *TallyReport) note(wrong int64, first string) {
	if r.Wrong += wrong; r.First == "" && wrong > 0 {
		r.First = first
	}
}

// VerifyTallies counts the log again, a segment at a time, and holds every row against it, both ways. What is counted meanwhile is no
// fault. The error is one of the database.
func VerifyTallies(ctx context.Context, db *gorm.DB) (report TallyReport, err error) {
	db = db.WithContext(ctx)
	to, last, err := talliedOf(db)
	if err != nil {
		return report, err
	}
	if report.Waiting = last - to; to < 0 || report.Waiting < 0 {
		report.note(1, fmt.Sprintf("that %d entries of %d are counted", to, last))
		report.Waiting, to = 0, min(max(to, 0), last)
	}
	for segment := BeforeAll; ; {
		next, there, err := nextSegment(db, segment, to)
		if err != nil || !there {
			return report, err
		}
		wrong, err := settledTallies(db, next, &to)
		if err != nil {
			return report, err
		}
		if len(wrong) > 0 {
			report.note(int64(len(wrong)), wrong[0].String())
		}
		segment = next
	}
}

// talliedOf is how far the log is counted, of how many entries.
func talliedOf(db *gorm.DB) (to, last int64, err error) {
	if to, err = talliedTo(db); err != nil {
		return 0, 0, err
	}
	if last, err = highest(db, "audit_events"); err != nil {
		return 0, 0, fmt.Errorf("last audit event: %w", err)
	}
	return to, last, nil
}

// settledTallies are the differences of a segment, at a moment when nobody counts: what differs is looked at again while others
// go on counting, at most ten times.
func settledTallies(db *gorm.DB, segment int64, to *int64) ([]TallyRow, error) {
	for looks := 1; ; looks++ {
		wrong, err := differingTallies(db, segment, *to)
		if err != nil || len(wrong) == 0 {
			return nil, err
		}
		now, last, err := talliedOf(db)
		if err != nil {
			return nil, err
		}
		if now <= *to || now > last || looks == 10 {
			return wrong, nil
		}
		*to = now
	}
}

// differingTallies are the rows of a segment that differ from what its entries up to a number say, as they should be or, with
// the count that they have, should not.
func differingTallies(db *gorm.DB, segment, to int64) (wrong []TallyRow, err error) {
	counts, err := countSegment(db, segment, to)
	if err != nil {
		return nil, err
	}
	var found []TallyRow
	if err := db.Where("segment = ?", segment).Find(&found).Error; err != nil {
		return nil, fmt.Errorf("read the tallies: %w", err)
	}
	for _, row := range found {
		key := row
		if key.Count = 0; counts[key] != row.Count {
			wrong = append(wrong, row)
		}
		delete(counts, key)
	}
	return append(wrong, counts.rows()...), nil
}

// String names the row.
func (r TallyRow) String() string {
	return fmt.Sprintf("%s %q of hour %d at counter %q", r.Measure, r.Word, r.Hour, r.CounterID)
}
