-- +goose Up
-- Each row of the key table carries a MAC under a key derived from the master key (docs/decisions/0045-authentic-keys.md). The
-- first start gives the rows that are there theirs, since only it has the master key.
ALTER TABLE server_keys ADD COLUMN mac TEXT NOT NULL DEFAULT ''; -- base64url(HMAC-SHA256 over every other column)

-- A program from before knows no MAC: it serves on, but makes and changes no keys, or nobody could tell them from forged ones.
-- +goose StatementBegin
CREATE TRIGGER server_keys_mac_made BEFORE INSERT ON server_keys WHEN NEW.mac = ''
BEGIN
    SELECT RAISE(ABORT, 'server_keys: this program is older than the database, and makes no keys any more');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER server_keys_mac_changed BEFORE UPDATE ON server_keys WHEN NEW.mac = OLD.mac
BEGIN
    SELECT RAISE(ABORT, 'server_keys: this program is older than the database, and changes no keys any more');
END;
-- +goose StatementEnd
