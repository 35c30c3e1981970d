package models

import (
	"context"

	"countersign/oauth"
)

// Poll finds the request of a device code for the client that polls, and writes
// nothing. Another client's code is as unknown as one that never was
// (docs/protocol.md §6 another-client). Error: ErrUnknownDeviceCode.
func (s *Store) Poll(ctx context.Context, clientID, deviceCode string) (DeviceAuthorization, error) {
	var row DeviceAuthorization
	reading := s.reader(ctx)
	err := reading.Where("device_code_hash = ? AND client_id = ?", oauth.HashDeviceCode(deviceCode), clientID).
		Limit(1).Find(&row).Error
	if err == nil && row.ID == "" {
		err = ErrUnknownDeviceCode
	}
	if err == nil {
		err = reading.obeyRules(&row)
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
