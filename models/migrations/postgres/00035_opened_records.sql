-- +goose Up
-- A customer's record is opened by an act, and is open to that session for a while.
CREATE TABLE account_openings (
    session_id  TEXT    NOT NULL REFERENCES staff_sessions (id) ON DELETE CASCADE,
    account_id  TEXT    NOT NULL REFERENCES accounts (id),
    staff_id    TEXT    NOT NULL REFERENCES staff (id),
    opened_at   BIGINT NOT NULL, -- the last opening: what is counted
    used_at     BIGINT NOT NULL, -- the last act on it: what the end is counted from
    PRIMARY KEY (session_id, account_id)
);
CREATE INDEX account_openings_staff ON account_openings (staff_id, opened_at);
CREATE INDEX account_openings_used ON account_openings (used_at);

-- What was shown to whoever approves or agrees, as SHA-256: an approval rests on nothing else.
ALTER TABLE proofings ADD COLUMN compared_with TEXT NOT NULL DEFAULT '';       -- the account's record; '' before this was kept
ALTER TABLE second_approvals ADD COLUMN agreed_to TEXT NOT NULL DEFAULT '';    -- '' while nobody has agreed
DROP INDEX second_approvals_open;
CREATE UNIQUE INDEX second_approvals_open ON second_approvals (proofing_id) WHERE status = 'waiting';

-- Why an earlier scan that differed does not count, in the operator's words, as a code.
ALTER TABLE proofings ADD COLUMN overruled_reason TEXT NOT NULL DEFAULT '';

-- A code that was entered while the account was locked counts for nothing, but for who may unlock.
ALTER TABLE match_failures ADD COLUMN while_locked BOOLEAN NOT NULL DEFAULT FALSE;
