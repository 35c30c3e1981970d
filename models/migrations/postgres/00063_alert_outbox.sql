-- +goose Up
-- Alerts on their way to supervisors who look at no page (docs/decisions/0054-called.md): one row for a kind of alert and a
-- channel, made by its first alert. However many there are, one message tells of all that wait.
CREATE TABLE alert_outbox (
    kind         TEXT    NOT NULL,                      -- the type of the alert
    channel      TEXT    NOT NULL CHECK (channel IN ('mail', 'webhook')),
    waiting      BIGINT  NOT NULL,                      -- alerts that are not told yet
    first_seq    BIGINT  NOT NULL,                      -- the first of them
    last_seq     BIGINT  NOT NULL,
    first_at     BIGINT  NOT NULL,
    counter_id   TEXT    NOT NULL,                      -- where all of them happened; '' for several places, or none
    attempts     BIGINT  NOT NULL DEFAULT 0,            -- since something was told
    next_try_at  BIGINT  NOT NULL,
    PRIMARY KEY (kind, channel)
);
