-- +goose Up
-- The resources that a request and its binding are for (RFC 8707), space separated, in the order in which they were
-- asked for. '' in rows from before there could be several: the server's first one.
ALTER TABLE device_authorizations ADD COLUMN resources TEXT NOT NULL DEFAULT '';
ALTER TABLE bindings ADD COLUMN resources TEXT NOT NULL DEFAULT '';

-- Resource servers: they may introspect the access tokens for their resource, and nothing else.
CREATE TABLE resource_servers (
    id          TEXT    PRIMARY KEY,              -- client_id
    name        TEXT    NOT NULL UNIQUE,
    resource    TEXT    NOT NULL,                 -- URI; the aud of the tokens that it may ask about
    jwks        TEXT    NOT NULL,                 -- JWK Set of public keys
    created_at  BIGINT  NOT NULL
);
