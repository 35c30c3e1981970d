package models

import (
	"context"
	"strings"

	"countersign/audit"
	"countersign/audit/term"
)

// AccountPart is a kind of rows of an account's export.
type AccountPart struct {
	Name    string // in the export
	table   string
	columns string       // separated by ", ": none that is a secret, or that only says how this program works
	of      *AccountPart // what its rows hang on, by that one's first column; nil: on the account
	where   string       // with @account; or with @parents, which are some of those
	page    string       // columns, in the order of an index, of a part that strangers can make long; "": it has few rows
	single  bool         // @parents is one at a time, so that the index has the order of page
	order   string       // a column with numbers, for the rows of some parents; "": as they are found

	// Other people's, which is withheld (docs/decisions/0047-personal-data-beside-the-log.md): columns of every row, and of those
	// about a request whose code nobody entered for this account. Anybody can make such a request, from any phone.
	private, strangers string
}

// What a part's rows hang on. Devices are those that somebody approved for the account: any phone may name an account.
var (
	itsRequests     = &AccountPart{table: "device_authorizations", columns: "id, created_at", where: itsOwn, page: "created_at, id"}
	itsBindings     = &AccountPart{table: "bindings", columns: "id", where: itsOwn}
	itsDevices      = &AccountPart{table: "bindings", columns: "client_id", where: itsOwn}
	itsEvents       = &AccountPart{table: "audit_search", columns: "seq", page: "seq", where: itsOwnIf}
	itsDeviceEvents = &AccountPart{table: "audit_search", columns: "seq", of: itsDevices, single: true, page: "seq",
		where: "client_id IN @parents AND client_id <> '' AND account_id = ''"}
)

// itsAlerts are the events about it that supervisors may have written notes on.
func itsAlerts() *AccountPart {
	var types []string
	for _, kind := range audit.AlertTypes() {
		types = append(types, "'"+string(kind)+"'")
	}
	found := *itsEvents
	found.where += " AND type IN (" + strings.Join(types, ", ") + ")"
	return &AccountPart{table: "audit_events", columns: "jti, seq", of: &found, where: amongIts}
}

// Where rows are found.
const (
	itsOwn    = "account_id = @account"
	itsOwnIf  = "account_id = @account AND account_id <> ''" // where the index is of what has one
	amongIts  = "seq IN @parents AND " + itsOwnIf            // the search table says where to look; whose an event is says the event
	ofRequest = "device_authorization_id IN @parents"
	ofEvent   = "event_id IN @parents"
)

// AccountParts are all of them, in the order of the export: the database's rows, and the trail's events last. A test holds them
// against the schema.
func AccountParts() []AccountPart {
	return append(append(accountParts(), requestParts()...), eventParts()...)
}

// accountParts are the account itself, and what its devices asked for and have.
func accountParts() []AccountPart {
	return []AccountPart{
		{Name: "account", table: "accounts", where: "id = @account", columns: "id, status, full_name, latin_name, date_of_birth, " +
			"contact, language, staff_subject, match_locked_at, match_unlocked_at, presence_required, two_person_required, " +
			"created_at, updated_at, erased_at"},
		{Name: "identifiers", table: "account_identifiers", where: itsOwn, order: "position", columns: "identifier, key, position"},
		{Name: "requests", table: "device_authorizations", where: itsOwn, page: "created_at, id",
			strangers: "instance_description, address, network, jwk_thumbprint",
			columns: "id, client_id, scope, resources, instance_name, instance_description, address, network, jwk_thumbprint, " +
				"state, presence, created_at, pending_until, matched_at, claim_staff_id, claim_counter_id, claim_until, proofing_id, " +
				"decided_at, decided_staff_id, decided_counter_id, decline_reason, redeem_until, redeemed_at"},
		{Name: "devices", table: "clients", of: itsDevices, where: "id IN @parents", order: "created_at",
			columns: "id, status, client_name, software_id, software_version, scope, jwk_thumbprint, jwks_uri, " +
				"verified_publisher_id, presence_required, created_address, created_at, updated_at, key_changed_at, deleted_at"},
		{Name: "connections", table: "bindings", where: itsOwn, order: "created_at", columns: "id, client_id, " +
			"device_authorization_id, label, scope, resources, created_at, redeemed_at, used_at, revoked_at, revoke_reason"},
		{Name: "refresh_tokens", table: "refresh_tokens", of: itsBindings, where: "binding_id IN @parents", order: "created_at",
			columns: "binding_id, client_id, jwk_thumbprint, scope, created_at, last_used_at, idle_until, expires_at, reminded_at"},
		{Name: "notices", table: "notices", where: itsOwn, page: "created_at, id", columns: "id, occasion, channel, " +
			"device_authorization_id, created_at, useful_until, attempts, unsure, answer, outcome, cause, done_at"},
	}
}

