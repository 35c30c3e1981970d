package models_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// namesOthers are columns that may say something of other people as well: the export says that a value is there.
var namesOthers = []string{"alert_notes.note", "ending_rules.network"}

// Where any text of the person is stored, the export has that column; and it has their texts, the events, and no secret.
func TestAccountExportHasAllThatIsKept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		e := newErasable(t, env)
		exported := map[string]bool{}
		for _, column := range models.ExportedForTest() {
			exported[column] = true
		}
		for _, place := range places(t, env) {
			if column, _, _ := strings.Cut(place, ": "); !exported[column] && !slices.Contains(namesOthers, column) {
				t.Errorf("%s is not exported", column)
			}
		}
		if err := env.BeginAccountExport(env.Context, e.account); err != nil {
			t.Fatal(err)
		}
		parts, text := exportOf(t, env, e.account)
		for _, want := range []string{formerName, theirName, formerContact, theirContact, theirBirth, theirAddress, onTheirDocument,
			theirPhone, "of Quendolin", "Quendolin blue", `"withheld":["note"]`, `"https:`, "2026-03-02T09:"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in the export", want)
			}
		}
		for _, secret := range []string{e.codes.DeviceCode, e.codes.UserCode.Display(), "device_code_hash", "token_hash", "user_code_mac",
			"login_hint_mac", "document_number_mac", "Quendolin Vandersloot was called"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in the export", secret)
			}
		}
		for _, part := range []string{"account", "identifiers", "requests", "devices", "connections", "refresh_tokens", "card_checks",
			"card_differences", "notes_on_alerts", "beside_events", "events", "events_of_devices"} {
			if len(parts[part]) == 0 {
				t.Errorf("nothing is in the part %s", part)
			}
		}
		last := parts["events"][len(parts["events"])-1]
		if row := trailOf(t, env, audit.AccountExported); row.AccountID != e.account || last["type"] != string(audit.AccountExported) {
			t.Errorf("the event is %+v, the last one exported %v", row.Event, last["type"])
		}
		if problems := problemsOf(t, env); len(problems) > 0 {
			t.Errorf("the verifier says %v", problems)
		}
	})
}

// Another account's export has nothing of theirs.
func TestAccountExportHasNobodyElse(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		newErasable(t, env)
		other := env.Account(t, "ada@example.com")
		env.Request(t, env.Client(t), "ada@example.com")
		if err := env.BeginAccountExport(env.Context, other); err != nil {
			t.Fatal(err)
		}
		parts, text := exportOf(t, env, other)
		if found, is := theirTextIn(text); is || len(parts["requests"]) != 1 || len(parts["devices"]) != 0 {
			t.Errorf("%q, %d requests, %d devices", found, len(parts["requests"]), len(parts["devices"]))
		}
		// Nor when somebody has changed the search table: whose an event is, the trail says.
		if err := models.WriterForTest(env.Database).Exec("UPDATE audit_search SET account_id = ?", other).Error; err != nil {
			t.Fatal(err)
		}
		changed, text := exportOf(t, env, other)
		if found, is := theirTextIn(text); is {
			t.Errorf("%q, since the search table says so", found)
		}
		for _, part := range []string{"events", "beside_events", "notes_on_alerts"} {
			if len(changed[part]) != len(parts[part]) {
				t.Errorf("%d rows of %s in place of %d", len(changed[part]), part, len(parts[part]))
			}
		}
		if err := env.BeginAccountExport(env.Context, "none"); err == nil {
			t.Error("an account that is not there was exported")
		}
	})
}

