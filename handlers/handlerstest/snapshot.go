package handlerstest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
)

// Snapshot is every row of every table, by table.
type Snapshot map[string]string

// Snapshot reads the whole database.
func (s *Server) Snapshot() Snapshot {
	s.t.Helper()
	all := Snapshot{}
	for _, table := range s.tables() {
		var rows []map[string]any
		if err := s.database.Reader().Raw("SELECT * FROM " + table).Scan(&rows).Error; err != nil {
			s.t.Fatal(err)
		}
		var lines []string
		for _, row := range rows {
			lines = append(lines, fmt.Sprint(row)) // fmt prints maps in order
		}
		slices.Sort(lines)
		all[table] = strings.Join(lines, "\n")
	}
	return all
}

// Changed lists the tables that differ from an earlier snapshot.
func (s Snapshot) Changed(before Snapshot) []string {
	var changed []string
	for _, table := range slices.Sorted(maps.Keys(s)) {
		if s[table] != before[table] {
			changed = append(changed, table)
		}
	}
	return changed
}

// Unchanged demands that do changes nothing in the database.
func (s *Server) Unchanged(t testing.TB, what string, do func()) {
	t.Helper()
	before := s.Snapshot()
	do()
	if changed := s.Snapshot().Changed(before); len(changed) > 0 {
		t.Errorf("%s changed %s", what, strings.Join(changed, ", "))
	}
}

// Events lists the types of the trail's events since an entry, oldest first.
func (s *Server) Events(since int64) []audit.Type {
	s.t.Helper()
	rows, err := s.Store.Trail(context.Background(), audit.Filter{Limit: 500})
	if err != nil {
		s.t.Fatal(err)
	}
	var types []audit.Type
	for _, row := range slices.Backward(rows) {
		if row.Seq > since {
			types = append(types, row.Event.Type)
		}
	}
	return types
}

// LastEvent returns the number of the trail's last entry.
func (s *Server) LastEvent() int64 {
	s.t.Helper()
	rows, err := s.Store.Trail(context.Background(), audit.Filter{Limit: 1})
	if err != nil || len(rows) == 0 {
		s.t.Fatalf("the trail cannot be read: %v", err)
	}
	return rows[0].Seq
}

// WantEvents refuses any events since then but these, in this order.
func (s *Server) WantEvents(t testing.TB, since int64, want ...audit.Type) {
	t.Helper()
	if got := s.Events(since); !slices.Equal(got, want) {
		t.Fatalf("events %q, want %q", got, want)
	}
}
