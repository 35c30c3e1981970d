package audit

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// SearchReport is what VerifySearch found.
type SearchReport struct {
	Wrong   int64 // rows that differ from their entry, are missing or have none
	First   int64 // number of the first of them
	Waiting int64 // newest entries that are still to be filled in, which is no fault
}

// Problem says for people what is wrong, "" for nothing.
func (r SearchReport) Problem() string {
	if r.Wrong == 0 {
		return ""
	}
	return fmt.Sprintf("the search table differs from the trail in %d rows, first at %d: a supervisor's search may miss events; "+
		"\"countersign audit reindex\" makes it anew", r.Wrong, r.First)
}

// VerifySearch holds every row of the search table against its entry, both ways, in batches. What is filled in meanwhile is no
// fault. The error is one of the database.
func VerifySearch(ctx context.Context, db *gorm.DB) (report SearchReport, err error) {
	db = db.WithContext(ctx)
	filled, err := highest(db, "audit_search")
	if err != nil {
		return report, fmt.Errorf("newest row of the search table: %w", err)
	}
	for after := BeforeAll; ; {
		entries, found, last, err := searchBatch(db, after)
		if err != nil {
			return report, err
		}
		for _, wrong := range differing(rowsOf(entries), found) {
			if wrong.is == nil && wrong.seq > filled {
				report.Waiting++
				continue
			}
			if report.Wrong++; report.First == 0 {
				report.First = wrong.seq
			}
		}
		if last == after {
			return report, nil
		}
		after = last
	}
}
