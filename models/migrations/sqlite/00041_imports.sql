-- +goose Up
-- An import of accounts. Its lines are staged, then applied a few in a transaction; whoever finds it interrupted goes on with it.
CREATE TABLE account_imports (
    id           TEXT    PRIMARY KEY,
    state        TEXT    NOT NULL CHECK (state IN ('staging', 'applying', 'finished', 'abandoned')),
    only_one     INTEGER NOT NULL DEFAULT 1 CHECK (only_one = 1), -- see account_imports_running
    staff_id     TEXT    REFERENCES staff (id),   -- who imports; NULL: the command
    session_id   TEXT    REFERENCES staff_sessions (id),
    total        INTEGER NOT NULL,                -- lines that change something
    done         INTEGER NOT NULL DEFAULT 0,      -- of them
    added        INTEGER NOT NULL DEFAULT 0,
    changed      INTEGER NOT NULL DEFAULT 0,
    unchanged    INTEGER NOT NULL DEFAULT 0,
    passed_over  INTEGER NOT NULL DEFAULT 0,      -- somebody else changed their accounts meanwhile
    passed_lines TEXT    NOT NULL DEFAULT '[]',   -- their numbers in the file, the first of them
    interrupted  INTEGER NOT NULL DEFAULT 0 CHECK (interrupted IN (0, 1)),
    created_at   INTEGER NOT NULL,
    touched_at   INTEGER NOT NULL DEFAULT 0,      -- when a process last went on with it; 0: it waits for one
    finished_at  INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One at a time.
CREATE UNIQUE INDEX account_imports_running ON account_imports (only_one) WHERE state IN ('staging', 'applying');

-- The lines of an import that are not applied yet, some in a row, sealed. A row goes in the transaction that applies the last of
-- them, so that nothing is left of it when the import is finished.
CREATE TABLE account_import_chunks (
    import_id TEXT    NOT NULL REFERENCES account_imports (id),
    first     INTEGER NOT NULL,                   -- how many lines come before
    sealed    TEXT    NOT NULL,                   -- AES-256-GCM
    PRIMARY KEY (import_id, first)
) STRICT;
