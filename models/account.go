package models

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm/clause"
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

// RequestView is a device authorization with the names that a page shows.
type RequestView struct {
	DeviceAuthorization
	Phase         Phase
	ClientName    string
	SoftwareID    string
	PublisherName string // "" when no registered publisher has the software_id
	Verified      bool   // the publisher has signed for it; otherwise the app only says so
	ClaimStaff    string // name of who handles it; "" when nobody does
	ClaimCounter  string
	DecidedStaff  string // name of who decided

	// PresenceRequired: a typed code does not match this request, and it is approved only
	// when it was matched by a presence proof.
	PresenceRequired bool

	SoftwareListed bool   // a registered publisher has the app
	SoftwareScope  string // what that may have now; Scope is no more while it is undecided
}

// Account finds an account and its requests. Error: ErrNotFound.
func (s *Store) Account(ctx context.Context, id string) (AccountView, error) {
	var view AccountView
	db := s.reading(ctx)
	if err := db.Where("id = ?", id).First(&view.Account).Error; err != nil {
		return view, lost(err)
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
		Where("account_id = ? AND state IN ? AND pending_until > ?", view.ID, []State{Pending, Matched, Proofed}, now).
		Count(&waiting).Error
	for _, request := range view.Requests {
		if request.waits() {
			waiting--
		}
	}
	return max(0, int(waiting)), err
}

// waits says that the request can still be decided.
func (r RequestView) waits() bool {
	return r.Phase == Phase(Pending) || r.Phase == Phase(Matched) || r.Phase == Phase(Proofed)
}

// Request finds one device authorization with its names. Error: ErrNotFound.
func (s *Store) Request(ctx context.Context, id string) (RequestView, error) {
	list, err := s.requests(ctx, "d.id = ?", id)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return RequestView{}, err
	}
	return list[0], nil
}

// requestsShown bounds the list of an account: what waits comes first.
const requestsShown = 30

func (s *Store) requests(ctx context.Context, where string, args ...any) ([]RequestView, error) {
	var list []RequestView
	err := s.reading(ctx).Table("device_authorizations AS d").
		Select(`d.*, clients.client_name, clients.software_id, coalesce(publishers.name, '') AS publisher_name,
			(clients.verified_publisher_id IS NOT NULL) AS verified,
			coalesce(claimer.name, '') AS claim_staff, coalesce(claim_counter.name, '') AS claim_counter,
			coalesce(decider.name, '') AS decided_staff,
			clients.presence_required OR coalesce(software.presence_required, FALSE)
				OR coalesce(accounts.presence_required, FALSE) AS presence_required,
			software.id IS NOT NULL AS software_listed, coalesce(software.scope, '') AS software_scope`).
		Joins("JOIN clients ON clients.id = d.client_id").
		Joins("LEFT JOIN software ON software.id = clients.software_id").
		Joins("LEFT JOIN publishers ON publishers.id = software.publisher_id").
		Joins("LEFT JOIN accounts ON accounts.id = d.account_id").
		Joins("LEFT JOIN staff AS claimer ON claimer.id = d.claim_staff_id").
		Joins("LEFT JOIN counters AS claim_counter ON claim_counter.id = d.claim_counter_id").
		Joins("LEFT JOIN staff AS decider ON decider.id = d.decided_staff_id").
		Where(where, args...).Clauses(clause.OrderBy{Expression: clause.Expr{
		SQL:  "CASE WHEN d.decided_at = 0 AND d.pending_until > ? THEN 0 ELSE 1 END, d.created_at DESC",
		Vars: []any{At(s.now())},
	}}).Limit(requestsShown).Scan(&list).Error
	now := At(s.now())
	for i := range list {
		list[i].Phase = list[i].PhaseAt(now)
		list[i].PresenceRequired = list[i].PresenceRequired || s.policy.presenceForScope(list[i].Scope)
		claimed := list[i].Phase == Phase(Matched) || list[i].Phase == Phase(Proofed)
		if list[i].SoftwareListed && (claimed || list[i].Phase == Phase(Pending)) {
			list[i].Scope = intersect(strings.Fields(list[i].Scope), strings.Fields(list[i].SoftwareScope)).String()
		}
		if !claimed {
			list[i].ClaimStaff, list[i].ClaimCounter = "", ""
		}
	}
	return list, err
}
