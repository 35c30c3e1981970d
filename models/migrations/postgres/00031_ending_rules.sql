-- +goose Up
-- What ends many requests at once is a row here and one event, never a write for each of them. A rule is about every request that has what it
-- names, '' naming any, and whose entry in the trail is older than the rule's: what is asked for later is not touched. A rule without an account
-- ends approvals and bindings of the client as well.
CREATE TABLE ending_rules (
    id          TEXT    PRIMARY KEY,
    seq         BIGINT NOT NULL,                 -- number of the event in the trail
    account_id  TEXT    NOT NULL DEFAULT '',
    client_id   TEXT    NOT NULL DEFAULT '',
    network     TEXT    NOT NULL DEFAULT '',
    reason      TEXT    NOT NULL CHECK (reason IN ('suspicious', 'ended together', 'client deleted', 'client disabled')),
    made_at     BIGINT NOT NULL,
    CHECK (account_id <> '' OR client_id <> ''),
    CHECK (network = '' OR (account_id <> '' AND client_id = ''))
);
CREATE UNIQUE INDEX ending_rules_of ON ending_rules (account_id, client_id, network, seq);

-- Only rules with a higher number in the trail touch the request: how long the trail was when it was made, or the number of a rule that spared it
-- since a session was handling it.
ALTER TABLE device_authorizations ADD COLUMN rules_after BIGINT NOT NULL DEFAULT 0;

-- What is handled of an account is spared by its rules.
CREATE INDEX device_authorizations_handled ON device_authorizations (account_id, claim_until) WHERE state IN ('matched', 'proofed');

-- The newest bindings of a client that ends are revoked with an event for each.
CREATE INDEX bindings_live_client ON bindings (client_id, created_at) WHERE revoked_at = 0;
