-- +goose Up
-- What is to be told to an account's contact: written in the transaction of what happened, one row for each channel.
-- It holds no address and no text: both are looked up when it is sent.
CREATE TABLE notices (
    id                       TEXT    PRIMARY KEY,
    occasion                 TEXT    NOT NULL CHECK (occasion IN ('requested', 'approved', 'declined', 'pending-deadline', 'redemption-deadline', 'redeemed', 'revoked')),
    channel                  TEXT    NOT NULL CHECK (channel IN ('mail', 'webhook')),
    account_id               TEXT    REFERENCES accounts (id),  -- NULL: the request named no account; nobody is told
    device_authorization_id  TEXT    NOT NULL REFERENCES device_authorizations (id),
    created_at               BIGINT  NOT NULL,
    useful_until             BIGINT  NOT NULL,                  -- not worth sending any more
    next_try_at              BIGINT  NOT NULL,                  -- when it is due; while it is being sent, when that counts as broken off
    attempts                 BIGINT  NOT NULL DEFAULT 0,
    outcome                  TEXT    NOT NULL DEFAULT '' CHECK (outcome IN ('', 'sent', 'failed', 'dropped')),
    done_at                  BIGINT  NOT NULL DEFAULT 0,
    UNIQUE (device_authorization_id, occasion, channel)
);
CREATE INDEX notices_due ON notices (next_try_at) WHERE outcome = '';
CREATE INDEX notices_account ON notices (account_id, created_at);
CREATE INDEX notices_created ON notices (created_at);

-- When an account was told of what anybody can cause who knows an identifier of it: counted, and forgotten after a day.
CREATE TABLE notices_told (
    notice_id   TEXT    PRIMARY KEY,
    account_id  TEXT    NOT NULL REFERENCES accounts (id),
    channel     TEXT    NOT NULL,
    told_at     BIGINT  NOT NULL
);
CREATE INDEX notices_told_account ON notices_told (account_id, channel, told_at);

-- Requests whose person said "it was not me", each once.
CREATE TABLE repudiations (
    device_authorization_id  TEXT    PRIMARY KEY REFERENCES device_authorizations (id),
    notice_id                TEXT    NOT NULL,                  -- whose link it was; the notice is forgotten before this
    ended                    TEXT    NOT NULL,                  -- the phase that the request was in
    created_at               BIGINT  NOT NULL
);

-- Who is to be reminded of a deadline.
CREATE INDEX device_authorizations_pending_until ON device_authorizations (pending_until) WHERE state IN ('pending', 'matched', 'proofed');
CREATE INDEX device_authorizations_redeem_until ON device_authorizations (redeem_until) WHERE state = 'approved';
