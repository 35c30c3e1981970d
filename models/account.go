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
	NotShown    int           // further requests that wait, NotShownCounted + 1 at most
	TriesLeft   int           // wrong codes that may still be entered; 0 means locked
}

// Locked says that no code can be matched until a supervisor has looked.
func (a AccountView) Locked() bool { return a.TriesLeft == 0 }

// PlainAccount finds an account's own row. Error: ErrNotFound.
func (s *Store) PlainAccount(ctx context.Context, id string) (Account, error) {
	var row Account
	err := s.reading(ctx).Where("id = ?", id).First(&row).Error
	return row, notFound(err)
}

// AccountRecord finds an account without its requests. Error: ErrNotFound.
func (s *Store) AccountRecord(ctx context.Context, id string) (AccountView, error) {
	var view AccountView
	var err error
	if view.Account, err = s.PlainAccount(ctx, id); err != nil {
		return view, err
	}
	err = s.reading(ctx).Model(&AccountIdentifier{}).Where("account_id = ?", id).Order("position").Pluck("identifier", &view.Identifiers).Error
	if err != nil {
		return view, err
	}
	view.TriesLeft, err = s.reader(ctx).triesLeft(view.Account)
	return view, err
}

// Account finds an account and its requests. Error: ErrNotFound.
func (s *Store) Account(ctx context.Context, id string) (AccountView, error) {
	view, err := s.AccountRecord(ctx, id)
	if err != nil {
		return view, err
	}
	now := At(s.now())
	since := now.Add(-shownAfterEnd)
	// In one statement with their names they would be the ninth table to join, for which PostgreSQL (join_collapse_limit) seeks no
	// order: it would walk over all requests.
	var shown []string
	if err := s.reading(ctx).Raw(shownRequests, map[string]any{
		"account": id, "since": since, "now": now, "together": shownTogether, "all": requestsShown, "newest": newestLookedAt,
	}).Scan(&shown).Error; err != nil {
		return view, err
	}
	if view.Requests, err = s.requests(ctx, "d.id IN ?", shown); err != nil {
		return view, err
	}
	view.NotShown, err = s.notShown(ctx, view)
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
// nothing that came from another. It looks at the newest newestLookedAt requests, and at what is handled.
const shownRequests = `SELECT id FROM (
	SELECT id, created_at, ended, CASE handled WHEN 1 THEN 0 ELSE
		row_number() OVER (PARTITION BY software_id, ended, handled ORDER BY in_network, created_at DESC, id) END AS place
	FROM (
		SELECT id, created_at, software_id, ended, handled,
			row_number() OVER (PARTITION BY software_id, origin, ended, handled ORDER BY created_at DESC, id) AS in_network
		FROM (
			SELECT d.id, d.created_at, clients.software_id, CASE d.network WHEN '' THEN d.address ELSE d.network END AS origin,
				CASE WHEN ` + stillWaits + ` THEN 0 ELSE 1 END AS ended,
				CASE WHEN d.state IN ('matched', 'proofed') AND d.claim_until > @now AND ` + stillWaits + ` THEN 1 ELSE 0 END AS handled
			FROM device_authorizations AS d JOIN clients ON clients.id = d.client_id
			WHERE d.id IN (
				SELECT id FROM (SELECT id FROM device_authorizations WHERE account_id = @account ORDER BY created_at DESC LIMIT @newest) AS newest
				UNION SELECT id FROM device_authorizations WHERE account_id = @account AND state IN ('matched', 'proofed') AND claim_until > @now)
			AND (d.pending_until > @since OR d.redeem_until > @since)
		) AS known
	) AS by_network
) AS by_app WHERE place <= @together ORDER BY ended, place, created_at DESC LIMIT @all`

// NotShownCounted is how many waiting requests the list of an account counts beyond those that it shows: one more stands
// for any number above.
const NotShownCounted = 1000

// notShown counts what waits and is not in the view.
func (s *Store) notShown(ctx context.Context, view AccountView) (int, error) {
	shown := 0
	for _, request := range view.Requests {
		if request.waits() {
			shown++
		}
	}
	waiting, err := s.waitingOfAccount(ctx, view.ID, shown+NotShownCounted+1)
	return max(0, waiting-shown), err
}

// WaitingCounted is how many waiting requests of an account are counted for a search or a notice: one more stands for any
// number above.
const WaitingCounted = 100

// FoundAccount is one account that a search found.
type FoundAccount struct {
	Account
	Identifier string // the one that was found, or the first
}

func (t *tx) foundAccount(identifier AccountIdentifier) (FoundAccount, error) {
	found := FoundAccount{Identifier: identifier.Identifier}
	err := t.Where("id = ?", identifier.AccountID).First(&found.Account).Error
	return found, err
}

// Waiting counts what waits for an account, up to WaitingCounted + 1.
func (s *Store) Waiting(ctx context.Context, accountID string) (int, error) {
	return s.waitingOfAccount(ctx, accountID, WaitingCounted+1)
}

// waitingOfAccount counts what waits of the newest newestLookedAt requests of an account, as far as to the limit.
func (s *Store) waitingOfAccount(ctx context.Context, accountID string, limit int) (count int, err error) {
	err = s.reading(ctx).Raw(`SELECT count(*) FROM (SELECT 1 FROM `+newestOf("account_id = @account")+`
		WHERE `+stillWaits+` LIMIT @limit) AS waiting`,
		map[string]any{"account": accountID, "now": At(s.now()), "newest": newestLookedAt, "limit": limit}).Scan(&count).Error
	return count, err
}
