package models

import (
	"context"
	"errors"
	"fmt"
	"time"

	"countersign/audit"
	"countersign/models/keys"
	"countersign/models/spelling"
	"countersign/oauth"

	"gorm.io/gorm"
)

// DeviceAuthorizationRequest is a checked request of an authenticated client
// (RFC 8628 §3.1).
type DeviceAuthorizationRequest struct {
	Client     Client
	LoginHint  string
	Scope      oauth.Scope
	Resources  oauth.Resources // none: the first one of the policy
	Instance   oauth.Instance
	Thumbprint string // DPoP key that the codes get bound to; "" when there was no proof
	Address    string
	Counted    bool // as Stranger.Counted

	// Interval is what the phone is told to wait between polls, and held to, in whole seconds: more than the policy's where
	// many poll. The policy's is the least.
	Interval time.Duration
	Proofs   []UsedProof // the assertion and the DPoP proof that paid for it
}

// IssuedCodes is what the phone gets: the only place where the codes are in clear.
type IssuedCodes struct {
	DeviceAuthorizationID string
	DeviceCode            string
	UserCode              oauth.UserCode
	ExpiresIn             time.Duration
	Interval              time.Duration
}

// RequestDeviceAuthorization makes a pending request. A login_hint that names no
// account takes the same way through the same statements and gets the same answer;
// its row simply belongs to nobody (docs/architecture.md §4.1). Errors: ErrReplayed,
// ErrClientNotActive (it was disabled or deleted meanwhile), ErrScopeWithdrawn, gorm.ErrDuplicatedKey after mostDraws.
func (s *Store) RequestDeviceAuthorization(ctx context.Context, request DeviceAuthorizationRequest) (codes IssuedCodes, err error) {
	for range mostDraws {
		codes, err = s.requestOnce(ctx, request)
		// Two equal user codes meet at the unique index; the loser draws again.
		if !errors.Is(err, gorm.ErrDuplicatedKey) {
			return codes, err
		}
	}
	return IssuedCodes{}, fmt.Errorf("%d draws of codes that are there already: %w", mostDraws, err)
}

// mostDraws is how often codes are drawn for a request. With ten million that wait, one draw in 2,500 meets a code that is there.
const mostDraws = 10

func (s *Store) requestOnce(ctx context.Context, request DeviceAuthorizationRequest) (IssuedCodes, error) {
	codes, err := s.newCodes(request.Interval)
	if err != nil {
		return IssuedCodes{}, err
	}
	// What needs no look at the database is made before: others wait for the transaction.
	identifier := spelling.Key(request.LoginHint)
	macs := s.loginHintMACs(identifier)
	made := s.newRequest(request, codes)
	made.LoginHintMAC = macs[0]
	err = s.writePastTrail(ctx, func(tx *tx) error {
		if err := tx.requestsOf(request.Client.ID); err != nil {
			return err
		}
		waiting, err := tx.waitingOf(request.Client.ID, macs)
		if err != nil {
			return err
		}
		row := made // another try begins with it again
		client, scope, err := tx.mayAsk(request, made.Scope)
		if err != nil {
			return err
		}
		row.Scope = scope
		row.CreatedAt, row.PendingUntil, row.CountedHour = tx.now, tx.now.Add(codes.ExpiresIn), tx.countedHour(request.Counted)
		if err := tx.findPlace(&row, identifier); err != nil {
			return err
		}
		if err := tx.makeRoom(waiting, row.CountedHour); err != nil {
			return err
		}
		if err := tx.insert(&row); err != nil {
			return err
		}
		if err := tx.notify(NoticeRequested, row.AccountID, row.ID, row.PendingUntil); err != nil {
			return err
		}
		return tx.recordRequest(row, client)
	})
	return codes, err
}

// newRequest is the row of a request as far as it follows from what was asked.
func (s *Store) newRequest(request DeviceAuthorizationRequest, codes IssuedCodes) DeviceAuthorization {
	return DeviceAuthorization{
		ID: codes.DeviceAuthorizationID, ClientID: request.Client.ID, Scope: request.Scope.String(), State: Pending,
		DeviceCodeHash: oauth.HashDeviceCode(codes.DeviceCode), UserCodeMAC: codes.UserCode.MAC(s.keys.MACKey(keys.UserCode)),
		Resources: request.Resources.String(), InstanceName: request.Instance.Name, InstanceDescription: request.Instance.Description,
		JWKThumbprint: request.Thumbprint, Address: request.Address, Network: NetworkOf(request.Address),
		PollInterval: int(codes.Interval / time.Second),
	}
}

func (t *tx) recordRequest(row DeviceAuthorization, client Client) error {
	return t.recordOrCount(audit.Event{Type: audit.DeviceAuthorizationRequested,
		Subject: deref(row.AccountID), Transaction: row.ID, Facts: audit.Facts{
			Actor: &audit.Actor{Client: row.ClientID}, Client: row.ClientID, KeyThumbprint: row.JWKThumbprint,
			DeviceAuthorization: row.ID, PendingUntil: row.PendingUntil.secondsPointer(),
			Scope: row.Scope, Resource: row.Resources, Address: row.Address, RegisteredAt: client.registered(),
		}}, row.CountedHour)
}

func (s *Store) newCodes(interval time.Duration) (codes IssuedCodes, err error) {
	codes.ExpiresIn, codes.Interval = s.policy.PendingWindow, max(interval, s.policy.Interval)
	now := s.now()
	if codes.DeviceAuthorizationID, err = newIDAt(s.rand, At(now)); err != nil {
		return codes, err
	}
	if codes.DeviceCode, err = oauth.NewDeviceCode(s.rand, now); err != nil {
		return codes, err
	}
	codes.UserCode, err = oauth.NewUserCode(s.rand)
	return codes, err
}
