-- +goose Up
-- What witnesses have cosigned last, one row each (docs/decisions/0050-receipts-and-witnesses.md). A later cosignature vouches for
-- what an earlier one did: a witness cosigns only what continues what it has seen.
CREATE TABLE log_cosignatures (
    witness   TEXT   PRIMARY KEY,                 -- its verifier key: name+hash+key
    size      BIGINT NOT NULL CHECK (size > 0),   -- of the checkpoint
    signature BYTEA  NOT NULL CHECK (length(signature) = 76) -- of the note: hash of the key, time, then Ed25519
);
