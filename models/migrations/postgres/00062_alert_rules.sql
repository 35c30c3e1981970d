-- +goose Up
-- What rules ask that call supervisors (docs/decisions/0054-called.md).

-- When a rule called last, so that it calls once in its time: about is what it judged, as a member of staff, a counter, a
-- client or a network. A row is swept once no rule asks for it.
CREATE TABLE alert_calls (
    rule        TEXT    NOT NULL,                       -- the type of the alert
    about       TEXT    NOT NULL,
    called_at   BIGINT  NOT NULL,
    PRIMARY KEY (rule, about)
);
CREATE INDEX alert_calls_called ON alert_calls (called_at);

-- How many an operator approved at a counter on a day there: what is usual of both. A row is swept after five weeks.
CREATE TABLE operator_days (
    staff_id    TEXT    NOT NULL,
    day_began   BIGINT  NOT NULL,                       -- midnight at the counter
    counter_id  TEXT    NOT NULL,
    approvals   BIGINT  NOT NULL,
    PRIMARY KEY (staff_id, day_began, counter_id)
);
CREATE INDEX operator_days_counter ON operator_days (counter_id, day_began, approvals);
CREATE INDEX operator_days_began ON operator_days (day_began);

-- An opened record with a visit: its request was matched, or asked for a second person.
ALTER TABLE account_openings ADD COLUMN visited BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX match_failures_counter ON match_failures (counter_id, failed_at);
CREATE INDEX proofings_judged ON proofings (staff_id, created_at) WHERE overruled <> '' OR name_reason <> '';
CREATE INDEX device_authorizations_approved_from ON device_authorizations (network, decided_at)
    WHERE state IN ('approved', 'redeemed') AND network <> '';

-- What a program of before the queue closed beside this one.
CREATE INDEX alert_acknowledgements_before ON alert_acknowledgements (created_at) WHERE closing = '';
