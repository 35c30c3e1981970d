// Package audit is Countersign's audit trail: a closed catalogue of events,
// each written once as a signed Security Event Token (SET, RFC 8417) into an
// append-only table, and a verifier that reads the table back.
//
// The way of an event:
//
//		Event ──check against the Catalogue──▶ claims ──sign──▶ SET ──insert──▶ Entry
//		                                     Log.Append
//
//		Entry ──Verify──▶ Report     signature, sequence, columns, catalogue
//		Entry ──Decode──▶ Event      for pages; trusts the table
//
//	  - catalogue.go: which events exist, and finding one by its type
//	  - definitions*.go: what each must and may say, and with which words
//	  - term: the closed sets of those words, which rows and pages share
//	  - packed: the token as the table keeps it, in a third of its bytes
//	  - tree: the Merkle tree over the entries, its tiles and checkpoints
//	  - facts.go: the facts that an event can state, and what a value of each looks like
//	  - event.go: the event that a caller hands over
//	  - detail.go: texts that may be personal, in rows beside the log; detail_check.go holds them against their events
//	  - fits.go: whether a text has a shape
//	  - check.go: one event held against the catalogue, the same way when writing and when verifying
//	  - set.go, open.go: the claims, and signing and opening the token
//	  - plain.go: the token for reading
//	  - log.go: the table's row, and appending to it; statement.go: how that asks the database
//	  - batch.go: appending several events of one transaction, which are signed beside it
//	  - judge.go: an entry held against every rule but its place in the log; quick.go: the short way for what Append writes
//	  - list.go, verify.go (one.go: a single entry), rows.go: reading it back; export.go: from its beginning on, a stretch at a time
//	  - receipt.go: one entry with the proof that the log has it, checked without the log
//	  - search.go, search_*.go: the table beside it that is searched by what happened, to whom and where
//	  - tally.go, tally_*.go: the numbers beside it, which pages add up and the log can be counted for again
//	  - schema.go: the catalogue as JSON schemas; countersign audit schema prints them
//
// The table itself, with the triggers that refuse UPDATE, DELETE and INSERT OR
// REPLACE, belongs to the package that owns the database. docs/events.md is the
// catalogue for readers; a test keeps the two the same.
//
// An event carries identifiers only. Names, user codes, device codes, tokens,
// assertions and document numbers have no place in it: there is no fact to put
// them in, and no fact takes free text: where a fact holds words, they are the
// words of a closed set.
package audit
