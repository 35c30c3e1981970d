package models

import (
	"context"
	"errors"
	"time"

	"countersign/audit/term"
)

// ShownRequest is a device authorization as a command shows it to an administrator, with what decides what its phone is told.
type ShownRequest struct {
	RequestView
	AccountStatus  string  // "": it names no account
	ClientStatus   string  // as it stands now
	DecidedCounter string  // "": nobody decided at a counter
	Binding        Binding // the zero one: its approval made none yet
	AnsweredAt     Instant // when the code was traded for the tokens that it has now, 0 when it has none
	Now            Instant // the moment of all this
}

// ShowRequestByCommand finds a device authorization by its identifier, or by that of its binding. Where it names an account, that
// one's record is opened by the command first, as an event. Error: ErrNotFound.
func (s *Store) ShowRequestByCommand(ctx context.Context, id string) (shown ShownRequest, err error) {
	shown.RequestView, err = s.Request(ctx, id)
	if errors.Is(err, ErrNotFound) {
		var binding Binding
		if binding, err = s.Binding(ctx, id); err == nil {
			shown.RequestView, err = s.Request(ctx, binding.DeviceAuthorizationID)
		}
	}
	if err != nil {
		return shown, err
	}
	if shown.AccountID != nil {
		if err := s.OpenRecordByCommand(ctx, *shown.AccountID, term.QueryRequest); err != nil {
			return shown, err
		}
	}
	return shown, s.around(ctx, &shown)
}

// TooSoonUntil is until when its redemption, repeated with the same key, changes nothing and is told to slow down
// (docs/decisions/0004-repeated-redemption.md).
func (r ShownRequest) TooSoonUntil() Instant {
	return max(r.RedeemedAt, r.AnsweredAt).Add(time.Duration(r.PollInterval) * time.Second)
}

// AnswersAgain reports whether its redemption, repeated with the same key after TooSoonUntil and before ReissueUntil, is given its
// answer again: while none of its tokens was used.
func (r ShownRequest) AnswersAgain() bool {
	return r.Now < r.ReissueUntil() && r.Binding.UsedAt == 0 && r.AnsweredAt != 0
}

// around adds what lies beside the request.
func (s *Store) around(ctx context.Context, shown *ShownRequest) error {
	reading := s.reader(ctx)
	shown.Now = reading.now
	client, err := rowOf[Client](reading, "WHERE id = $1", shown.ClientID)
	if err != nil {
		return notFound(err)
	}
	shown.ClientStatus = client.Status
	if shown.AccountID == nil {
		return nil
	}
	account, err := rowOf[Account](reading, "WHERE id = $1", *shown.AccountID)
	if err != nil {
		return notFound(err)
	}
	shown.AccountStatus = account.Status
	if shown.DecidedCounterID != nil {
		counter, err := s.Counter(ctx, *shown.DecidedCounterID)
		if err != nil {
			return err
		}
		shown.DecidedCounter = counter.Name
	}
	shown.Binding, err = ifAny(rowOf[Binding](reading, "WHERE device_authorization_id = $1", shown.ID))
	if err == nil {
		err = reading.judgeEnd(&shown.Binding)
	}
	if err != nil || shown.RedeemedAt == 0 {
		return err
	}
	newest, err := ifAny(rowOf[RefreshToken](reading, "WHERE binding_id = $1 ORDER BY created_at DESC LIMIT 1", shown.Binding.ID))
	if newest.TokenHash != "" {
		shown.AnsweredAt = max(shown.RedeemedAt, newest.CreatedAt)
	}
	return err
}
