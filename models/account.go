package models

import (
	"context"
	"time"
)

// shownAfterEnd is how long the counter can say how a request ended: people come with a
// code that did not work, and only staff can see why.
const shownAfterEnd = 14 * 24 * time.Hour

// AccountView is an account with what the console shows of it.
type AccountView struct {
	Account
	Identifiers []string
	Requests    []RequestView // newest first: what waits, and what ended in the last 14 days; see shownTogether
	NotShown    int           // further requests that wait
	TriesLeft   int           // wrong codes that may still be entered; 0 means locked
}

// Locked says that no code can be matched until a supervisor has looked.
func (a AccountView) Locked() bool { return a.TriesLeft == 0 }

// Account finds an account and its requests. Error: ErrNotFound.
func (s *Store) Account(ctx context.Context, id string) (AccountView, error) {
	var view AccountView
	db := s.reading(ctx)
	if err := db.Where("id = ?", id).First(&view.Account).Error; err != nil {
		return view, notFound(err)
	}
	err := db.Model(&AccountIdentifier{}).Where("account_id = ?", id).Order("position").Pluck("identifier", &view.Identifiers).Error
	if err != nil {
		return view, err
	}
	now := At(s.now())
	reading := s.reader(ctx)
	if view.TriesLeft, err = reading.triesLeft(view.Account); err != nil {
		return view, err
	}
	since := now.Add(-shownAfterEnd)
	if view.Requests, err = s.requests(ctx, "d.id IN (?)", s.reading(ctx).Raw(shownRequests, map[string]any{
		"account": id, "since": since, "now": now, "together": shownTogether, "all": requestsShown,
	})); err != nil {
		return view, err
	}
	view.NotShown, err = s.notShown(ctx, view, now)
	return view, err
}

// shownTogether is how many requests of one app the list shows, of those that wait and
// of those that ended. The code of each of them matches, shown or not, so that nobody
// can push the owner's request out of a visit by asking often
// (docs/decisions/0011-pending-requests.md).
const shownTogether = 3

// shownRequests picks the requests of an account that its list shows: what is being
// handled, and three of every app, whatever their networks. Among those of one app the
// newest of each network comes before the second of any: a flood from one network hides
// nothing that came from another.
const shownRequests = `SELECT id FROM (
	SELECT id, created_at, ended, CASE handled WHEN 1 THEN 0 ELSE
		row_number() OVER (PARTITION BY software_id, ended, handled ORDER BY in_network, created_at DESC, id) END AS place
	FROM (
		SELECT id, created_at, software_id, ended, handled,
			row_number() OVER (PARTITION BY software_id, origin, ended, handled ORDER BY created_at DESC, id) AS in_network
		FROM (
			SELECT d.id, d.created_at, clients.software_id, CASE d.network WHEN '' THEN d.address ELSE d.network END AS origin,
				CASE WHEN d.decided_at = 0 AND d.pending_until > @now THEN 0 ELSE 1 END AS ended,
				CASE WHEN d.state IN ('matched', 'proofed') AND d.claim_until > @now AND d.pending_until > @now THEN 1 ELSE 0 END AS handled
			FROM device_authorizations AS d JOIN clients ON clients.id = d.client_id
			WHERE d.account_id = @account AND (d.pending_until > @since OR d.redeem_until > @since)
		) AS known
	) AS by_network
) AS by_app WHERE place <= @together ORDER BY ended, place, created_at DESC LIMIT @all`

// notShown counts what waits and is not in the view.
func (s *Store) notShown(ctx context.Context, view AccountView, now Instant) (int, error) {
	var waiting int64
	err := s.reading(ctx).Model(&DeviceAuthorization{}).
		Where("account_id = ? AND state IN ? AND pending_until > ?", view.ID, openStates(), now).
		Count(&waiting).Error
	for _, request := range view.Requests {
		if request.waits() {
			waiting--
		}
	}
	return max(0, int(waiting)), err
}

// FoundAccount is one account that a search found.
type FoundAccount struct {
	Account
	Identifier string // the one that was found, or the first
	Waiting    int    // requests that can be decided now
}

func (t *tx) foundAccount(identifier AccountIdentifier) (FoundAccount, error) {
	found := FoundAccount{Identifier: identifier.Identifier}
	if err := t.Where("id = ?", identifier.AccountID).First(&found.Account).Error; err != nil {
		return found, err
	}
	var waiting int64
	err := t.Model(&DeviceAuthorization{}).
		Where("account_id = ? AND state IN ? AND pending_until > ?", found.ID, openStates(), t.now).
		Count(&waiting).Error
	found.Waiting = int(waiting)
	return found, err
}
