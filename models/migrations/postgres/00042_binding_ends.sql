-- +goose Up
-- The contact is told once, before a binding reaches its absolute end: a notice of its own, whose turn (3) comes after all others, since
-- many bindings may be made, and end, on one day.
ALTER TABLE notices DROP CONSTRAINT notices_occasion_check;
ALTER TABLE notices ADD CONSTRAINT notices_occasion_check CHECK (occasion IN ('requested', 'approved', 'declined', 'pending-deadline', 'redemption-deadline',
    'redeemed', 'revoked', 'contact-changed', 'binding-deadline'));

ALTER TABLE refresh_tokens ADD COLUMN reminded_at BIGINT NOT NULL DEFAULT 0; -- when the contact was to be told of its absolute end
CREATE INDEX refresh_tokens_ending ON refresh_tokens (expires_at, idle_until) WHERE reminded_at = 0;
