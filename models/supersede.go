package models

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"

	"countersign/audit"
	"countersign/models/keys"
	"countersign/models/spelling"
)

// WaitingPerNetwork is what there is too much of in the *TooManyError of a request beyond Policy.WaitingPerNetwork: those for one
// account identifier that wait from one network, of whichever clients. A stranger in a network cannot fill the disk. Requests from
// other networks always get in.
const WaitingPerNetwork = "requests that wait for this identifier from this network: ask from another network, or tomorrow"

// placeOf finds what a request needs to know of what is there, in one statement: the account that its identifier names, "" for
// none; the number of the newest entry in the trail; and how many requests for the identifier wait from its network.
const placeOf = `SELECT coalesce((SELECT account_id FROM account_identifiers WHERE key = $1), ''),
	(SELECT coalesce(max(seq), 0) FROM audit_events),
	(SELECT count(*) FROM (SELECT 1 FROM device_authorizations AS d
		WHERE d.login_hint_mac = $2 AND d.network = $3 AND d.network <> '' AND d.pending_until > $4
			AND d.state IN ('pending', 'matched', 'proofed') AND NOT ` + endedByStaff + ` LIMIT $5) AS w)`

// findPlace gives a request its account and its place in the trail. It is the same statement whether the identifier names an
// account or not. It refuses one that is one too many for its identifier from its network, and never counts further. A
// network that cannot be told is none. What ended with its client keeps its place until its window is over: whoever lets
// clients ask and delete themselves would otherwise have any number of rows, which every further request had to walk over.
// What staff ended for the account gives its place back. Error: *TooManyError.
func (t *tx) findPlace(row *DeviceAuthorization, identifier string) error {
	var accountID string
	var waiting int64
	most := t.store.policy.WaitingPerNetwork
	err := t.ask(placeOf, []any{identifier, row.LoginHintMAC, row.Network, t.now, most}, &accountID, &row.RulesAfter, &waiting)
	if err == nil && waiting >= int64(most) {
		err = &TooManyError{What: WaitingPerNetwork, RetryAfter: 24 * time.Hour}
	}
	if accountID != "" {
		row.AccountID = &accountID
	}
	return err
}

// WaitingPerPhone is how many requests of one client instance wait for one account
// identifier, unless Policy says another number. Another one is never refused: the oldest that nobody handles falls out
// (docs/decisions/0011-pending-requests.md).
const WaitingPerPhone = 3

// loginHintMACs returns what stands for an account identifier, given by its spelling.Key, whether it names an account or not:
// what somebody typed is not kept. The second one is what it was when it shared a key with user codes: a request from then may
// wait.
func (s *Store) loginHintMACs(identifier string) (macs [2]string) {
	text := "login_hint\x00" + identifier
	for i, purpose := range [...]keys.Purpose{keys.LoginHint, keys.UserCode} {
		macs[i] = base64.RawURLEncoding.EncodeToString(s.mac(purpose, text))
	}
	return macs
}

// mac is the HMAC of a text under the key for a purpose.
func (s *Store) mac(purpose keys.Purpose, text string) []byte {
	mac := hmac.New(sha256.New, s.keys.MACKey(purpose))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// thatWaits is what waits of a phone $1 for an identifier, by its MACs $2 and $3, at the moment $4.
const thatWaits = `AS d WHERE d.client_id = $1 AND d.login_hint_mac IN ($2, $3) AND d.pending_until > $4
	AND d.state IN ('pending', 'matched', 'proofed') AND NOT ` + endedByRule

// Waits reports whether a request of the client instance waits for this account identifier.
// It takes the same statement whether the identifier names an account or not.
func (s *Store) Waits(ctx context.Context, clientID, loginHint string) (bool, error) {
	var waits bool
	macs, reader := s.loginHintMACs(spelling.Key(loginHint)), s.reader(ctx)
	err := reader.ask("SELECT EXISTS (SELECT 1 FROM device_authorizations "+thatWaits+")",
		[]any{clientID, macs[0], macs[1], reader.now}, &waits)
	return waits, err
}

// waitingOf holds what waits of a phone for an identifier, before the trail is told
// anything (see lock.go), the oldest first. The caller has called requestsOf.
func (t *tx) waitingOf(clientID string, loginHintMACs [2]string) ([]DeviceAuthorization, error) {
	waiting, err := allOf[DeviceAuthorization](t, thatWaits+t.holdingInOrder("d.id"), clientID, loginHintMACs[0], loginHintMACs[1], t.now)
	t.readClock()
	slices.SortFunc(waiting, func(a, b DeviceAuthorization) int {
		return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return waiting, err
}

// makeRoom lets the phone's oldest requests for the identifier fall out until another
// one fits. It counts by identifier and not by account, or a phone could find out which
// identifiers belong together; and it takes the same statements whether the identifier
// names an account or not (docs/architecture.md §4.1). Nobody's requests but the phone's own
// ever fall out. counted is the hour in which the new request is counted, 0 for none.
func (t *tx) makeRoom(waiting []DeviceAuthorization, counted Instant) error {
	tooMany := len(waiting) - (t.store.policy.WaitingPerPhone - 1)
	for _, oldest := range waiting {
		if tooMany <= 0 {
			break
		}
		fellOut, err := t.supersede(oldest, counted)
		if err != nil {
			return err
		}
		if fellOut {
			tooMany--
		}
	}
	return nil
}

// supersede ends a request that nobody handles, as its window would: the phone's next
// poll is answered expired_token (RFC 8628 §3.5). What somebody of the staff had in hand
// is never only counted.
func (t *tx) supersede(d DeviceAuthorization, counted Instant) (bool, error) {
	changed, err := t.do(`UPDATE device_authorizations SET pending_until = $1 WHERE id = $2 AND pending_until > $1
		AND (state = 'pending' OR (state IN ('matched', 'proofed') AND claim_until <= $1))`, t.now, d.ID)
	if err != nil || changed == 0 {
		return false, err
	}
	facts := audit.Facts{
		Actor: &audit.Actor{Client: d.ClientID}, Client: d.ClientID, KeyThumbprint: d.JWKThumbprint, DeviceAuthorization: d.ID,
	}
	if d.State != Pending {
		counted = 0
	}
	if counted == 0 {
		if err := t.making(d, &facts); err != nil {
			return false, err
		}
	}
	event := audit.Event{Type: audit.DeviceAuthorizationSuperseded, Subject: deref(d.AccountID), Transaction: d.ID, Facts: facts}
	return true, t.recordOrCount(event, counted)
}
