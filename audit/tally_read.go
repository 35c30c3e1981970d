package audit

import (
	"fmt"

	"gorm.io/gorm"
)

// TallyRange says which tallies are added up.
type TallyRange struct {
	From, Until int64  // hours, see HourOf; Until is not among them
	CounterID   string // "" is everywhere
}

// TallySum is what was counted within a range. Members that the question does not tell apart are zero.
type TallySum struct {
	Measure   Measure
	CounterID string
	Hour      int64
	StaffID   string
	Word      string
	Count     int64
	Failed    int64 // of the Count, CodeFails
}

// TallyWords adds up every measure by its words.
func TallyWords(db *gorm.DB, r TallyRange) ([]TallySum, error) {
	return r.sums(db, "measure, word", "counter_id = ?", Measures(), r.CounterID)
}

// TallyHours adds up visits by the hour.
func TallyHours(db *gorm.DB, r TallyRange) ([]TallySum, error) {
	return r.sums(db, "measure, hour", "counter_id = ?", []Measure{MeasureVisits}, r.CounterID)
}

// TallyStaff adds up the codes that were entered by person.
func TallyStaff(db *gorm.DB, r TallyRange) ([]TallySum, error) {
	return r.sums(db, "measure, staff_id", "counter_id = ?", []Measure{MeasureCodesByPerson}, r.CounterID)
}

// TallyCounters adds up visits, and the codes that were entered, by counter, along the index. It asks for these counters, and leaves
// r.CounterID aside.
func TallyCounters(db *gorm.DB, r TallyRange, counters []string) ([]TallySum, error) {
	if len(counters) == 0 {
		return nil, nil
	}
	return r.sums(db, "measure, counter_id", "counter_id IN ?", []Measure{MeasureVisits, MeasureCodes}, counters)
}

// sums adds up the counts of measures by the columns.
func (r TallyRange) sums(db *gorm.DB, by, where string, measures []Measure, counter any) (sums []TallySum, err error) {
	err = db.Raw("SELECT "+by+`, CAST(SUM(count) AS BIGINT) AS count,
		CAST(SUM(CASE WHEN word = ? THEN count ELSE 0 END) AS BIGINT) AS failed
		FROM audit_tallies WHERE measure IN ? AND `+where+" AND hour >= ? AND hour < ? GROUP BY "+by,
		CodeFails, measures, counter, r.From, r.Until).Scan(&sums).Error
	if err != nil {
		return nil, fmt.Errorf("add up the tallies: %w", err)
	}
	return sums, nil
}
