-- +goose Up
-- Each event of a visit wrote a page of its own of each of these (docs/decisions/0070-no-page-for-each.md).

-- What is asked of one of the staff as it happens. The rest of what they do is found by audit_search_staff, which is written later.
CREATE INDEX audit_events_staff_act ON audit_events (staff_id, type, occurred_at)
    WHERE staff_id <> '' AND type NOT IN ('account-opened', 'code-matched', 'identity-proofed');
DROP INDEX audit_events_staff_type;

-- What is about an account is found by audit_search_account, and what lies beside it by the numbers that are found there. Of what
-- a counter shows of it, there are few.
CREATE INDEX audit_events_disconnection ON audit_events (account_id, seq) WHERE type = 'disconnection-requested';
DROP INDEX audit_events_account;
DROP INDEX event_details_account;
