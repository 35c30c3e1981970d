package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"countersign/audit/term"

	"gorm.io/gorm"
)

// tallies are counts by all that a TallyRow has but its count, which is 0 there.
type tallies map[TallyRow]int64

// rows are the tallies in the order of their key.
func (t tallies) rows() []TallyRow {
	rows := make([]TallyRow, 0, len(t))
	for row, count := range t {
		row.Count = count
		rows = append(rows, row)
	}
	slices.SortFunc(rows, compareTallies)
	return rows
}

// compareTallies compares by the key.
func compareTallies(a, b TallyRow) int {
	return cmp.Or(
		cmp.Compare(a.Segment, b.Segment), cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.CounterID, b.CounterID),
		cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.StaffID, b.StaffID), cmp.Compare(a.Word, b.Word))
}

// add counts what happened at a counter there and everywhere.
func (t tallies) add(row TallyRow, count int64) {
	t[row] += count
	if row.CounterID != "" {
		row.CounterID = ""
		t[row] += count
	}
}

// earlier are the entries that a request has had, oldest first, without their SETs.
type earlier []Entry

// before are those below a number.
func (e earlier) before(seq int64) earlier {
	at, _ := slices.BinarySearchFunc(e, seq, func(entry Entry, seq int64) int { return cmp.Compare(entry.Seq, seq) })
	return e[:at]
}

// last is the newest of a type.
func (e earlier) last(kind Type) (Entry, bool) {
	for _, entry := range slices.Backward(e) {
		if entry.Type == string(kind) {
			return entry, true
		}
	}
	return Entry{}, false
}

// stepsOf are the types of a request's events that are counted or that others are measured by.
func stepsOf() []Type {
	return []Type{
		DeviceAuthorizationRequested, CodeMatched, IdentityProofed, DeviceBindingApproved, DeviceAuthorizationDeclined, DeviceBindingRedeemed,
	}
}

