package handlerstest

import (
	"path/filepath"
	"testing"

	"countersign/models/pgtest"
)

// Dialect is the kind of database that a server stands on.
type Dialect string

// The kinds of database that the store knows.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
)

// Each runs the test on SQLite and on PostgreSQL, each with a server and a database of
// its own. Packages that use it call pgtest.Main from TestMain.
func Each(t *testing.T, test func(t *testing.T, s *Server)) {
	t.Helper()
	for _, dialect := range []Dialect{SQLite, PostgreSQL} {
		t.Run(string(dialect), func(t *testing.T) { test(t, Start(t, Config{Dialect: dialect})) })
	}
}

// emptyDatabase is the address of a database without any table.
func (s *Server) emptyDatabase(dialect Dialect) string {
	s.t.Helper()
	if dialect == PostgreSQL {
		return pgtest.Schema(s.t)
	}
	s.File = filepath.Join(s.t.TempDir(), "countersign.db")
	return "sqlite:" + s.File
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
