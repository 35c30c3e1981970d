package modelstest

import (
	"regexp"
	"slices"
	"strings"
)

var (
	sqliteScan   = regexp.MustCompile(`^SCAN (\w+)`)
	constant     = regexp.MustCompile(`^SCAN (?:CONSTANT ROW|\d+ CONSTANT ROWS|\d+-ROW VALUES CLAUSE)$`)
	givesRows    = regexp.MustCompile(`^INSERT INTO \S+ \([^)]*\) VALUES`)
	sqliteMade   = regexp.MustCompile(`^(?:CO-ROUTINE|MATERIALIZE) (\w+)`)
	sqliteCoarse = regexp.MustCompile(`USING (?:COVERING )?INDEX (?:audit_events_type \(type=\?\)|` +
		`audit_events_asked_of_staff \(staff_id=\?(?: AND type=\?)?\))`)
	postgresScan = regexp.MustCompile(`^(?:Seq|Index|Index Only) Scan(?: Backward)?(?: using (\w+))? on (\w+)`)
	named        = regexp.MustCompile(`(?i)(?:\bFROM|\bJOIN|\bUPDATE|\bINTO)\s+["` + "`" + `]?(\w+)["` + "`" + `]?(?:\s+AS)?(?:\s+(\w+))?`)
)

// kind is how a step of a plan grows.
type kind string

const (
	walk   kind = "walk"   // reads a whole table, along an index or not
	sorted kind = "sort"   // sorts, groups or counts what it found
	coarse kind = "coarse" // finds by what any number of rows have in common
)

// step is a line of a plan that takes longer with each row of a table that grows.
type step struct {
	kind kind
	line string
}

// growing are these steps.
func growing(asked statement, plan []string) []step {
	if givesRows.MatchString(asked.sql) { // SQLite tells what it does to rows that refer to one, were there one already
		return nil
	}
	if asked.dialect == "postgres" {
		return growingOnPostgres(plan)
	}
	return growingOnSQLite(asked.sql, plan)
}

// growingOnSQLite: a subquery that is read whole shows as a table of its name.
func growingOnSQLite(sql string, plan []string) (steps []step) {
	var made []string
	for _, line := range plan {
		if name := sqliteMade.FindStringSubmatch(line); name != nil {
			made = append(made, name[1])
		}
	}
	for _, line := range plan {
		scanned := sqliteScan.FindStringSubmatch(line)
		switch {
		case scanned != nil && !constant.MatchString(line) && !slices.Contains(made, scanned[1]) &&
			!isSmall(tableOf(sql, scanned[1])):
			steps = append(steps, step{walk, line})
		case strings.Contains(line, "TEMP B-TREE") && !onlySmall(sql):
			steps = append(steps, step{sorted, line})
		case sqliteCoarse.MatchString(line):
			steps = append(steps, step{coarse, line})
		}
	}
	return steps
}

// tableOf is the table that a statement calls by another name.
func tableOf(sql, alias string) string {
	for _, found := range named.FindAllStringSubmatch(sql, -1) {
		if found[2] == alias {
			return found[1]
		}
	}
	return alias
}

// onlySmall reports whether all tables of a statement are small.
func onlySmall(sql string) bool {
	return !slices.ContainsFunc(named.FindAllStringSubmatch(sql, -1), func(found []string) bool { return !isSmall(found[1]) })
}

// growingOnPostgres: what is looked up stands below a step as its condition. Sorts are judged on SQLite, which has the same
// indexes; PostgreSQL prefers one to an index wherever it guesses few rows.
func growingOnPostgres(plan []string) (steps []step) {
	for i, line := range plan {
		line = strings.TrimLeft(line, " ->") // "->  Seq Scan on clients"
		scanned := postgresScan.FindStringSubmatch(line)
		if scanned != nil && !isSmall(scanned[2]) && !slices.Contains(indexesOfFew(), scanned[1]) && !looksUp(plan[i+1:]) {
			steps = append(steps, step{walk, line})
		}
	}
	return steps
}

func looksUp(below []string) bool {
	for _, line := range below {
		if strings.Contains(line, "->") {
			return false
		}
		if strings.Contains(line, "Index Cond:") {
			return true
		}
	}
	return false
}
