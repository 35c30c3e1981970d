package modelstest

import (
	"slices"
	"strings"
)

// isSmall reports whether a table has few rows however long the server runs.
func isSmall(table string) bool {
	return slices.Contains([]string{
		"account_files",       // one a session, while an administrator looks at it
		"account_imports",     // one an import, for a few days
		"alert_outbox",        // one a kind of alert and channel
		"audit_tallied",       // one
		"counted_events",      // of the hour that is counted
		"counters",            // places
		"goose_db_version",    // migrations
		"oldest_program",      // one
		"pg_class",            // tables and indexes
		"publishers",          // organisations
		"readiness",           // one
		"resource_servers",    // APIs
		"server_keys",         // a few a year
		"sign_ins",            // not written any more
		"software",            // apps of the publishers
		"sqlite_master",       // tables and indexes
		"trail_verifications", // one
	}, table)
}

// indexesOfFew hold what goes on, and what a sweep will look for, out of a table that grows. PostgreSQL reads one whole where
// it guesses that it finds as many rows by another.
func indexesOfFew() []string {
	return []string{
		"account_imports_running", "accounts_locked", "device_authorizations_claim", "device_authorizations_handled",
		"notices_queue", "second_approvals_open", "second_approvals_waiting", "staff_sessions_counter",
	}
}

// allowed are steps that may grow.
type allowed struct {
	by   string // the function that asks, without its receiver
	kind kind
	part string // of the line; "" for any
	why  string
}

var allAllowed = []allowed{
	// The trail is read along seq, newest first, a page at a time.
	{"audit.List", walk, "audit_events", "the newest page, and no condition"},
	{"audit.List", coarse, "audit_events_type", "the newest page of one type, along the index"},
	{"audit.List", sorted, "", "several types at once: nobody but the verifier asks, for one"},
	{"audit.Search", walk, "audit_search", "the newest, as far as one search looks"},
	{"audit.beyond", walk, "audit_search", "the newest, as far as one search looks"},
	{"audit.Counts", sorted, "", "as many as one search looks at"},
	{"audit.sums", sorted, "", "the hours of an overview, at most 28 days"},
	{"models.outboxState", walk, "notices_due", "models.OutboxCounted of what waits"},
	{"models.addCheckpoint", walk, "log_checkpoints", "the newest, along its key"},
	{"models.logHead", walk, "log_checkpoints", "the newest, along its key"},
	{"audit.nextBatch", walk, "audit_events", "the verifier reads all, a batch at a time"},

	// The verifier holds all rows against all events.
	{"models.unaccounted", walk, "", "a pass over all of them"},
	{"models.unaccounted", sorted, "", "a pass over all of them"},
	{"models.unaccounted", coarse, "", "a pass over all of them"},
	{"models.readEvents", coarse, "audit_events_type", "what administrators did to places and apps, or sweeps: few"},
	{"models.countRows", walk, "", "how much the verifier has to do"},
	{"models.limits", walk, "staff_counters", "who is limited, all of them"},

	// The queue is read newest first, until the page is full, or the limit of the count.
	{"models.Alerts", walk, "open_alerts", "alertsShown"},
	{"models.AlertCount", walk, "open_alerts", "as far as to its limit"},
	{"models.adoptAlerts", walk, "open_alerts", "a sweep's pass over what is open"},
	{"models.addNotes", sorted, "", "notesKept of each alert of a page"},

	// PostgreSQL guesses thousands where there are few, and prefers to walk.
	{"models.recordSweep", walk, "clients_pkey", "what is as old as a sweep removes: a third of all, it guesses"},
	{"models.removeAbandoned", walk, "account_import_chunks_pkey", "parts of imports, which are gone when an import is over"},
	{"models.removeRequests", walk, "second_looks_pkey", "looks at a few questions, 5,000 each, it guesses"},

	// What one has is sorted.
	{"models.AtCounter", sorted, "", "who works at one counter now"},
	{"models.DocumentDifferences", sorted, "", "one visit's"},
	{"models.FraudFacts", sorted, "", "the newest of one account, at most handledAtOnce"},
	{"models.LastImport", sorted, "", "few"},
	{"models.SupervisorsNow", sorted, "", "who is signed in now"},
	{"models.Work", sorted, "", "what one of the staff decided since they signed in"},
	{"models.WrongCodesOf", sorted, "LAST TERM", "of one moment"},
	{"models.bindings", sorted, "", "one account's"},
	{"models.endSessions", sorted, "", "one person's"},
	{"models.endingSoon", sorted, "LAST TERM", "of one moment"},
	{"models.eraseRequests", sorted, "", "of one moment"},
	{"models.exportedPage", sorted, "LAST TERM", "of one moment"},
	{"models.Practice", walk, "accounts", "any one, at the start"},
	{"models.handledOf", sorted, "", "what is in hand of one account"},
	{"models.lostAnswer", sorted, "", "one binding's"},
	{"models.manyAccountsOfAddress", sorted, "", "the newest two hundred of a network"},
	{"models.manyAccountsOfKey", sorted, "", "a thousand of one client"},
	{"models.oftenOverruled", sorted, "", "a thousand of one operator"},
	{"models.obeyRules", sorted, "", "rules about the few requests that were read"},
	{"models.requestsIn", sorted, "", "one account's, or one counter's"},
	{"models.Account", sorted, "", "the newest of one account, at most newestLookedAt"},
	{"models.secondApprovals", sorted, "", "what waits, or one visit's"},
	{"models.secondApprovals", walk, "second_approvals_waiting", "holds what waits only"},
	{"models.staffViews", sorted, "", "a page of staff"},
	{"models.Cosigned", walk, "log_cosignatures", "a row for each witness, a handful"},
	{"models.raiseOnceAnHour", coarse, "audit_events_type", "the newest of one type, along the index"},
	{"models.RegistrationTokens", walk, "registration_tokens_created", "the newest 200, along the index"},
	{"models.StaffSeen", walk, "staff_name", "along the index, a page at a time"},
	{"models.suspects", sorted, "", "one client's on one account"},
	{"models.visitsOf", sorted, "", "one session's visits"},
	{"models.waitingOf", sorted, "", "what waits of one client"},
}

func mayGrow(asked statement, s step) bool {
	return slices.ContainsFunc(allAllowed, func(a allowed) bool {
		return a.by == asked.by && a.kind == s.kind && strings.Contains(s.line, a.part)
	})
}
