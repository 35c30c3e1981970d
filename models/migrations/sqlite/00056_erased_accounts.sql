-- +goose Up
-- When an account was erased (countersign accounts erase): its row stays, for what refers to it, and says nothing of anybody.
ALTER TABLE accounts ADD COLUMN erased_at INTEGER NOT NULL DEFAULT 0;
