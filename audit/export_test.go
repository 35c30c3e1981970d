package audit

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
)

// walked walks to the end.
func walked(t *testing.T, db *gorm.DB, filter Filter, upto int64) (numbers []int64) {
	t.Helper()
	for after := int64(0); after < upto; {
		entries, reached, err := Walk(db, filter, after, upto)
		if err != nil || reached <= after {
			t.Fatalf("from %d to %d: %v", after, reached, err)
		}
		for _, e := range entries {
			numbers = append(numbers, e.Seq)
		}
		after = reached
	}
	return numbers
}

// A walk ends where it was told to, whatever is appended meanwhile, and a step holds so many entries at most.
func TestWalkGoesByStretches(t *testing.T) {
	f := newLogOf(t, testTable, 2*stretch+10)
	if got := walked(t, f.db, Filter{}, 2*stretch+3); len(got) != 2*stretch+3 || !slices.IsSorted(got) {
		t.Errorf("%d entries", len(got))
	}
	entries, reached, err := Walk(f.db, Filter{Limit: 5, Before: 3}, 7, 2*stretch)
	if err != nil || len(entries) != stretch || entries[0].Seq != 8 || reached != stretch+7 {
		t.Errorf("%d entries to %d, %v", len(entries), reached, err)
	}
	if _, _, err := Walk(f.db, Filter{}, 0, 10); err != nil {
		t.Error(err)
	}
	f.exec("DROP TABLE audit_events")
	if _, reached, err := Walk(f.db, Filter{}, 7, 10); err == nil || reached != 7 {
		t.Errorf("no table: reached %d, %v", reached, err)
	}
}

// The entries of one member of staff are read by number too, and told apart afterwards: an index of the staff has no numbers.
func TestWalkOfOneMemberOfStaff(t *testing.T) {
	f := newLogOf(t, testTable, 10)
	entries, _, err := Walk(f.db, Filter{}, 0, 10)
	if err != nil || len(entries) != 10 || entries[0].StaffID == "" {
		t.Fatalf("%+v, %v", entries, err)
	}
	var asked []string
	err = f.db.Callback().Query().After("gorm:query").Register("test:walk", func(db *gorm.DB) {
		asked = append(asked, db.Statement.SQL.String())
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := walked(t, f.db, Filter{StaffID: entries[0].StaffID}, 10); len(got) != 10 {
		t.Errorf("of the one who did all: %v", got)
	}
	if got := walked(t, f.db, Filter{StaffID: "somebody-else"}, 10); len(got) != 0 {
		t.Errorf("of somebody else: %v", got)
	}
	for _, statement := range asked {
		if strings.Contains(statement, "staff_id") {
			t.Errorf("asks %s", statement)
		}
	}
}

// What an export is narrowed by stands in its event: each member of a filter, but those that page a list.
func TestTermsNameEveryMember(t *testing.T) {
	paging := []string{"Before", "Limit", "Examine"}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Filter]()) {
		var filter Filter
		switch member := reflect.ValueOf(&filter).Elem().FieldByIndex(field.Index); member.Interface().(type) {
		case time.Time:
			member.Set(reflect.ValueOf(testTime))
		case []Type:
			member.Set(reflect.ValueOf([]Type{CodeMatched}))
		case int, int64:
			member.SetInt(7)
		default:
			member.SetString("code only")
		}
		terms := filter.Terms()
		if slices.Contains(paging, field.Name) != (len(terms) == 0) {
			t.Errorf("%s: %v", field.Name, terms)
		}
		for _, term := range terms {
			if !termShape.MatchString(term) {
				t.Errorf("%s: the catalogue refuses %q", field.Name, term)
			}
		}
	}
	all := Filter{Type: CodeMatched, StaffID: "staff_7", From: testTime, Until: testTime.Add(time.Hour)}
	want := []string{"type=code-matched", "staff=staff_7", "from=2026-05-03T14:02:11.123Z", "until=2026-05-03T15:02:11.123Z"}
	if got := all.Terms(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// What an export is narrowed by beyond the columns of the log is read from the entries themselves.
func TestWalkByWhatAnEntryStates(t *testing.T) {
	f := newFixture(t, testTable)
	refused := Event{Type: DecisionRefused, Subject: "acc_42", Facts: Facts{
		Actor: &Actor{Staff: "staff_8"}, Client: "client_6", Counter: "library", DeviceAuthorization: "da_9", Reason: "own account",
	}}
	for _, e := range []Event{approval(), refused, approval()} {
		if _, err := f.log.Append(f.db, testTime, e); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		filter Filter
		want   []int64
	}{
		"reason":   {Filter{Reason: "own account"}, []int64{2}},
		"presence": {Filter{Presence: "code only"}, []int64{1, 3}},
		"result":   {Filter{Result: ResultApproved}, []int64{1, 3}},
		"several":  {Filter{Result: ResultApproved, Reason: "own account"}, nil},
	} {
		if got := walked(t, f.db, test.filter, 3); !slices.Equal(got, test.want) || test.filter.Unknown() != "" {
			t.Errorf("%s: %v, want %v; unknown: %q", name, got, test.want, test.filter.Unknown())
		}
	}
	for want, filter := range map[string]Filter{
		"type": {Type: "code-guessed"}, "reason": {Reason: "Anna"}, "presence": {Presence: "seen"}, "result": {Result: "lost"}, "": {},
	} {
		if got := filter.Unknown(); got != want {
			t.Errorf("%+v: %q", filter, got)
		}
	}
}
