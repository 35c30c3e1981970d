-- +goose Up
-- What a sweep looks for, and what the database looks for when a row that others refer to is removed.
CREATE INDEX device_authorizations_over ON device_authorizations (pending_until) WHERE state NOT IN ('approved', 'redeemed');
CREATE INDEX clients_created ON clients (created_at, id);
CREATE INDEX match_failures_failed ON match_failures (failed_at);
CREATE INDEX document_scans_created ON document_scans (created_at);
CREATE INDEX second_approvals_proofing ON second_approvals (proofing_id);
CREATE INDEX refresh_tokens_client ON refresh_tokens (client_id);
CREATE INDEX registration_tokens_client ON registration_tokens (client_id) WHERE client_id IS NOT NULL;
CREATE INDEX staff_sessions_expires ON staff_sessions (expires_at);
-- Whether so many wait of an identifier from one network already.
CREATE INDEX device_authorizations_network ON device_authorizations (login_hint_mac, network, pending_until);