// notExported are columns of tables that are exported, and tables that refer to an account, each with the reason.
var notExported = map[string]string{
	"device_authorizations.device_code_hash": "a secret", "device_authorizations.user_code_mac": "a secret",
	"device_authorizations.login_hint_mac": "says an identifier again, keyed", "device_authorizations.account_id": "the export's own",
	"device_authorizations.poll_interval": "how this program works", "device_authorizations.rules_after": "how this program works",
	"device_authorizations.counted_hour": "how this program works", "device_authorizations.claim_session_id": "a member of staff's",
	"clients.registration_token_hash": "a secret", "clients.grant_types": "the same for each", "clients.jwk": "its thumbprint says which",
	"clients.signing_alg": "of the key", "clients.jwks_fetched_at": "how this program works", "clients.counted_hour": "how this program works",
	"clients.software_statement": "the publisher's", "bindings.account_id": "the export's own",
	"refresh_tokens.token_hash": "a secret", "refresh_tokens.access_token_id": "a secret", "notices.account_id": "the export's own",
	"notices.former_contact": "sealed; the contact is beside the event of its change", "notices.next_try_at": "how this program works",
	"notices.turn": "how this program works", "notices.queue": "how this program works",
	"notices.claimed_at": "how this program works", "notices.attempts_before": "how this program works",
	"notices.again_at": "how this program works", "notices.set_aside_at": "how this program works",
	"proofings.document_number_mac": "says the number again, keyed", "proofings.compared_with": "says the record again, keyed",
	"proofings.session_id": "a member of staff's", "document_scans.session_id": "a member of staff's",
	"document_differences.account_id": "the export's own", "second_approvals.asked_session_id": "a member of staff's",
	"second_approvals.answered_session_id": "a member of staff's", "match_failures.account_id": "the export's own",
	"ending_rules.account_id": "the export's own", "alert_notes.note_hash": "says the note again, keyed", "alert_notes.salt": "of that hash",
	"alert_acknowledgements.session_id": "a member of staff's", "alert_notes.note": "names others; that it is there is said",
	"alert_acknowledgements.note": "names others; that it is there is said", "ending_rules.network": "a stranger's; that it is there is said",
	"event_details.account_id": "the export's own",
	"event_details.personal":   "how this program works", "event_details.salt": "of the event's hash",
	"account_identifiers.account_id": "the export's own", "audit_events.*": "copies of what the signed event says",
	"audit_search.*": "copies of what the signed events say", "account_openings.*": "each is an event of the account",
	"notices_told.*": "each is a notice, for a day", "second_looks.*": "who of the staff looked; the answer is exported",
	"registration_tokens.*": "an administrator's, from before there was a device",
}

// Each column of a table that refers to an account is exported, or stands here with a reason.
func TestEachColumnOfAnAccountIsExportedOrNot(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	exported := models.ExportedForTest()
	var columns []struct{ Table, Column string }
	err := env.Reader().Raw(`SELECT m.name AS "table", c.name AS "column" FROM sqlite_master AS m, pragma_table_info(m.name) AS c
		WHERE m.type = 'table' ORDER BY m.name, c.cid`).Scan(&columns).Error
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]bool{}
	for _, c := range columns {
		about := []string{"account_id", "device_authorization_id", "binding_id", "client_id", "second_approval_id"}
		of[c.Table] = of[c.Table] || slices.Contains(about, c.Column) || slices.ContainsFunc(exported, func(name string) bool {
			return strings.HasPrefix(name, c.Table+".")
		})
	}
	for _, c := range columns {
		name := c.Table + "." + c.Column
		if of[c.Table] && !slices.Contains(exported, name) && notExported[name] == "" && notExported[c.Table+".*"] == "" {
			t.Errorf("%s is neither exported nor said not to be", name)
		}
	}
}

// exportOf is what an export writes, by part and as text.
func exportOf(t *testing.T, env *modelstest.Env, account string) (map[string][]map[string]any, string) {
	t.Helper()
	parts := map[string][]map[string]any{}
	for _, part := range models.AccountParts() {
		err := env.AccountRows(env.Context, account, part, func(row map[string]any) error {
			parts[part.Name] = append(parts[part.Name], row)
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", part.Name, err)
		}
	}
	text, err := json.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	return parts, string(text)
}
