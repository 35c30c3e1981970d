// Package models keeps everything that must survive a restart and everything that
// several processes must agree on: accounts, client instances, device
// authorizations, proofings, bindings, tokens, staff sessions, server keys. It
// imports the protocol's rules (oauth) and the audit trail (audit), and packages
// below it that need no transaction; no HTTP lives here.
//
// # The way of a visit
//
// One file a verb, the same name as in handlers. A verb's file holds the verb and what
// it alone needs; it calls the shared files below and no other verb's file.
//
//	device_authorization.go        the phone asks; pending (supersede.go: its oldest request makes room)
//	device_authorization_usual.go  its client, scope and proofs, by one look where all is as usual
//	search.go                      an operator finds the account (find_by_presence.go: by a presence proof)
//	open_record.go                 and opens its record
//	list_accounts.go               what searches by the first characters may list
//	match.go                       the code from the phone; pending → matched
//	document_scan.go               the card in the scanner
//	proof.go                       the card check; matched → proofed
//	second_approval_ask.go         a second person is asked; second_approval_look.go, second_approval_answer.go
//	step_up.go                     a fresh sign-in before the approval
//	approve.go                     proofed → approved (alert_rules.go, alert_usual.go, alert_shared.go, approval_rate.go: an alert
//	                               when it is unusual)
//	decline.go                     any of these → declined
//	extend.go, release.go          the claim is prolonged, or given back
//	poll.go, decided.go            the phone asks again; collectable.go: whether it would find an approval
//	redeem.go                      approved → redeemed
//	redeem_usual.go                the same where nothing is to be judged any more, by one look
//	reissue.go, replay.go          a redemption that comes again: its answer got lost, or somebody else has the code
//	refresh.go                     another access token
//	introspect.go, revoke.go       a token is asked about, or given back (foreign_token.go: by another client)
//
// Afterwards:
//
//	recall.go                      an approval is taken back before the phone redeems it
//	end_bindings.go, relabel.go    what an account has is ended, or named
//	binding_end.go                 whether and why a binding has ended
//	repudiate.go                   "it was not me"
//	suspicion.go                   a decline as suspicious ends what is like it
//	end_waiting.go                 all that waits for an account ends
//	unlock.go                      codes may be entered for an account again
//	alert_outbox.go                alerts on their way to supervisors by mail and webhook
//	alert_take.go, alert_note.go, alert_close.go
//	                               what supervisors do to an alert
//	disconnection.go               an operator asks for a device to be disconnected, a supervisor answers
//	without_console.go             an administrator on the server does what the console does, while nobody can sign in there
//	staff_find.go, request_shown.go
//	                               whom of the staff such a command means, and what it shows of a request
//
// # Before and around it
//
//	sign_in.go, session.go         staff come in (logout.go: and are signed out)
//	open_counter.go                where an operator works
//	counter_change.go              counters: set up, change, close
//	staff.go                       who has signed in, and the counters they may open
//	account_change.go              an administrator changes one account (account_save.go: adds it, or corrects its record)
//	erase_account.go               what is kept of an account's holder goes (erase_rows.go: from which tables)
//	export_account.go              all that is kept of an account, for its holder (export_account_rows.go: how it is read)
//	import.go, account_file.go     accounts from a file: import_plan.go, import_problem.go say what it does, import_stage.go
//	                               keeps it, import_apply.go and import_write.go apply it a few lines at a time
//	register.go                    a client instance registers (RFC 7591)
//	client_configuration.go        and manages its registration (RFC 7592)
//	disable_client.go              the operator of the server ends it
//	publisher.go, software.go      registered publishers and their apps
//	registration_token.go          initial access tokens are made (initial_token.go: and used)
//	resource_server.go             APIs that may introspect
//	keys.go                        the server's keys: keys_open.go, keys_list.go, keys_rotate.go, keys_reseal.go; which are
//	                               authentic: keys_authentic.go, by the trail: keys_history.go, from before: keys_adopt.go
//	notice_delivery.go             notices are sent (notice_queue.go: in turns; notice_attempt.go: what becomes of an attempt;
//	                               notice_undelivered.go: and of what was given up);
//	                               notice_reminder.go: before a deadline; notice_contact.go: to a former contact
//	sweep.go                       what has no further use is forgotten (sweep_kinds.go: what strangers and years pile up)
//	counted.go                     strangers' acts beyond a rate are counted, and an event an hour says how many
//
// # What the verbs share
//
//	rows.go, instant.go            the tables' rows, and times in them
//	states.go, transition.go       the states, and the one table of transitions
//	store.go, write.go, lock.go    the Store, a transaction, and the order in which it locks (write_together.go: several share one)
//	guard.go, own_account.go       preconditions: who may, and what must be active
//	actor.go, role.go              who acts, and about what
//	refuse.go, errors.go           refusals, and how they are recorded
//	reasons.go                     why something ended
//	cancel.go                      requests and clients end without an operator
//	ending_rule.go                 rules that end many requests at once
//	shown.go                       what a page to decide showed: an approval rests on it
//	visit.go                       what an operator may do while the customer is there
//	document_check.go, overruled.go  what a card check says, and what it passed over
//	document_difference.go         what a document says where it differs
//	presence.go, entered.go        presence proofs, and how a code was entered
//	wrong_codes.go                 codes that do not match
//	second_approval.go             the second person (second_approval_needed.go: where one is needed)
//	step_up_policy.go              what an approval asks of the sign-in
//	staff_session.go               a session's identity, life and end
//	registration.go, scope.go      what a client may have
//	redemption.go, tokens.go       what a phone redeems, and the tokens that it gets
//	used_proof.go                  proofs that count once
//	notice.go                      what an account's contact is told (repudiation_link.go: the link in it)
//	secret.go                      random values, hashes, identifiers
//	network.go                     what limits count by instead of addresses
//
// # What pages show
//
//	account.go, request_view.go    an account, and its requests
//	bindings.go                    what an account has (disconnection_view.go: and what was asked of supervisors)
//	second_approval_view.go        what waits for a second person
//	work.go                        what goes on at a counter (beside.go: and what every page says of it)
//	facts.go                       what speaks for or against an approval
//	assurance.go                   how a person was verified (OpenID Identity Assurance)
//	trail.go, alerts.go            the trail with names (trail_about.go: of all that events name; trail_search.go: searched;
//	                               trail_details.go: what lies beside the log;
//	                               trail_check.go: verified; trail_rows.go: against the rows;
//	                               records_*.go: and each row against its events;
//	                               trail_keys.go: against the keys; protection.go: what the database refuses;
//	                               trail_export.go: taken along, with proofs: trail_proof.go; derived.go: the tables beside it)
//	overview.go                    what happened, in numbers
//	trail_event.go                 one entry and its proof
//	trail_day.go                   what one of the staff did in a day, and a counter's week
//	sequence.go                    the Merkle tree over the trail grows (log_rows.go: its rows; log_read.go: it is read,
//	                               log_proof.go: proves entries, log_kept.go: continues what was kept outside,
//	                               log_check.go, log_since.go: is verified;
//	                               log_cosignatures.go: what witnesses have cosigned)
//	client.go                      client instances
//	counter.go, counter_check.go   counters, and what is wrong with one
//
// # The database
//
//	database.go, database_log.go   the two pools, and what goes wrong in them (database_watch.go: what they are asked,
//	                               observe.go: how long writes wait, tracing.go: what a request's work is made of)
//	database_writer.go             transactions of the one connection that writes to SQLite
//	database_pages.go              how large a page of a SQLite file is
//	database_log_file.go           SQLite's write-ahead log gives its disk back
//	progress.go                    how far long works are
//	statement.go, row.go           plain statements, past gorm (question.go: with names for values and columns)
//	sqlite_plans.go                SQLite keeps the plan of a statement for all values
//	database_postgres.go           how PostgreSQL is spoken to (grants.go: by a role that owns nothing); database_failover.go,
//	                               database_silence_*.go: and let go, when another server is the primary or it says nothing;
//	                               database_commit.go: but a COMMIT is never cancelled
//	server_state.go, measures.go   what says whether a server is well: to an administrator, to a monitoring system
//	unavailable.go, readiness.go   outages, and whether the database can be used now
//	backup.go, backup_check.go     a copy of a SQLite file, and whether it is whole and whose it is
//	migrate.go, migrate_alone.go   the schema (migrate_spelling.go: keys of identifiers in their one form; migrate_plan.go: what
//	                               there is to do)
//	oldest.go                      whether this program is too old for the database (oldest_postgres.go: asked as a write begins)
//	copying.go                     a SQLite database goes to PostgreSQL: copying_source.go, copying_target.go, copying_tables.go (which
//	                               tables, in which order), copying_rows.go, copying_digest.go; copied.go: and is the site no longer
//	clock.go                       the database's own clock
//	sqlite_version.go              the SQLite that is part of the program
//	issuer.go                      whose database it is (practice.go: or that it is for practice)
//
// # States
//
// A device authorization is pending, matched, proofed, approved, redeemed or
// declined (transition.go has the one table). "Expired" and "lapsed" are derived from
// the clock and never stored: a pending, matched or proofed request is over when
// now ≥ pending_until, an approved one when now ≥ redeem_until. Matched and proofed
// are the claim of one operator's session for Policy.ClaimLength; when the claim is
// over the request counts as pending again, and its match and proofing must be done
// again.
//
// A request that a rule ended (ending_rule.go) is declined, whatever state is stored: whoever
// reads requests to judge or to count them says so, by obeyRules or endedByRule.
//
// # Writing
//
// Every change goes through Store.write: an immediate transaction with one now, in
// which the transition and its audit event commit together or not at all. A
// transition is one conditional UPDATE that names the expected state; no row means
// a *StateConflictError, and a database fault stays a fault. A refusal that must be
// remembered (a wrong code) is committed and returned as a value.
package models
