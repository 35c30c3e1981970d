package audit

import (
	"fmt"

	"gorm.io/gorm"
)

// Count is how often somebody of the staff caused events of one type with one reason. StaffID is "" where nobody of them did.
type Count struct {
	StaffID string
	Type    Type
	Reason  string
	Count   int64
}

// Counts counts what Search finds, by who caused it, type and reason, in no order. It looks at Filter.Examine entries at most, the
// newest; whole is false when there may be more. Filter.Limit plays no part.
func Counts(db *gorm.DB, f Filter) (counts []Count, whole bool, err error) {
	examined, err := f.examined(db)
	if err != nil {
		return nil, false, fmt.Errorf("count audit events: %w", err)
	}
	err = f.conditions(db.Table("(?) AS examined", examined)).Select("staff_id, type, reason, count(*) AS count").
		Group("staff_id, type, reason").Scan(&counts).Error
	if err != nil {
		return nil, false, fmt.Errorf("count audit events: %w", err)
	}
	further, err := f.beyond(db, examined)
	if err != nil {
		return nil, false, fmt.Errorf("count audit events: %w", err)
	}
	return counts, further == 0, nil
}
