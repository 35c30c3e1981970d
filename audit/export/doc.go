// Package export is an export of the trail as JSON lines (docs/events.md, "Exports"), and a verifier that has nothing but that file:
// no database, no master key, no network.
//
//	lines.go    the lines: what it is, one an entry, and that it is whole
//	read.go     reading lines, one way only
//	verify.go   holding a file against the rules, as it streams by
//	report.go   what was found
//	chain.go    which keys may sign, as the entries themselves name them
//	log.go      the tree over the entries, against the checkpoints that are known
//
// The way of a file:
//
//	lines ──read──▶ entries ──audit.Judge, on all processors──▶ order, chain of keys, tree ──▶ Report
//
// Memory does not grow with the file: a batch of lines, and the right edge of the tree.
//
// # What lives elsewhere
//
// Package audit judges one entry, audit/tree has the arithmetic of the log, handlers/review writes exports. Commands countersign audit
// verify --export and countersign-verify are for people.
package export