// earlierOf reads what the requests of a batch have had up to its end. Each has few of these events: one a step, and one more
// for each time that an operator began again.
func earlierOf(db *gorm.DB, batch []Entry) (map[string]earlier, error) {
	ids := map[string]bool{}
	for _, entry := range batch {
		if entry.DeviceAuthorizationID != "" && entry.isStep() {
			ids[entry.DeviceAuthorizationID] = true
		}
	}
	all := map[string]earlier{}
	if len(ids) == 0 {
		return all, nil
	}
	list := make([]string, 0, len(ids))
	for id := range ids {
		list = append(list, id)
	}
	slices.Sort(list)
	var found []Entry
	err := db.Model(&Entry{}).Select("seq", "type", "occurred_at", "counter_id", "device_authorization_id").
		Where("device_authorization_id IN ? AND device_authorization_id <> ''", list). // the second half is the index's condition
		Where("seq <= ?", batch[len(batch)-1].Seq).Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read audit events: %w", err)
	}
	slices.SortFunc(found, func(a, b Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	for _, entry := range found {
		if slices.Contains(stepsOf(), Type(entry.Type)) {
			all[entry.DeviceAuthorizationID] = append(all[entry.DeviceAuthorizationID], entry)
		}
	}
	return all, nil
}

func (e Entry) isStep() bool {
	kind := Type(e.Type)
	return slices.Contains(stepsOf(), kind) || slices.Contains(secondPersons(), kind)
}

// secondPersons are the types that MeasureSecond counts.
func secondPersons() []Type {
	return []Type{SecondApprovalAsked, SecondApprovalGiven, SecondApprovalReturned, SecondApprovalRefused}
}

// count counts a batch of entries, which are the next to each other.
func (t tallies) count(db *gorm.DB, batch []Entry) error {
	requests, err := earlierOf(db, batch)
	if err != nil {
		return err
	}
	for _, entry := range batch {
		before := requests[entry.DeviceAuthorizationID].before(entry.Seq)
		row := TallyRow{Segment: segmentOf(entry.Seq), CounterID: entry.CounterID, Hour: hourOf(entry.OccurredAt)}
		if row.CounterID == "" { // what a phone or a second person does belongs to the counter of the visit
			row.CounterID = before.counter()
		}
		counted{entry, before, row, t}.count()
	}
	return nil
}

func segmentOf(seq int64) int64 { return (seq - 1) / tallySegment }

// counter is where a request was matched last, "" before.
func (e earlier) counter() string {
	matched, _ := e.last(CodeMatched)
	return matched.CounterID
}

// counted is an entry that is counted.
type counted struct {
	Entry
	before earlier  // to the same request
	row    TallyRow // segment, counter and hour of the entry
	in     tallies
}

// count counts the entry. One that cannot be read, which Verify tells, says nothing beside its columns.
func (c counted) count() {
	switch kind := Type(c.Type); kind {
	case DeviceAuthorizationRequested:
		if c.AccountID == "" {
			c.add(MeasureSteps, string(StepNobody))
		} else {
			c.add(MeasureSteps, string(StepRequested))
		}
	case CodeMatched:
		c.countMatch(c.facts())
	case CodeMatchFailed:
		if !strings.HasPrefix(c.facts().Reason, "presence") { // else it was no wrong code
			c.addCode(CodeFails)
		}
	case IdentityProofed, DeviceBindingApproved, DeviceBindingRedeemed:
		if _, again := c.before.last(kind); !again {
			c.add(MeasureSteps, string(stepBy()[kind]))
			c.countSince()
		}
	case DeviceAuthorizationDeclined:
		facts := c.facts()
		if c.add(MeasureDeclines, facts.Reason); facts.Presence != "" { // else nobody had it in hand
			c.countSince()
		}
	case SecondApprovalAsked, SecondApprovalGiven, SecondApprovalReturned, SecondApprovalRefused:
		c.add(MeasureSecond, string(kind))
	case EventsCounted:
		c.countTold(c.facts())
	}
}

func stepBy() map[Type]Step {
	return map[Type]Step{IdentityProofed: StepProofed, DeviceBindingApproved: StepApproved, DeviceBindingRedeemed: StepRedeemed}
}

// countMatch counts a match as a visit, and the first one of a request as its step.
func (c counted) countMatch(facts Facts) {
	if c.add(MeasureVisits, facts.Presence); facts.Presence == string(term.PresenceCodeOnly) {
		c.addCode(CodeMatches)
	}
	if _, again := c.before.last(CodeMatched); again {
		return
	}
	c.add(MeasureSteps, string(StepMatched))
	if requested, known := c.before.last(DeviceAuthorizationRequested); known {
		c.addSpan(MeasureToVisit, requested.OccurredAt)
	} else if facts.RequestedAt != nil { // it was counted
		c.addSpan(MeasureToVisit, *facts.RequestedAt*1000)
	}
}

// countSince counts how long it took from the match to a decision, or from the approval to the phone's tokens.
func (c counted) countSince() {
	measure, begin := MeasureLength, CodeMatched
	switch Type(c.Type) {
	case IdentityProofed:
		return
	case DeviceBindingRedeemed:
		measure, begin = MeasureToRedeemed, DeviceBindingApproved
	}
	if began, known := c.before.last(begin); known {
		c.addSpan(measure, began.OccurredAt)
	}
}

// countTold counts what an event tells of an hour that is over.
func (c counted) countTold(facts Facts) {
	if facts.Reason != string(DeviceAuthorizationRequested) || facts.Count == nil || facts.Before == nil {
		return
	}
	row := c.row
	row.Measure, row.Word, row.Hour = MeasureSteps, string(StepCounted), hourOf(*facts.Before*1000-1)
	c.in.add(row, int64(*facts.Count))
}

func (c counted) add(m Measure, word string) {
	row := c.row
	row.Measure, row.Word = m, word
	c.in.add(row, 1)
}

// addSpan adds the time since a moment in milliseconds.
func (c counted) addSpan(m Measure, since int64) { c.add(m, spanOf(m, c.OccurredAt-since).Word()) }

func (c counted) addCode(word string) {
	c.add(MeasureCodes, word)
	row := c.row
	row.Measure, row.StaffID, row.Word = MeasureCodesByPerson, c.StaffID, word
	c.in.add(row, 1)
}

func (e Entry) facts() Facts {
	event, err := e.Decode()
	if err != nil {
		return Facts{}
	}
	return event.Facts
}
