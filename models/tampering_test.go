package models_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// docs/protocol.md §6 edited-rows: whoever changes a column of a table that matters, through the raw database, is found, and the
// table and the column are named. The columns come from the schema: a new one has to be found or to stand in unsaid.
func TestEachColumnThatIsChangedIsFound(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		busyDatabase(t, env)
		report, err := env.CheckRecords(env.Context, nil)
		if err != nil || report.Wrong != 0 || report.Rows < 30 {
			t.Fatalf("%d rows, %v, %v", report.Rows, report.Problems(), err)
		}
		db := defenceless(t, env)
		for table, columns := range schemaColumns(t, db) {
			if unsaid[table]["*"] != "" {
				continue
			}
			mustExec(t, db, "CREATE TABLE kept_"+table+" AS SELECT * FROM "+table)
			changeIsFound(t, env, db, table, column{}, "DELETE FROM "+table)
			for _, column := range columns {
				if unsaid[table][column.name] == "" {
					changeIsFound(t, env, db, table, column, "UPDATE "+table+" SET "+changed(column))
				}
			}
		}
		if report, err := env.CheckRecords(env.Context, nil); err != nil || report.Wrong != 0 {
			t.Errorf("after all was put back: %v, %v", report.Problems(), err)
		}
	})
}

// unsaid are tables and columns of which the trail says nothing, and why; "*" is the whole table.
var unsaid = map[string]map[string]string{
	"audit_events":    {"*": "held by their signatures: TestVerifyColumns"},
	"audit_search":    {"*": "held against the log: TestSearchTableIsHeldAgainstTheTrail"},
	"audit_tallies":   {"*": "held against the log: TestTalliesAreHeldAgainstTheTrail"},
	"audit_tallied":   {"*": "how far the tallies are"},
	"event_details":   {"*": "bound by the hashes in the events: TestTamperedDetails"},
	"log_tiles":       {"*": "computed anew: TestAChangedLogDoesNotVerify"},
	"log_checkpoints": {"*": "signed: TestAChangedLogDoesNotVerify"},
	"server_keys":     {"*": "each row has a MAC, and the trail names it: TestForgedKeysAreNamedAndNotPublished"},

	"account_files":         {"*": "sealed, for minutes"},
	"account_identifiers":   {"*": "personal data, which events do not hold"},
	"account_import_chunks": {"*": "sealed, while an import goes on"},
	"account_imports":       {"*": "how far an import is; what it changes is told account by account"},
	"account_listings":      {"*": "a ceiling, for hours; each search is an event"},
	"account_openings":      {"*": "what a session may see, for minutes; each opening is an event"},
	"counted_events":        {"*": "counts of an hour that is not told yet"},
	"document_differences":  {"*": "personal data, which events do not hold"},
	"document_scans":        {"*": "personal data, which events do not hold"},
	"goose_db_version":      {"*": "migrations"},
	"oldest_program":        {"*": "what migrations ask of programs"},
	"alert_outbox":          {"*": "calls to supervisors that wait; the alerts themselves are events"},
	"alert_calls":           {"*": "when supervisors were called last, so that they are not again"},
	"log_cosignatures":      {"*": "held against the checkpoints: TestCosignaturesAreVerified"},
	"operator_days":         {"*": "counts for a rule of alerts, made again of the approvals"},
	"trail_verifications":   {"*": "what the last verification said; whoever doubts it verifies"},
	"match_failures":        {"*": "a ceiling, swept; each wrong code is an event"},
	"notices":               {"*": "work that waits; what was sent is an event"},
	"notices_told":          {"*": "work that waits"},
	"open_alerts":           {"*": "made again of the events by each sweep"},
	"readiness":             {"*": "written by each look at the server's health"},
	"repudiations":          {"*": "makes the person's word happen once; it is an event"},
	"revoked_access_tokens": {"*": "for the ten minutes of a token's life"},
	"second_approvals":      {"*": "a question of minutes; asking, answering and approving are events, which name who"},
	"second_looks":          {"*": "who looked, for minutes; looking is an event"},
	"settings":              {"*": "whether the database is for practice, which an event says"},
	"sign_ins":              {"*": "not written any more"},
	"staff":                 {"*": "as the organisation's provider says at each sign-in"},
	"staff_identifiers":     {"*": "as the organisation's provider says at each sign-in"},
	"used_proofs":           {"*": "for the minute of a proof's life"},

	"accounts": columnsBecause("personal data, which events do not hold", "full_name", "latin_name", "date_of_birth", "contact", "language",
		"staff_subject", "created_at", "updated_at"),
	"bindings": columnsBecause("a name", "label", "used_at"),
	"clients": columnsBecause("what the client says of itself, or when it did",
		"client_name", "software_id", "software_version", "grant_types",
		"scope", "updated_at", "key_changed_at", "counted_hour", "registration_token_hash", "signing_alg", "jwks_uri", "jwks_fetched_at",
		"software_statement", "verified_publisher_id", "presence_required"),
	"counters": columnsBecause("what an administrator wrote: the event names the field", "name", "address", "hours", "time_zone", "networks"),
	"device_authorizations": columnsBecause("secrets by their hashes, what the device says of itself, or a bound of what is over by itself",
		"device_code_hash", "user_code_mac", "instance_name", "instance_description", "network", "login_hint_mac", "poll_interval",
		"claim_until", "rules_after", "counted_hour"),
	"ending_rules": columnsBecause("by chance, and the network of an address", "id", "network"),
	"proofings": columnsBecause("personal data, which events do not hold", "document_type", "document_issuer", "document_expiry",
		"document_number_tail", "document_number_mac", "name_result", "name_reason", "birth_date_result", "overruled_reason", "checks",
		"compared_with"),
	"publishers": columnsBecause("what an administrator wrote", "name", "jwks", "created_at"),
	"refresh_tokens": columnsBecause("a secret by its hash, and when it was used", "token_hash", "access_token_id",
		"last_used_at", "idle_until", "expires_at", "reminded_at"),
	"registration_tokens": columnsBecause("a secret by its hash, and a note", "token_hash", "note", "expires_at", "client_id"),
	"resource_servers":    columnsBecause("what an administrator wrote", "name", "jwks"),
	"software":            columnsBecause("what an administrator wrote", "name"),
	"staff_counters":      columnsBecause("the event says who and which", "created_at"),
	"staff_sessions": columnsBecause("how a browser is known, and where it works at the moment",
		"token_hash", "counter_id", "address", "provider_sid", "acr", "authenticated_at", "last_seen_at", "expires_at"),
	"alert_acknowledgements": columnsBecause("of before there were notes", "note"),
}