// requestParts are what happened at counters.
func requestParts() []AccountPart {
	return []AccountPart{
		{Name: "card_checks", table: "proofings", of: itsRequests, where: ofRequest, order: "created_at",
			columns: "id, device_authorization_id, staff_id, counter_id, document_type, document_issuer, document_expiry, " +
				"document_number_tail, name_result, birth_date_result, checks, document_read, overruled, name_reason, " +
				"overruled_reason, created_at"},
		{Name: "card_scans", table: "document_scans", of: itsRequests, where: ofRequest, order: "created_at", columns: "id, " +
			"device_authorization_id, number, staff_id, read_as, name_result, birth_date_result, proofing_id, created_at"},
		{Name: "card_differences", table: "document_differences", where: itsOwn, order: "created_at", columns: "id, " +
			"device_authorization_id, proofing_id, read_as, name, birth_date, created_at"},
		{Name: "second_people", table: "second_approvals", of: itsRequests, where: ofRequest, order: "asked_at", columns: "id, " +
			"device_authorization_id, proofing_id, asked_staff_id, asked_counter_id, asked_at, status, answered_staff_id, " +
			"answered_at, reason, agreed_to"},
		{Name: "wrong_codes", table: "match_failures", where: itsOwn, page: "failed_at, id",
			columns: "id, staff_id, counter_id, failed_at, while_locked"},
		{Name: "not_me", table: "repudiations", of: itsRequests, where: ofRequest, order: "created_at",
			columns: "device_authorization_id, notice_id, ended, created_at"},
	}
}

// eventParts are what staff did about it, and the events.
func eventParts() []AccountPart {
	const eventColumns = "seq, type, occurred_at, set_text, packed" // the last two are told as set_jwt
	return []AccountPart{
		{Name: "ended_together", table: "ending_rules", where: itsOwn, page: "client_id, network, seq", private: "network",
			columns: "id, seq, client_id, network, reason, made_at"},
		{Name: "notes_on_alerts", table: "alert_notes", of: itsAlerts(), where: ofEvent, order: "created_at", private: "note",
			columns: "event_id, staff_id, note, created_at"},
		{Name: "answers_to_alerts", table: "alert_acknowledgements", of: itsAlerts(), where: ofEvent, order: "created_at",
			private: "note", columns: "event_id, staff_id, note, created_at, closing"},
		{Name: "beside_events", table: "event_details", of: itsEvents, where: amongIts, order: "seq",
			strangers: "text_before, text_after", columns: "seq, field, occurred_at, text_before, text_after"},
		{Name: "events", table: "audit_events", of: itsEvents, where: amongIts, order: "seq", strangers: "set_jwt",
			columns: eventColumns},
		{Name: "events_of_devices", table: "audit_events", of: itsDeviceEvents, where: "seq IN @parents AND account_id = ''", order: "seq",
			columns: eventColumns},
	}
}

// BeginAccountExport writes, before anything leaves, that an account is exported. Error: ErrNotFound.
func (s *Store) BeginAccountExport(ctx context.Context, id string) error {
	err := s.write(ctx, func(tx *tx) error {
		var account Account
		if err := tx.Select("id").Where("id = ?", id).First(&account).Error; err != nil {
			return notFound(err)
		}
		facts := audit.Facts{Actor: &audit.Actor{System: string(term.SystemCommand)}}
		_, err := tx.record(audit.Event{Type: audit.AccountExported, Subject: id, Facts: facts})
		return err
	})
	if err != nil {
		return err
	}
	return s.fillDerived(ctx) // what its events are, and its devices', is asked there
}
