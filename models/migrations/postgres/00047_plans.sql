-- +goose Up
-- What the planner found no index for (docs/decisions/0044-every-query-has-its-plan.md).

-- A supervisor's page lists who is locked: a handful among all accounts.
CREATE INDEX accounts_locked ON accounts (match_locked_at) WHERE match_locked_at > 0;

-- Who is at a counter, of all who ever signed in.
CREATE INDEX staff_sessions_counter ON staff_sessions (counter_id) WHERE ended_at IS NULL;

-- The newest initial access tokens.
CREATE INDEX registration_tokens_created ON registration_tokens (created_at DESC, id);
