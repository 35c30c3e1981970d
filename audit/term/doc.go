// Package term has the closed sets of words that events, rows and pages share: a value of
// each is written into the trail and the database, and said to people on pages.
//
// Every set is a type of its own, in a file of its own: its constants, a function that lists
// them in the order in which people are shown them, and Label. Label returns the value in
// plain English, which is also the key of its translations (views/words). A value that is
// not of the set, such as one of an older release, is its own label.
//
// A value is never changed and never taken away once a release has written it: trails are
// kept for years, and package audit refuses an event with a word that its type may not hold.
//
// The package imports nothing of ours, and is the one package that views may import.
//
//	what an operator decides      decline.go, refusal.go, phase.go, recall.go
//	a second person               need.go, second_return.go
//	the code, or the proof        presence.go, presence_rule.go, entered.go, match_failure.go
//	the ID document               document_type.go, document_read.go, comparison.go, name_reason.go,
//	                              scan_result.go, overruling.go
//	an end that nobody chose      ending.go, redemption.go
//	accounts                      account_status.go, status_reason.go, account_change.go, import_note.go, query_kind.go,
//	                              unlocking.go, erasure.go
//	alerts                        closing.go
//	notices                       occasion.go, undelivered.go, notice_way.go
//	clients and their keys        vouched.go, client_update.go
//	staff                         role.go, session_end.go, sign_in_refusal.go
//	counters                      counter_field.go
//	exports of the trail          export_format.go, export_end.go
//	parts of the server           system.go, server_key.go, key_retirement.go, swept.go
//	all sets, for tests and docs  sets.go
package term
