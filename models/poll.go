package models

import (
	"context"
	"database/sql"
	"errors"

	"countersign/oauth"
)

// WaitingPoll is a poll of a request that waits: for its decision, as nearly every poll does, or approved, for the tokens.
type WaitingPoll struct {
	Client  Client              // its ID, Status, GrantTypes and JWK only
	Request DeviceAuthorization // what PollQuestion asks, and its ID, ClientID, JWKThumbprint, Resources and PollInterval
}

// askWaitingPoll finds a client and its request by their keys, and looks for rules that may name the request. What
// the state and the time say is judged outside: SQLite would make a table of the states each time.
const askWaitingPoll = `SELECT c.grant_types, c.jwk, d.id, d.state, d.jwk_thumbprint, d.resources, d.poll_interval, d.pending_until,
		d.redeem_until
	FROM device_authorizations AS d JOIN clients AS c ON c.id = d.client_id
	WHERE d.device_code_hash = $1 AND d.client_id = $2 AND c.status = '` + ClientActive + `' AND c.jwks_uri = '' AND ` + noRuleIsNear

// WaitingPoll finds an active client instance with a registered key, and the request of a device code that is its own and waits,
// in one statement. Error: ErrNotFound, where any of this is otherwise or a rule is near: Client and Poll tell what it is.
// Redeem finds the request again, and holds it.
func (s *Store) WaitingPoll(ctx context.Context, clientID, deviceCode string) (WaitingPoll, error) {
	found := WaitingPoll{Client: Client{ID: clientID, Status: ClientActive}, Request: DeviceAuthorization{ClientID: clientID}}
	c, d := &found.Client, &found.Request
	err := s.row(ctx, askWaitingPoll, []any{oauth.HashDeviceCode(deviceCode), clientID},
		&c.GrantTypes, &c.JWK, &d.ID, (*string)(&d.State), &d.JWKThumbprint, &d.Resources, &d.PollInterval,
		(*int64)(&d.PendingUntil), (*int64)(&d.RedeemUntil))
	if errors.Is(err, sql.ErrNoRows) || err == nil && !d.waits(At(s.now())) {
		err = ErrNotFound
	}
	if err != nil {
		return WaitingPoll{}, err
	}
	return found, nil
}

func (d DeviceAuthorization) waits(now Instant) bool {
	verdict := oauth.Verdict(d.PollQuestion(now, false))
	return verdict == oauth.Pending || verdict == oauth.Redeem
}

// Poll finds the request of a device code for the client that polls, and writes
// nothing. Another client's code is as unknown as one that never was
// (docs/protocol.md §6 another-client). Error: ErrUnknownDeviceCode.
func (s *Store) Poll(ctx context.Context, clientID, deviceCode string) (DeviceAuthorization, error) {
	reading := s.reader(ctx)
	row, err := reading.ofDeviceCode(clientID, deviceCode)
	if err == nil && row.ID == "" {
		err = ErrUnknownDeviceCode
	}
	return row, err
}

// ofDeviceCode finds the client's request of a device code, rules obeyed, and holds it where something is to be written. The
// zero value: there is none.
func (t *tx) ofDeviceCode(clientID, deviceCode string) (DeviceAuthorization, error) {
	row, err := ifAny(rowOf[DeviceAuthorization](t, "WHERE device_code_hash = $1 AND client_id = $2"+t.holding(forUpdate),
		oauth.HashDeviceCode(deviceCode), clientID))
	t.readClock()
	if err == nil {
		err = t.obeyRules(&row)
	}
	return row, err
}

// PollQuestion is what oauth.Verdict wants to know of the request.
func (d DeviceAuthorization) PollQuestion(now Instant, tooFast bool) oauth.PollQuestion {
	return oauth.PollQuestion{
		Approved: d.State == Approved, Redeemed: d.State == Redeemed, Declined: d.State == Declined,
		PendingUntil: d.PendingUntil.Time(), RedeemUntil: d.RedeemUntil.Time(), Now: now.Time(), TooFast: tooFast,
	}
}
