package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// docs/operations.md, "Lines of the log at WARN and ERROR": each line that the program may write at these levels has a row with
// its level, and each row is of a line.
func TestLogLinesHaveRows(t *testing.T) {
	t.Parallel()
	written := map[string]string{"SQL executed": "WARN, ERROR"} // gorm's own (models/database_log.go)
	for _, p := range listPackages(t) {
		if isTool(p.ImportPath) {
			continue
		}
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
			for message, level := range warningsOf(t, filepath.Join(p.Dir, name)) {
				written[message] = bothLevels(written[message], level)
			}
		}
	}
	if len(written) < 40 {
		t.Errorf("only %d lines were found", len(written))
	}
	rows := warningRows(t)
	for message, level := range written {
		if rows[message] != level {
			t.Errorf("docs/operations.md, lines of the log: %q is written at %s, and its row says %q", message, level, rows[message])
		}
	}
	for message := range rows {
		if written[message] == "" {
			t.Errorf("docs/operations.md, lines of the log: nothing writes %q", message)
		}
	}
}

// isTool reports packages that are no part of the server and its commands.
func isTool(path string) bool {
	for _, tool := range []string{"cmd/bench", "cmd/simulate", "cmd/release", "cmd/countersign/demoprovider", "handlers/handlerstest",
		"models/modelstest", "oauth/protocoltest"} {
		if path == module+"/"+tool || strings.HasPrefix(path, module+"/"+tool+"/") {
			return true
		}
	}
	return false
}

// bothLevels joins two levels, "" for none, as the page writes them.
func bothLevels(one, other string) string {
	if one == "" || one == other {
		return other
	}
	return "WARN, ERROR"
}

// warningRows are the levels by the message.
func warningRows(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Lines of the log at WARN and ERROR\n")
	section, _, _ = strings.Cut(section, "\n## ")
	rows, order := map[string]string{}, []string{}
	shape := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([A-Z, ]+) \\| [^|]+\\. \\| [^|]+ \\|$")
	for _, row := range shape.FindAllStringSubmatch(section, -1) {
		rows[row[1]] = row[2]
		order = append(order, strings.ToLower(row[1]))
	}
	if !slices.IsSorted(order) || len(order) != len(rows) {
		t.Errorf("the rows are not in the order of their lines, or one is there twice")
	}
	if lines := strings.Count(section, "\n| `"); lines != len(rows)+1 {
		t.Errorf("%d of %d rows can be read", len(rows), lines-1)
	}
	return rows
}

// unreadable stands for a message that is put together: no row could name it.
const unreadable = "a message that is no literal"

// levelsOf are the levels at which a method of slog.Logger writes; Log and LogAttrs are given one.
var levelsOf = map[string]string{"Warn": "WARN", "WarnContext": "WARN", "Error": "ERROR", "ErrorContext": "ERROR"}

// warningsOf are the levels by the message of what a file may log at WARN and ERROR. A level that is no constant counts as both.
func warningsOf(t *testing.T, path string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		call, is := node.(*ast.CallExpr)
		if !is {
			return true
		}
		if level, message := warningOf(call); level != "" {
			found[message] = bothLevels(found[message], level)
		}
		return true
	})
	return found
}

// warningOf is the level of a call that logs at WARN or ERROR, "" for every other call.
func warningOf(call *ast.CallExpr) (level, message string) {
	method, is := call.Fun.(*ast.SelectorExpr)
	if !is {
		return "", ""
	}
	if receiver, is := method.X.(*ast.Ident); is && receiver.Name == "http" {
		return "", "" // http.Error answers
	}
	args := call.Args
	level = levelsOf[method.Sel.Name]
	switch {
	case (method.Sel.Name == "LogAttrs" || method.Sel.Name == "Log") && len(args) >= 3:
		level, args = givenLevel(args[1]), args[2:]
	case strings.HasSuffix(method.Sel.Name, "Context") && len(args) >= 2:
		args = args[1:]
	}
	if level == "" || len(args) == 0 {
		return "", ""
	}
	literal, is := args[0].(*ast.BasicLit)
	switch {
	case is && literal.Kind == token.STRING:
	case method.Sel.Name == "Error" || method.Sel.Name == "Warn":
		return "", "" // Error(err) of echo answers; messages of slog are literals, by the linter (sloglint)
	default:
		return level, unreadable
	}
	message, err := strconv.Unquote(literal.Value)
	if err != nil {
		return "", ""
	}
	return level, message
}

// givenLevel is that of LogAttrs and Log.
func givenLevel(argument ast.Expr) string {
	constant, is := argument.(*ast.SelectorExpr)
	switch {
	case !is:
		return "WARN, ERROR"
	case constant.Sel.Name == "LevelWarn":
		return "WARN"
	case constant.Sel.Name == "LevelError":
		return "ERROR"
	}
	return ""
}

func TestLogLinesAreFound(t *testing.T) {
	t.Parallel()
	for call, want := range map[string]string{
		`log.Warn("a", "error", err)`:                       "WARN a",
		`a.Log.ErrorContext(ctx, "b")`:                      "ERROR b",
		`log.LogAttrs(ctx, slog.LevelWarn, "c", more...)`:   "WARN c",
		`l.Log(context.Background(), level, "d", "e", err)`: "WARN, ERROR d",
		`log.LogAttrs(ctx, slog.LevelInfo, "e")`:            " ",
		`log.Info("f")`:                                     " ",
		`err.Error()`:                                       " ",
		`http.Error(w, "g", 400)`:                           " ",
		`c.Error(err)`:                                      " ",
		`log.ErrorContext(ctx, err.headline())`:             "ERROR " + unreadable,
		`log.LogAttrs(ctx, slog.LevelWarn, "a"+b, more...)`: "WARN " + unreadable,
	} {
		expression, err := parser.ParseExpr(call)
		if err != nil {
			t.Fatal(err)
		}
		if level, message := warningOf(expression.(*ast.CallExpr)); level+" "+message != want {
			t.Errorf("%s: %q %q, want %q", call, level, message, want)
		}
	}
}
