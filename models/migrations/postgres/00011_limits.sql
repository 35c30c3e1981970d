-- +goose Up
-- What bounds requests: the same phone's requests for the same identifier, and the networks they come from.
-- Rows from before have neither, and end within a week.
ALTER TABLE device_authorizations ADD COLUMN login_hint_mac TEXT NOT NULL DEFAULT ''; -- HMAC-SHA-256 of the normalised login_hint under the user-code key
ALTER TABLE device_authorizations ADD COLUMN network TEXT NOT NULL DEFAULT '';        -- the address, of IPv6 its /64
CREATE INDEX device_authorizations_same ON device_authorizations (client_id, login_hint_mac, pending_until);

-- Wrong codes are counted by operator as well.
CREATE INDEX match_failures_staff ON match_failures (staff_id, failed_at);
