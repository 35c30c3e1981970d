-- +goose Up
-- A sender looks for what is due in one of its channels: a million notices for a channel that nobody has are none of its business.
DROP INDEX notices_due;
CREATE INDEX notices_due ON notices (channel, turn, next_try_at, id) WHERE outcome = '';

-- What a sweep looks for.
CREATE INDEX notices_former_contact ON notices (useful_until) WHERE former_contact <> '';
CREATE INDEX notices_told_at ON notices_told (told_at);
CREATE INDEX revoked_access_tokens_expiry ON revoked_access_tokens (expires_at);
