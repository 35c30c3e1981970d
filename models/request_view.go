package models

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"
)

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

	SoftwareName   string // "" as PublisherName
	SoftwareListed bool   // a registered publisher has the app
	SoftwareScope  string // what that may have now; Scope is no more while it is undecided
}

// waits says that the request can still be decided.
func (r RequestView) waits() bool {
	return r.Phase.Open()
}

// Request finds one device authorization with its names. Error: ErrNotFound.
func (s *Store) Request(ctx context.Context, id string) (RequestView, error) {
	return one(s.requests(ctx, "d.id = ?", id))
}

// requestsShown bounds the list of an account: what waits comes first.
const requestsShown = 30

func (s *Store) requests(ctx context.Context, where string, args ...any) ([]RequestView, error) {
	return s.requestsIn(s.reading(ctx), where, args...)
}

// requestsWithNames are the requests d with the names that pages show, and whether a rule names them. A condition on d follows.
const requestsWithNames = `SELECT d.*, clients.client_name, clients.software_id, coalesce(publishers.name, '') AS publisher_name,
		(clients.verified_publisher_id IS NOT NULL) AS verified,
		coalesce(claimer.name, '') AS claim_staff, coalesce(claim_counter.name, '') AS claim_counter,
		coalesce(decider.name, '') AS decided_staff,
		clients.presence_required OR coalesce(software.presence_required, FALSE)
			OR coalesce(accounts.presence_required, FALSE) AS presence_required,
		coalesce(software.name, '') AS software_name,
		software.id IS NOT NULL AS software_listed, coalesce(software.scope, '') AS software_scope,
		EXISTS (SELECT 1 FROM ending_rules AS r WHERE ` + namesIt + `) AS ruled
	FROM device_authorizations AS d
	JOIN clients ON clients.id = d.client_id
	LEFT JOIN software ON software.id = clients.software_id
	LEFT JOIN publishers ON publishers.id = software.publisher_id
	LEFT JOIN accounts ON accounts.id = d.account_id
	LEFT JOIN staff AS claimer ON claimer.id = d.claim_staff_id
	LEFT JOIN counters AS claim_counter ON claim_counter.id = d.claim_counter_id
	LEFT JOIN staff AS decider ON decider.id = d.decided_staff_id
	WHERE `

// requestsInOrder follows the condition: what waits comes first. It takes the moment, and how many at most.
const requestsInOrder = ` ORDER BY CASE WHEN d.decided_at = 0 AND d.pending_until > ? THEN 0 ELSE 1 END, d.created_at DESC LIMIT ?`

// requestsIn is requests in a transaction, or outside of any.
func (s *Store) requestsIn(db *gorm.DB, where string, args ...any) ([]RequestView, error) {
	var rows []struct {
		RequestView
		Ruled bool
	}
	args = slices.Concat(args, []any{At(s.now()), requestsShown})
	err := db.Raw(requestsWithNames+where+requestsInOrder, args...).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	list := make([]RequestView, len(rows))
	var ruled []*DeviceAuthorization
	for i, row := range rows {
		if list[i] = row.RequestView; row.Ruled {
			ruled = append(ruled, &list[i].DeviceAuthorization)
		}
	}
	err = (&tx{DB: db, store: s, reads: true}).obeyRules(ruled...)
	now := At(s.now())
	for i := range list {
		list[i].Phase = list[i].PhaseAt(now)
		list[i].PresenceRequired = list[i].PresenceRequired || s.policy.presenceForScope(list[i].Scope)
		claimed := list[i].Phase.Claimed()
		if list[i].SoftwareListed && (claimed || list[i].Phase.Is(Pending)) {
			list[i].Scope = intersect(strings.Fields(list[i].Scope), strings.Fields(list[i].SoftwareScope)).String()
		}
		if !claimed {
			list[i].ClaimStaff, list[i].ClaimCounter = "", ""
		}
	}
	return list, err
}