func columnsBecause(why string, columns ...string) map[string]string {
	all := map[string]string{}
	for _, column := range columns {
		all[column] = why
	}
	return all
}

// column is one of a table, as the schema has it.
type column struct{ name, kind string }

// schemaColumns reads the schema.
func schemaColumns(t *testing.T, db *gorm.DB) map[string][]column {
	t.Helper()
	query := `SELECT m.name AS "table", c.name, c.type AS kind FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`
	if db.Name() == "postgres" {
		query = `SELECT table_name AS "table", column_name AS name, data_type AS kind FROM information_schema.columns
			WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`
	}
	var rows []struct{ Table, Name, Kind string }
	if err := db.Raw(query).Scan(&rows).Error; err != nil || len(rows) < 300 {
		t.Fatalf("%d columns, %v", len(rows), err)
	}
	all := map[string][]column{}
	for _, row := range rows {
		all[row.Table] = append(all[row.Table], column{row.Name, strings.ToLower(row.Kind)})
	}
	return all
}

// changed is another value of a column in each row.
func changed(c column) string {
	switch {
	case c.kind == "boolean", c.name == "presence_required", c.name == "two_person_required":
		return fmt.Sprintf("%s = NOT %s", c.name, c.name)
	case c.kind == "text" && c.name == "jwk":
		return `jwk = replace(jwk, '"kty"', '"use":"sig","alg":"ES256","was"')`
	case c.kind == "text":
		return fmt.Sprintf("%s = coalesce(%s, '') || 'x'", c.name, c.name)
	}
	return fmt.Sprintf("%s = coalesce(%s, 0) + 86400000", c.name, c.name)
}

// changeIsFound changes a table, wants the table and the column to be named, and puts it back.
func changeIsFound(t *testing.T, env *modelstest.Env, db *gorm.DB, table string, c column, change string) {
	t.Helper()
	mustExec(t, db, change)
	report, err := env.CheckRecords(env.Context, nil)
	named := slices.ContainsFunc(report.First, func(p models.RecordProblem) bool {
		return p.Table == table && (c.name == "" || p.Field == c.name || p.Field == "")
	})
	if err != nil || !named {
		t.Errorf("%s %s is not found: %v, %v", change, c.name, report.Problems(), err)
	}
	mustExec(t, db, "DELETE FROM "+table)
	mustExec(t, db, "INSERT INTO "+table+" SELECT * FROM kept_"+table)
}

