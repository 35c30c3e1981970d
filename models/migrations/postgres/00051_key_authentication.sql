-- +goose Up
-- Each row of the key table carries a MAC under a key derived from the master key (docs/decisions/0045-authentic-keys.md). The
-- first start gives the rows that are there theirs, since only it has the master key.
ALTER TABLE server_keys ADD COLUMN mac TEXT NOT NULL DEFAULT ''; -- base64url(HMAC-SHA256 over every other column)

-- A program from before knows no MAC: it serves on, but makes and changes no keys, or nobody could tell them from forged ones.
-- +goose StatementBegin
CREATE FUNCTION server_keys_mac() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.mac = '' OR TG_OP = 'UPDATE' AND NEW.mac = OLD.mac THEN
        RAISE EXCEPTION 'server_keys: this program is older than the database, and makes and changes no keys any more';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER server_keys_mac BEFORE INSERT OR UPDATE ON server_keys
    FOR EACH ROW EXECUTE FUNCTION server_keys_mac();
