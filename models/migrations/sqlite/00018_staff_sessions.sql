-- +goose Up
-- What the organisation's provider said of a session: which one it is there (OpenID Connect Back-Channel Logout 1.0,
-- sid), and how its person was authenticated (acr). '' where it said nothing.
ALTER TABLE staff_sessions ADD COLUMN provider_sid TEXT NOT NULL DEFAULT '';
ALTER TABLE staff_sessions ADD COLUMN acr TEXT NOT NULL DEFAULT '';

-- A sign-in can also be a step-up of a session that is there. '' when it begins a new one.
ALTER TABLE sign_ins ADD COLUMN session_id TEXT NOT NULL DEFAULT '';
