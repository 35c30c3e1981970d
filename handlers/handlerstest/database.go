package handlerstest

import (
	"cmp"
	"strings"
	"testing"

	"countersign/models/modelstest"
)

// Dialect is the kind of database that a server stands on.
type Dialect string

// The kinds of database that the store knows.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
)

// Each runs the test on SQLite and on PostgreSQL, each with a server and a database of
// its own. Packages that use it call modelstest.Main from TestMain.
func Each(t *testing.T, test func(t *testing.T, s *Server)) {
	t.Helper()
	for _, dialect := range []Dialect{SQLite, PostgreSQL} {
		t.Run(string(dialect), func(t *testing.T) { test(t, Start(t, Config{Dialect: dialect})) })
	}
}

// newDatabase returns the address of a database that holds nothing yet.
func (s *Server) newDatabase(dialect Dialect) string {
	s.t.Helper()
	address := modelstest.Migrated(s.t, string(cmp.Or(dialect, SQLite)))
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		s.File = file
	}
	return address
}

// tables lists every table of the database.
func (s *Server) tables() []string {
	s.t.Helper()
	statement := "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
	if s.File != "" {
		statement = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	}
	var tables []string
	if err := s.database.Reader().Raw(statement).Scan(&tables).Error; err != nil || len(tables) == 0 {
		s.t.Fatalf("the tables cannot be listed: %v", err)
	}
	return tables
}
