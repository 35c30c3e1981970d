-- +goose Up
-- Nobody asks for one of the staff's searches as they happen, of which there is one in each visit
-- (docs/decisions/0070-no-page-for-each.md): the index leaves them out too.
CREATE INDEX audit_events_asked_of_staff ON audit_events (staff_id, type, occurred_at)
    WHERE staff_id <> '' AND type NOT IN ('account-searched', 'account-opened', 'code-matched', 'identity-proofed');
DROP INDEX audit_events_staff_act;
