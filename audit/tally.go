package audit

import (
	"strconv"
	"time"
)

// tallySegment is how many entries one segment of tallies is about: so many are counted again at once, when they are held
// against the log.
const tallySegment = 10 * batchSize

// TallyRow is a number that is counted from the log: how often something happened within an hour. It is made of the entries of
// its segment, and of what happened before to the same requests, so that it can be counted again at any time.
type TallyRow struct {
	Segment   int64   `gorm:"column:segment"` // (number of the entry - 1) / tallySegment
	Measure   Measure `gorm:"column:measure"`
	CounterID string  `gorm:"column:counter_id"` // "" is everywhere: what happened at a counter is counted twice
	Hour      int64   `gorm:"column:hour"`       // hours since 1970, UTC
	StaffID   string  `gorm:"column:staff_id"`   // "" but for MeasureCodesByPerson
	Word      string  `gorm:"column:word"`
	Count     int64   `gorm:"column:count"`
}

// TableName tells gorm where tallies are.
func (TallyRow) TableName() string { return "audit_tallies" }

// Measure is what a tally counts.
type Measure string

// The measures. There is none about an account, and one by person: wrong codes, among all codes that they entered.
const (
	MeasureSteps      Measure = "steps"              // how far requests came, each step of a request once: a Step
	MeasureVisits     Measure = "visits"             // each match, by a term.Presence
	MeasureToVisit    Measure = "time-to-visit"      // from the request to its first match: a Span
	MeasureLength     Measure = "visit-length"       // from the last match to the operator's decision: a Span
	MeasureToRedeemed Measure = "time-to-redemption" // from the approval: a Span
	MeasureDeclines   Measure = "declines"           // by an operator: a term.Decline
	MeasureSecond     Measure = "second-persons"     // the type of the event
	MeasureCodes      Measure = "codes"              // that were entered: CodeMatches or CodeFails

	MeasureCodesByPerson Measure = "codes-by-person" // the same, by who entered them
)

// Measures lists those that are not by person.
func Measures() []Measure {
	return []Measure{
		MeasureSteps, MeasureVisits, MeasureToVisit, MeasureLength, MeasureToRedeemed, MeasureDeclines, MeasureSecond, MeasureCodes,
	}
}

// Step is how far a request came.
type Step string

// The steps, in their order. A request that was only counted (docs/decisions/0035-counted-events.md) is of the hour of its count.
const (
	StepRequested Step = "requested" // for an account that there is
	StepNobody    Step = "nobody"    // requested for an identifier that names no account
	StepCounted   Step = "counted"   // requested beyond the rate, for whomever
	StepMatched   Step = "matched"
	StepProofed   Step = "proofed"
	StepApproved  Step = "approved"
	StepRedeemed  Step = "redeemed"
)

// The words of MeasureCodes and MeasureCodesByPerson.
const (
	CodeMatches = "matched" // presence proofs are not among them
	CodeFails   = "failed"
)

// Span is a length of time, as a tally keeps it: at most so many seconds, and more than the Span before it. SpanLonger is
// longer than all.
type Span int64

// SpanLonger is the last Span of each measure.
const SpanLonger Span = 0

// Spans are those of a measure, the shortest first and SpanLonger last; none for a measure of no time.
func Spans(m Measure) []Span {
	const minute, hour, day = 60, 3600, 86_400
	switch m {
	case MeasureToVisit:
		return []Span{10 * minute, hour, 4 * hour, day, 2 * day, 4 * day, 7 * day, SpanLonger}
	case MeasureLength:
		return []Span{minute, 2 * minute, 3 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, SpanLonger}
	case MeasureToRedeemed:
		return []Span{minute, 10 * minute, hour, 4 * hour, day, 2 * day, 4 * day, 7 * day, SpanLonger}
	}
	return nil
}

// Word is the Span as TallyRow has it.
func (s Span) Word() string { return strconv.FormatInt(int64(s), 10) }

// spanOf finds the Span of a measure for so many milliseconds, which are none when a clock was set back.
func spanOf(m Measure, milliseconds int64) Span {
	for _, span := range Spans(m) {
		if span != SpanLonger && milliseconds <= int64(span)*1000 {
			return span
		}
	}
	return SpanLonger
}

// HourOf is the hour of a moment, as TallyRow has it.
func HourOf(at time.Time) int64 { return hourOf(at.UnixMilli()) }

func hourOf(milliseconds int64) int64 { return milliseconds / time.Hour.Milliseconds() }
