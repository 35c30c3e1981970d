-- +goose Up
-- What strangers can cause is one waiting notice for an account and channel, and its turn comes after what happened to an account
-- (turn 0): 100,000 requests in somebody's name never delay the notice of an approval. Changed contacts come last.
ALTER TABLE notices ADD COLUMN queue TEXT NOT NULL DEFAULT '';     -- the account, of what strangers can cause; '' of all else
UPDATE notices SET turn = 2 WHERE occasion = 'contact-changed';
UPDATE notices SET turn = 1, queue = coalesce(account_id, '') WHERE occasion IN ('requested', 'pending-deadline');
UPDATE notices SET outcome = 'dropped', done_at = created_at
WHERE turn = 1 AND outcome = '' AND (account_id IS NULL OR attempts = 0 AND EXISTS (
    SELECT 1 FROM notices AS newer
    WHERE newer.account_id = notices.account_id AND newer.channel = notices.channel AND newer.turn = 1 AND newer.outcome = '' AND newer.attempts = 0
      AND (newer.created_at, newer.id) > (notices.created_at, notices.id)));
CREATE UNIQUE INDEX notices_queue ON notices (queue, channel) WHERE queue <> '' AND outcome = '' AND attempts = 0;
DROP INDEX notices_due;
CREATE INDEX notices_due ON notices (turn, next_try_at, id) WHERE outcome = '';
