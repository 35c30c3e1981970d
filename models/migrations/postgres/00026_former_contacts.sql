-- +goose Up
-- A notice that the account's contact was changed goes to the contact from before, which is in no record any more: it waits here,
-- sealed, until the notice is sent or given up. Such a notice is about no request, and its turn comes after all others.
ALTER TABLE notices ALTER COLUMN device_authorization_id DROP NOT NULL;
ALTER TABLE notices ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;           -- of those that are due, a lower one goes first
ALTER TABLE notices ADD COLUMN former_contact TEXT NOT NULL DEFAULT '';  -- sealed; '' once it is done
ALTER TABLE notices DROP CONSTRAINT notices_occasion_check;
ALTER TABLE notices ADD CONSTRAINT notices_occasion_check CHECK (occasion IN ('requested', 'approved', 'declined', 'pending-deadline', 'redemption-deadline',
    'redeemed', 'revoked', 'contact-changed'));
ALTER TABLE notices ADD CONSTRAINT notices_request_check CHECK ((device_authorization_id IS NULL) = (occasion = 'contact-changed'));
ALTER TABLE notices ADD CONSTRAINT notices_former_contact_check CHECK (former_contact = '' OR (occasion = 'contact-changed' AND outcome = ''));
DROP INDEX notices_due;
CREATE INDEX notices_due ON notices (turn, next_try_at) WHERE outcome = '';
