-- +goose Up
-- A role that was let in before the log had its tables (countersign migrate grants) got them by default privileges, with
-- UPDATE and DELETE, which the triggers refuse. It only adds to them, as it does to audit_events.
-- +goose StatementBegin
DO $$
DECLARE
    tab name;
    role oid;
BEGIN
    FOR tab, role IN SELECT DISTINCT c.relname, a.grantee FROM pg_class AS c, aclexplode(c.relacl) AS a
        WHERE c.oid IN ('log_tiles'::regclass, 'log_checkpoints'::regclass)
            AND a.privilege_type IN ('UPDATE', 'DELETE') AND a.grantee NOT IN (0, c.relowner)
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE ON %I FROM %s', tab, role::regrole);
    END LOOP;
END $$;
-- +goose StatementEnd
