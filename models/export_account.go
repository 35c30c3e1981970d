package models

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"countersign/audit"
	"countersign/audit/term"
)

// AccountPart is a kind of rows of an account's export.
type AccountPart struct {
	Name    string // in the export
	table   string
	columns string // separated by ", ": none that is a secret, or that only says how this program works
	of      string // a statement with @account, of what the rows hang on one by one: a join would walk over all rows. "": on the account
	where   string // with @account, or with @parent, which is one of those
	order   string // "": as they are found
}

// What a part's rows hang on.
const (
	itsRequests = "SELECT id FROM device_authorizations WHERE account_id = @account"
	itsBindings = "SELECT id FROM bindings WHERE account_id = @account"
	itsDevices  = "SELECT client_id FROM device_authorizations WHERE account_id = @account"
)

// itsAlerts are the events about it that supervisors may have written notes on.
func itsAlerts() string {
	var types []string
	for _, kind := range audit.AlertTypes() {
		types = append(types, "'"+string(kind)+"'")
	}
	return "SELECT jti FROM audit_events WHERE account_id = @account AND account_id <> '' AND type IN (" + strings.Join(types, ", ") + ")"
}

// Where rows are found.
const (
	itsOwn    = "account_id = @account"
	itsOwnIf  = "account_id = @account AND account_id <> ''" // where the index is of what has one
	ofRequest = "device_authorization_id = @parent"
	ofEvent   = "event_id = @parent"
)

// AccountParts are all of them, in the order of the export: the database's rows, and the trail's events last. A test holds them
// against the schema.
func AccountParts() []AccountPart {
	return append(accountParts(), requestParts()...)
}

// accountParts are the account itself, and what its devices asked for and have.
func accountParts() []AccountPart {
	return []AccountPart{
		{"account", "accounts", "id, status, full_name, latin_name, date_of_birth, contact, language, staff_subject, match_locked_at, " +
			"match_unlocked_at, presence_required, two_person_required, created_at, updated_at, erased_at", "", "id = @account", ""},
		{"identifiers", "account_identifiers", "identifier, key, position", "", itsOwn, "position"},
		{"requests", "device_authorizations", "id, client_id, scope, resources, instance_name, instance_description, address, " +
			"network, jwk_thumbprint, state, presence, created_at, pending_until, matched_at, claim_staff_id, claim_counter_id, " +
			"claim_until, proofing_id, decided_at, decided_staff_id, decided_counter_id, decline_reason, redeem_until, redeemed_at",
			"", itsOwn, "created_at"},
		{"devices", "clients", "id, status, client_name, software_id, software_version, scope, jwk_thumbprint, jwks_uri, " +
			"verified_publisher_id, presence_required, created_address, created_at, updated_at, key_changed_at, deleted_at",
			itsDevices, "id = @parent", ""},
		{"connections", "bindings", "id, client_id, device_authorization_id, label, scope, resources, created_at, redeemed_at, " +
			"used_at, revoked_at, revoke_reason", "", itsOwn, ""},
		{"refresh_tokens", "refresh_tokens", "binding_id, client_id, jwk_thumbprint, scope, created_at, last_used_at, idle_until, " +
			"expires_at, reminded_at", itsBindings, "binding_id = @parent", ""},
		{"notices", "notices", "id, occasion, channel, device_authorization_id, created_at, useful_until, attempts, outcome, done_at",
			"", itsOwn, "created_at"},
	}
}

