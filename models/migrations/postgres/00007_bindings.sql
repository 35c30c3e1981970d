-- +goose Up
-- account and client instance, made by an approval; what tokens hang on.
CREATE TABLE bindings (
    id                       TEXT    PRIMARY KEY,
    account_id               TEXT    NOT NULL REFERENCES accounts (id),
    client_id                TEXT    NOT NULL REFERENCES clients (id),
    device_authorization_id  TEXT    NOT NULL UNIQUE REFERENCES device_authorizations (id),
    label                    TEXT    NOT NULL,
    scope                    TEXT    NOT NULL,
    created_at               BIGINT NOT NULL,
    redeemed_at              BIGINT NOT NULL DEFAULT 0,
    used_at                  BIGINT NOT NULL DEFAULT 0, -- first use of any of its tokens that we saw
    revoked_at               BIGINT NOT NULL DEFAULT 0,
    revoke_reason            TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX bindings_account ON bindings (account_id);
CREATE INDEX bindings_client ON bindings (client_id);

CREATE TABLE refresh_tokens (
    token_hash      TEXT    PRIMARY KEY,          -- SHA-256
    binding_id      TEXT    NOT NULL REFERENCES bindings (id),
    client_id       TEXT    NOT NULL REFERENCES clients (id),
    jwk_thumbprint  TEXT    NOT NULL,             -- DPoP key
    access_token_id TEXT    NOT NULL,             -- jti of the access token that was minted with it
    scope           TEXT    NOT NULL,
    created_at      BIGINT NOT NULL,
    last_used_at    BIGINT NOT NULL DEFAULT 0,
    idle_until      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL              -- absolute end
);
CREATE INDEX refresh_tokens_binding ON refresh_tokens (binding_id);

-- Access tokens revoked before their end, by jti. Rows go when the token would have ended.
CREATE TABLE revoked_access_tokens (
    jti         TEXT    PRIMARY KEY,
    expires_at  BIGINT NOT NULL
);

-- Client assertions and DPoP proofs that changed state, each once: written in the transaction that they paid for.
CREATE TABLE used_proofs (
    key         TEXT    PRIMARY KEY,              -- SHA-256 of kind, owner and jti
    expires_at  BIGINT NOT NULL
);
CREATE INDEX used_proofs_expiry ON used_proofs (expires_at);
