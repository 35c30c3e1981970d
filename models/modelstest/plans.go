package modelstest

import (
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"countersign/models"
)

// statement is what models or audit asked the database.
type statement struct {
	dialect string
	sql     string
	values  []any
	by      string // the function that asked, with its package and without its receiver
	from    string // its file and line
}

// key is the statement's database and text, with one value in each list of values.
func (s statement) key() string {
	text := s.dialect + ":" + s.sql
	if key, known := textKeys.Load(text); known {
		return key.(string)
	}
	key := furtherValues.ReplaceAllString(placeholder.ReplaceAllString(text, "?"), "?")
	textKeys.Store(text, key)
	return key
}

// textKeys are the keys of texts that were asked in this process: there are some hundreds, each asked thousands of times.
var textKeys sync.Map

var (
	placeholder   = regexp.MustCompile(`\$[0-9]+`)
	furtherValues = regexp.MustCompile(`\?(, ?\?)+`)
)

// plans are the statements that a database was asked and whose plans are to be looked at.
type plans struct {
	database *models.Database
	known    *sync.Map // the keys of those whose plans somebody looks at
	guard    sync.Mutex
	all      []statement
}

// planned are the statements whose plans were looked at in this process.
var planned sync.Map

// misplaced returns the first place of a statement that does not come in the order 1, 2, 3 and so on, "" if all do. SQLite's driver
// gives the first value to whichever place it meets first, and PostgreSQL's to $1.
func misplaced(sql string) string {
	var known []string
	for _, place := range placeholder.FindAllString(sql, -1) {
		if slices.Contains(known, place) {
			continue
		}
		if known = append(known, place); place != fmt.Sprintf("$%d", len(known)) {
			return place
		}
	}
	return ""
}

// CheckPlans asks the planner, when the test ends, how it finds the rows of each statement that models and audit asked this
// database, and no database before. A statement that walks or sorts a table that grows fails the test, unless plans_allowed.go
// says why it may; so does one whose places are out of order. What tests ask themselves is left aside.
func CheckPlans(t testing.TB, database *models.Database) {
	t.Helper()
	p := &plans{database: database, known: &planned}
	p.watch()
	t.Cleanup(func() {
		for _, complaint := range p.complaints(t) {
			t.Error(complaint)
		}
	})
}

func (p *plans) watch() {
	dialect := p.database.Reader().Name()
	p.database.Watch(func(sql string, values []any) {
		asked := statement{dialect: dialect, sql: sql}
		if _, known := p.known.Load(asked.key()); known || !asked.whence() {
			return
		}
		if _, known := p.known.LoadOrStore(asked.key(), true); known {
			return
		}
		asked.values = slices.Clone(values)
		p.guard.Lock()
		defer p.guard.Unlock()
		p.all = append(p.all, asked)
	})
}

// complaints says which statements take longer with each row, and how they were planned.
func (p *plans) complaints(t testing.TB) (all []string) {
	t.Helper()
	p.guard.Lock()
	defer p.guard.Unlock()
	for _, asked := range p.all {
		if place := misplaced(asked.sql); place != "" {
			all = append(all, fmt.Sprintf("%s (%s) asks %s with %s before a lower place, and SQLite would give it another value:\n%s",
				asked.by, asked.from, asked.dialect, place, asked.sql))
		}
		plan, err := planOf(t, p.database, asked)
		if err != nil { // the test has taken its tables away, or speaks to none: another asks again
			p.known.Delete(asked.key())
			continue
		}
		for _, step := range growing(asked, plan) {
			if !mayGrow(asked, step) {
				all = append(all, fmt.Sprintf("%s (%s) asks %s what takes longer with each row: a %s: %s\n%s\nplan:\n%s",
					asked.by, asked.from, asked.dialect, step.kind, step.line, asked.sql, strings.Join(plan, "\n")))
			}
		}
	}
	return all
}

// past are the files of what asks past gorm: models/row.go, and the plain statements of models and audit.
var past = []string{"row.go", "statement.go", "question.go", "database_watch.go"}

// whence finds who asked what gorm, or models past it, has just answered; false for a test.
func (s *statement) whence() bool {
	counters := make([]uintptr, 64)
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters)])
	for inside := false; ; {
		frame, more := frames.Next()
		gorm := strings.HasPrefix(frame.Function, "gorm.io/") || slices.Contains(past, filepath.Base(frame.File))
		inside = inside || gorm
		if inside && !gorm {
			s.from = fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
			inModels, inAudit := strings.HasPrefix(frame.Function, "countersign/models."), strings.HasPrefix(frame.Function, "countersign/audit.")
			s.by = "models." + bareName(frame.Function)
			if inAudit {
				s.by = "audit." + bareName(frame.Function)
			}
			return (inModels || inAudit) && !strings.HasSuffix(frame.File, "_test.go")
		}
		if !more {
			return false
		}
	}
}

// bareName is a function's name without its package, its receiver and the closures in it.
func bareName(function string) string {
	function = closures.ReplaceAllString(function, "")
	return function[strings.LastIndex(function, ".")+1:]
}

var closures = regexp.MustCompile(`(\.func[0-9]+|\.[0-9]+|-range[0-9]+|\.gowrap[0-9]+)*$`)
