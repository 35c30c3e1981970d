package device

import (
	"context"
	"errors"
	"time"

	"countersign/models"
	"countersign/oauth"
)

// redeem answers a poll (RFC 8628 §3.4 and §3.5): find the request, hold it to its DPoP
// key, judge, and only then redeem. A poll of an undecided request writes nothing.
func (d *Device) redeem(ctx context.Context, request tokenRequest) (models.Tokens, error) {
	code := request.get(oauth.ParamDeviceCode)
	if code == "" {
		return models.Tokens{}, oauth.Errorf(oauth.ErrInvalidRequest, "%s is required", oauth.ParamDeviceCode)
	}
	row, err := request.client.Waiting, error(nil)
	if row.ID == "" {
		row, err = d.Store.Poll(ctx, request.client.ID, code)
	}
	if request.client.TooFast && !d.canCollect(row) {
		return models.Tokens{}, oauth.SlowDown.Error()
	}
	switch {
	case errors.Is(err, models.ErrUnknownDeviceCode):
		return models.Tokens{}, invalidDeviceCode()
	case err != nil:
		return models.Tokens{}, err
	case row.JWKThumbprint != "" && row.JWKThumbprint != request.proof.thumbprint:
		return models.Tokens{}, d.wrongKey(ctx, row, request)
	}
	if _, refusal := d.Store.ChosenResource(row.Resources, request.client.Parameters); refusal != nil {
		return models.Tokens{}, refusal
	}
	switch verdict := d.verdict(row); verdict {
	case oauth.Redeem, oauth.Replayed:
	case oauth.Denied:
		return models.Tokens{}, oauth.Declined(row.ToldReason())
	default:
		return models.Tokens{}, verdict.Error()
	}
	tokens, err := d.Store.Redeem(ctx, models.Redemption{
		ClientID: request.client.ID, DeviceCode: code, Thumbprint: request.proof.thumbprint,
		Audience: request.get(oauth.ParamResource), Address: request.address, Proofs: request.proofs(),
	})
	if err != nil {
		return models.Tokens{}, d.refusedRedemption(ctx, err, row, request)
	}
	return tokens, nil
}

// wrongKey answers a code that is bound to another key. Long after its redemption this
// is a late replay like any other: the binding's tokens die (docs/architecture.md §4.8).
func (d *Device) wrongKey(ctx context.Context, row models.DeviceAuthorization, request tokenRequest) error {
	if row.State == models.Redeemed && models.At(d.Store.Now()) >= row.ReissueUntil() {
		if err := d.Store.ReplayedRedemption(ctx, row, request.address, request.proofs()); err != nil {
			return err
		}
	}
	return invalidDeviceCode()
}

// canCollect reports whether there is something for a client that asks faster than its limit
// allows (docs/protocol.md §6 steady-poller); everything else it asks is not looked at.
func (d *Device) canCollect(row models.DeviceAuthorization) bool {
	return row.ID != "" && oauth.Verdict(row.PollQuestion(models.At(d.Store.Now()), false)) == oauth.Redeem
}

// verdict asks the pacer last, and about a pending request only: a fast poller still
// collects what was approved (docs/protocol.md §6 steady-poller). Who keeps the pace counts
// for the interval that others are told.
func (d *Device) verdict(row models.DeviceAuthorization) oauth.PollVerdict {
	now := d.Store.Now()
	question := row.PollQuestion(models.At(now), false)
	if verdict := oauth.Verdict(question); verdict != oauth.Pending {
		return verdict
	}
	interval := time.Duration(row.PollInterval) * time.Second
	if question.TooFast = d.pacer.Poll(row.ID, interval, now); !question.TooFast {
		d.load.Polled(interval, now)
	}
	return oauth.Verdict(question)
}

// refusedRedemption words what the models refused. A code that was redeemed before is a
// replay unless it came too soon for one: its tokens die (docs/architecture.md §4.8).
func (d *Device) refusedRedemption(ctx context.Context, err error, row models.DeviceAuthorization, request tokenRequest) error {
	var conflict *models.StateConflictError
	switch {
	case errors.Is(err, models.ErrTooSoon):
		return oauth.SlowDown.Error()
	case errors.As(err, &conflict):
		return d.conflictingRedemption(ctx, conflict, row, request)
	case errors.Is(err, models.ErrUnknownDeviceCode), errors.Is(err, models.ErrWrongKey):
		return invalidDeviceCode()
	case errors.Is(err, models.ErrAccountNotActive), errors.Is(err, models.ErrBindingRevoked), errors.Is(err, models.ErrClientNotActive):
		if row.State == models.Redeemed {
			return invalidDeviceCode()
		}
		return oauth.Denied.Error()
	}
	return err
}

func (d *Device) conflictingRedemption(ctx context.Context, conflict *models.StateConflictError, row models.DeviceAuthorization,
	request tokenRequest) error {
	switch phase := conflict.Phase; {
	case phase.Is(models.Redeemed):
		if err := d.Store.ReplayedRedemption(ctx, row, request.address, request.proofs()); err != nil {
			return err
		}
		return oauth.Replayed.Error()
	case phase == models.Expired, phase == models.Lapsed:
		return oauth.Expired.Error()
	case phase.Is(models.Declined):
		return oauth.Denied.Error()
	}
	return invalidDeviceCode()
}

// invalidDeviceCode is the one answer to a code that is unknown, another client's,
// another key's or used: it says nothing of which (docs/protocol.md §6 another-client).
func invalidDeviceCode() error { return oauth.Replayed.Error() }
