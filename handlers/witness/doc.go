// Package witness is both sides of C2SP's tlog-witness: a small witness that another department runs, and the client by which a
// log asks witnesses.
//
//	server.go   Witness answers POST /add-checkpoint, and nothing else
//	state.go    State: the newest checkpoint of each log that was cosigned, in a folder; lock_unix.go keeps others out
//	client.go   Client asks one witness, and says what it answered
//
// A witness cosigns a checkpoint after it has kept it on disk, and never one that does not continue what it has kept: of two
// histories of one log it cosigns one (docs/decisions/0050-receipts-and-witnesses.md). It reads no entries and knows nobody.
//
// When a log asks, and what it does about a fork, is settled in cmd; which checkpoint is newest, in models.
package witness