func mustExec(t *testing.T, db *gorm.DB, statement string) {
	t.Helper()
	if err := db.Exec(statement).Error; err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// defenceless takes foreign keys and checks of values away, as somebody with the database can.
func defenceless(t *testing.T, env *modelstest.Env) *gorm.DB {
	t.Helper()
	db := models.WriterForTest(env.Database)
	if db.Name() != "postgres" {
		mustExec(t, db, "PRAGMA foreign_keys = OFF")
		mustExec(t, db, "PRAGMA ignore_check_constraints = ON")
		return db
	}
	var drops []string
	err := db.Raw(`SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', r.relname, c.conname) FROM pg_constraint AS c
		JOIN pg_class AS r ON r.oid = c.conrelid WHERE c.contype IN ('c', 'f') AND c.connamespace = current_schema()::regnamespace`).
		Scan(&drops).Error
	if err != nil || len(drops) == 0 {
		t.Fatalf("%d constraints, %v", len(drops), err)
	}
	for _, drop := range drops {
		mustExec(t, db, drop)
	}
	return db
}

// busyDatabase has rows in each table that matters, in each state that a row can be in.
func busyDatabase(t *testing.T, env *modelstest.Env) {
	t.Helper()
	v := newVisit(t, env)
	for _, state := range []models.State{models.Redeemed, models.Approved, models.Declined, models.Matched, models.Proofed} {
		v.client = env.Client(t)
		v.codes = env.Request(t, v.client, "ada@example.com")
		v.to(t, state)
	}
	administeredDatabase(t, env, v)
}

// administeredDatabase adds what administrators and supervisors do.
func administeredDatabase(t *testing.T, env *modelstest.Env, v *visit) {
	t.Helper()
	admin := administrator(t, env)
	account := env.Account(t, "bo@example.com")
	counter := env.CounterID(t, "Town hall")
	suspicious := env.Request(t, env.Client(t), "bo@example.com")
	bindings, err := env.Bindings(env.Context, v.supervisor, v.account)
	token, _, another := env.AddRegistrationToken(env.Context, models.NewRegistrationToken{SessionID: admin, Lifetime: time.Hour})
	_, listed := env.AddSoftware(env.Context, models.NewSoftware{SessionID: admin, Publisher: "Example Apps", SoftwareID: "example.wallet",
		Name: "Wallet", Scope: oauth.Scope{}})
	_, api := env.AddResourceServer(env.Context, "Letters", "https://letters.example", jose.JSONWebKeySet{})
	for _, err := range []error{
		err, another, listed, api,
		env.SetAccountRules(env.Context, admin, account, true, true),
		env.SuspendAccount(env.Context, admin, account, term.Suspensions()[0]),
		env.RevokeRegistrationToken(env.Context, admin, token.ID),
		env.CloseCounter(env.Context, admin, counter),
		env.ReopenCounter(env.Context, admin, counter),
		env.DisableClient(env.Context, env.Client(t).ID),
		env.Decline(env.Context, v.Operator(t, "third"), suspicious.DeviceAuthorizationID, term.DeclineSuspicious),
		third(env, admin),
		env.RevokeBinding(env.Context, v.supervisor, bindings.Bindings[0].ID, term.RecallOther),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	limitThird(t, env, admin, counter)
	alerts, err := env.Trail(env.Context, audit.Filter{Type: audit.SuspicionReported})
	if err != nil || len(alerts) != 1 {
		t.Fatalf("%d alerts, %v", len(alerts), err)
	}
	if err := env.CloseAlert(env.Context, v.supervisor, alerts[0].ID, term.Closings()[0], "Called"); err != nil {
		t.Fatal(err)
	}
}

// third ends somebody's sessions.
func third(env *modelstest.Env, admin string) error {
	staff, err := env.StaffSeen(env.Context, models.StaffCursor{}, 10)
	for _, one := range staff {
		if err == nil && slices.Contains(one.Roles, models.Operator) {
			_, err = env.EndSessionsOf(env.Context, admin, one.Staff.ID)
		}
	}
	return err
}

// limitThird limits an operator to a counter.
func limitThird(t *testing.T, env *modelstest.Env, admin, counter string) {
	t.Helper()
	staff, err := env.StaffSeen(env.Context, models.StaffCursor{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range staff {
		if slices.Contains(one.Roles, models.Operator) {
			if err := env.LimitStaff(env.Context, admin, one.Staff.ID, []string{counter}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
