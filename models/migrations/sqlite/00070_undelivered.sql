-- +goose Up
-- What becomes of an attempt, and notices that were given up: an administrator reads why, and sends them again or puts them aside
-- (docs/decisions/0072-mail-and-webhooks.md).
ALTER TABLE notices ADD COLUMN claimed_at INTEGER NOT NULL DEFAULT 0;      -- while it is being sent: since when
ALTER TABLE notices ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0;          -- attempts by which it may have come, though nobody said so
ALTER TABLE notices ADD COLUMN answer TEXT NOT NULL DEFAULT '';            -- what became of the last attempt; no address, no server's text
ALTER TABLE notices ADD COLUMN cause TEXT NOT NULL DEFAULT 'unknown';      -- why it was given up: a term.Undelivered
ALTER TABLE notices ADD COLUMN attempts_before INTEGER NOT NULL DEFAULT 0; -- attempts before it was last sent again
ALTER TABLE notices ADD COLUMN again_at INTEGER NOT NULL DEFAULT 0;        -- when that was
ALTER TABLE notices ADD COLUMN set_aside_at INTEGER NOT NULL DEFAULT 0;    -- given up, and nobody need see it any more
CREATE INDEX notices_undelivered ON notices (channel, cause, done_at, id) WHERE outcome = 'failed' AND set_aside_at = 0;

ALTER TABLE alert_outbox ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0;     -- as above, since something was told
ALTER TABLE alert_outbox ADD COLUMN answer TEXT NOT NULL DEFAULT '';       -- of the last attempt, until something was told
