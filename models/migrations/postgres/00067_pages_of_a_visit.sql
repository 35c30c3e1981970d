-- +goose Up
-- Each step of a visit wrote pages of its own of these (docs/decisions/0058-fewer-pages.md). A request that is approved has
-- redeem_until from then on, so that these conditions change once in a visit, where those on the state changed in each step.

-- Open requests by their end, for reminders, and the sweep of what ended without an approval.
CREATE INDEX device_authorizations_unapproved ON device_authorizations (pending_until) WHERE redeem_until = 0;

-- What was approved from a network. What is redeemed stays where it is.
CREATE INDEX device_authorizations_approved_since ON device_authorizations (network, decided_at)
    WHERE redeem_until > 0 AND network <> '';

-- A client's bindings, newest first, also those that ended: each took a visit, so that there are few.
CREATE INDEX bindings_of_client ON bindings (client_id, created_at);

-- What these have is found by the ones above; what one of the staff did by audit_search_staff, and the newest of one type by
-- audit_events_staff_type. They go at the end: on PostgreSQL others wait for whatever reads a table from its first one on.
DROP INDEX device_authorizations_pending_until;
DROP INDEX device_authorizations_over;
DROP INDEX device_authorizations_approved_from;
DROP INDEX bindings_client;
DROP INDEX bindings_live_client;
DROP INDEX audit_events_staff;