// requestParts are what happened at counters and afterwards, and the events.
func requestParts() []AccountPart {
	return []AccountPart{
		{"card_checks", "proofings", "id, device_authorization_id, staff_id, counter_id, document_type, document_issuer, " +
			"document_expiry, document_number_tail, name_result, birth_date_result, checks, document_read, overruled, name_reason, " +
			"overruled_reason, created_at", itsRequests, ofRequest, ""},
		{"card_scans", "document_scans", "id, device_authorization_id, number, staff_id, read_as, name_result, birth_date_result, " +
			"proofing_id, created_at", itsRequests, ofRequest, "number"},
		{"card_differences", "document_differences", "id, device_authorization_id, proofing_id, read_as, name, birth_date, created_at",
			"", itsOwn, ""},
		{"second_people", "second_approvals", "id, device_authorization_id, proofing_id, asked_staff_id, asked_counter_id, asked_at, " +
			"status, answered_staff_id, answered_at, reason, agreed_to", itsRequests, ofRequest, "asked_at"},
		{"wrong_codes", "match_failures", "id, staff_id, counter_id, failed_at, while_locked", "", itsOwn, "failed_at"},
		{"not_me", "repudiations", "device_authorization_id, notice_id, ended, created_at", itsRequests, ofRequest, ""},
		{"ended_together", "ending_rules", "id, seq, client_id, network, reason, made_at", "", itsOwn, "client_id, network, seq"},
		{"notes_on_alerts", "alert_notes", "event_id, staff_id, note, created_at", itsAlerts(), ofEvent, "created_at"},
		{"answers_to_alerts", "alert_acknowledgements", "event_id, staff_id, note, created_at, closing", itsAlerts(), ofEvent, ""},
		{"beside_events", "event_details", "seq, field, occurred_at, text_before, text_after", "", itsOwnIf, "seq"},
		{"events", "audit_events", eventColumns, "", itsOwnIf, "seq"},
		{"events_of_devices", "audit_events", eventColumns, itsDevices, "seq IN (SELECT s.seq FROM audit_search AS s " +
			"WHERE s.client_id = @parent AND s.client_id <> '' AND s.account_id = '')", "seq"},
	}
}

const eventColumns = "seq, type, occurred_at, set_jwt"

// BeginAccountExport writes, before anything leaves, that an account is exported. Error: ErrNotFound.
func (s *Store) BeginAccountExport(ctx context.Context, id string) error {
	if err := s.fillDerived(ctx); err != nil { // what its devices' events are is asked there
		return err
	}
	return s.write(ctx, func(tx *tx) error {
		var account Account
		if err := tx.Select("id").Where("id = ?", id).First(&account).Error; err != nil {
			return notFound(err)
		}
		facts := audit.Facts{Actor: &audit.Actor{System: string(term.SystemCommand)}}
		_, err := tx.record(audit.Event{Type: audit.AccountExported, Subject: id, Facts: facts})
		return err
	})
}

// AccountRows gives each row of a part of an account's export to tell, one at a time: what has a value, by column. Times are those
// of RFC 3339; a signed event is there as it is, and its claims as JSON. BeginAccountExport comes first.
func (s *Store) AccountRows(ctx context.Context, id string, part AccountPart, tell func(row map[string]any) error) error {
	if part.of == "" {
		return s.partRows(ctx, part, map[string]any{"account": id}, tell)
	}
	var parents []string
	if err := s.reading(ctx).Raw(part.of, map[string]any{"account": id}).Scan(&parents).Error; err != nil {
		return err
	}
	slices.Sort(parents)
	for _, parent := range slices.Compact(parents) {
		if err := s.partRows(ctx, part, map[string]any{"parent": parent}, tell); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) partRows(ctx context.Context, part AccountPart, of map[string]any, tell func(row map[string]any) error) error {
	statement := "SELECT " + part.columns + " FROM " + part.table + " WHERE " + part.where
	if part.order != "" {
		statement += " ORDER BY " + part.order
	}
	rows, err := s.reading(ctx).Raw(statement, of).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	columns := strings.Split(part.columns, ", ")
	for rows.Next() {
		row, err := exportedRow(rows, columns)
		if err == nil {
			err = tell(row)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

func exportedRow(rows *sql.Rows, columns []string) (map[string]any, error) {
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	if err := rows.Scan(places...); err != nil {
		return nil, err
	}
	row := map[string]any{}
	for i, column := range columns {
		if value := exportedValue(column, values[i]); value != nil {
			row[column] = value
		}
	}
	if token, is := row["set_jwt"].(string); is {
		if claims := (audit.Entry{SET: token}).Claims(); claims != nil { // one that somebody spoiled is given as it is
			row["claims"] = claims
		}
	}
	return row, nil
}

// exportedValue is a value as people read it; nil where there is none.
func exportedValue(column string, value any) any {
	if bytes, is := value.([]byte); is {
		value = string(bytes)
	}
	switch v := value.(type) {
	case int64:
		switch {
		case strings.HasSuffix(column, "_required"), column == "while_locked", column == "closing":
			return v != 0
		case !strings.HasSuffix(column, "_at") && !strings.HasSuffix(column, "_until"):
			return v
		case v == 0:
			return nil
		}
		return Instant(v).Time().UTC().Format(time.RFC3339Nano)
	case string:
		switch {
		case v == "":
			return nil
		case (v[0] == '{' || v[0] == '[') && json.Valid([]byte(v)):
			return json.RawMessage(v)
		}
		return v
	}
	return value
}
