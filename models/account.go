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
	row, err := rowOf[Account](s.reader(ctx), "WHERE id = $1", id)
	return row, notFound(err)
}

// accountRow is an account with one of its identifiers.
type accountRow struct {
	Account
	Identifier string // "" where it has none
	Failures   int    // wrong codes that count
}

// askAccount finds an account, a row for each of its identifiers.
var askAccount = asking[accountRow]("SELECT " + columnsOf[Account]("a") + `, coalesce(i.identifier, '') AS identifier,
		(SELECT count(*) FROM match_failures AS f WHERE f.account_id = a.id AND f.failed_at > a.match_unlocked_at
			AND f.failed_at > @since AND NOT f.while_locked) AS failures
	FROM accounts AS a LEFT JOIN account_identifiers AS i ON i.account_id = a.id WHERE a.id = @account ORDER BY i.position`)

// AccountRecord finds an account without its requests. Error: ErrNotFound.
func (s *Store) AccountRecord(ctx context.Context, id string) (AccountView, error) {
	reading := s.reader(ctx)
	rows, err := askAccount.all(reading, given{"account": id, "since": reading.now.Add(-wrongCodeMemory)})
	if err == nil && len(rows) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return AccountView{}, err
	}
	view := AccountView{Account: rows[0].Account, TriesLeft: s.triesAfter(rows[0].Account, rows[0].Failures)}
	for _, row := range rows {
		if row.Identifier != "" {
			view.Identifiers = append(view.Identifiers, row.Identifier)
		}
	}
	return view, nil
}

// Account finds an account and its requests. Error: ErrNotFound.
func (s *Store) Account(ctx context.Context, id string) (AccountView, error) {
	view, err := s.AccountRecord(ctx, id)
	if err != nil {
		return view, err
	}
	now := At(s.now())
	view.Requests, err = s.requests(ctx, requestsShown, given{
		"account": id, "since": now.Add(-shownAfterEnd), "now": now, "together": shownTogether, "all": requestsListed, "newest": newestLookedAt,
	})
	if err != nil {
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
	account, err := rowOf[Account](t, "WHERE id = $1", identifier.AccountID)
	return FoundAccount{account, identifier.Identifier}, err
}

// Waiting counts what waits for an account, up to WaitingCounted + 1.
func (s *Store) Waiting(ctx context.Context, accountID string) (int, error) {
	return s.waitingOfAccount(ctx, accountID, WaitingCounted+1)
}

// waitingOfAccount counts what waits of the newest newestLookedAt requests of an account, as far as to the limit.
func (s *Store) waitingOfAccount(ctx context.Context, accountID string, limit int) (int, error) {
	reading := s.reader(ctx)
	found, err := askWaiting.first(reading, given{"account": accountID, "now": reading.now, "newest": newestLookedAt, "limit": limit})
	return found.Count, err
}

var askWaiting = askingPatiently[struct{ Count int }]("SELECT count(*) AS count FROM (SELECT 1 FROM " +
	newestOf("account_id = @account") + " WHERE " + stillWaits + " LIMIT @limit) AS waiting")
