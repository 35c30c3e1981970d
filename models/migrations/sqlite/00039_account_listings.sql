-- +goose Up
-- How many accounts a search by the first characters listed to somebody: what is counted, and forgotten after a day.
CREATE TABLE account_listings (
    staff_id   TEXT    NOT NULL REFERENCES staff (id),
    listed_at  INTEGER NOT NULL,
    accounts   INTEGER NOT NULL CHECK (accounts > 0),
    PRIMARY KEY (staff_id, listed_at)
) STRICT;
CREATE INDEX account_listings_listed ON account_listings (listed_at);
