-- +goose Up
-- The contact is told once, before a binding reaches its absolute end: a notice of its own, whose turn (3) comes after all others, since
-- many bindings may be made, and end, on one day.
CREATE TABLE notices_rebuilt (
    id                       TEXT    PRIMARY KEY,
    occasion                 TEXT    NOT NULL CHECK (occasion IN ('requested', 'approved', 'declined', 'pending-deadline', 'redemption-deadline', 'redeemed', 'revoked',
                                                                  'contact-changed', 'binding-deadline')),
    channel                  TEXT    NOT NULL CHECK (channel IN ('mail', 'webhook')),
    account_id               TEXT    REFERENCES accounts (id),  -- NULL: the request named no account; nobody is told
    device_authorization_id  TEXT    REFERENCES device_authorizations (id),
    created_at               INTEGER NOT NULL,
    useful_until             INTEGER NOT NULL,                  -- not worth sending any more
    next_try_at              INTEGER NOT NULL,                  -- when it is due; while it is being sent, when that counts as broken off
    attempts                 INTEGER NOT NULL DEFAULT 0,
    outcome                  TEXT    NOT NULL DEFAULT '' CHECK (outcome IN ('', 'sent', 'failed', 'dropped')),
    done_at                  INTEGER NOT NULL DEFAULT 0,
    turn                     INTEGER NOT NULL DEFAULT 0,        -- of those that are due, a lower one goes first
    former_contact           TEXT    NOT NULL DEFAULT '',       -- sealed; '' once it is done
    queue                    TEXT    NOT NULL DEFAULT '',       -- the account, of what strangers can cause; '' of all else
    UNIQUE (device_authorization_id, occasion, channel),
    CHECK ((device_authorization_id IS NULL) = (occasion = 'contact-changed')),
    CHECK (former_contact = '' OR (occasion = 'contact-changed' AND outcome = ''))
) STRICT;
INSERT INTO notices_rebuilt (id, occasion, channel, account_id, device_authorization_id, created_at, useful_until, next_try_at, attempts, outcome, done_at,
    turn, former_contact, queue)
SELECT id, occasion, channel, account_id, device_authorization_id, created_at, useful_until, next_try_at, attempts, outcome, done_at,
    turn, former_contact, queue FROM notices;
DROP TABLE notices;
ALTER TABLE notices_rebuilt RENAME TO notices;
CREATE INDEX notices_due ON notices (turn, next_try_at, id) WHERE outcome = '';
CREATE INDEX notices_account ON notices (account_id, created_at);
CREATE INDEX notices_created ON notices (created_at);
CREATE UNIQUE INDEX notices_queue ON notices (queue, channel) WHERE queue <> '' AND outcome = '' AND attempts = 0;

ALTER TABLE refresh_tokens ADD COLUMN reminded_at INTEGER NOT NULL DEFAULT 0; -- when the contact was to be told of its absolute end
CREATE INDEX refresh_tokens_ending ON refresh_tokens (expires_at, idle_until) WHERE reminded_at = 0;
