-- +goose Up
-- The language of an account's notices (BCP 47), as the accounts file gives it; '' for that of the deployment.
ALTER TABLE accounts ADD COLUMN language TEXT NOT NULL DEFAULT '';
