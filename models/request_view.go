package models

import (
	"context"
	"strings"
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
	return one(s.requests(ctx, requestByID, given{"id": id}))
}

// requestsListed bounds a list of requests: what waits comes first.
const requestsListed = 30

// ruledView is a RequestView as it lies in the database.
type ruledView struct {
	RequestView
	Ruled bool // a rule names it
}

// The questions for requests.
var (
	requestByID     = asking[ruledView](requestsWithNames("device_authorizations AS d") + " WHERE d.id = @id")
	requestsHandled = asking[ruledView](requestsWithNames("device_authorizations AS d") + " WHERE " + handledAt + requestsInOrder)
	requestsShown   = askingPatiently[ruledView](requestsWithNames("("+shownRequests+
		") AS shown JOIN device_authorizations AS d ON d.id = shown.id") + requestsInOrder)
)

func (s *Store) requests(ctx context.Context, which *question[ruledView], values given) ([]RequestView, error) {
	return s.requestsIn(s.reader(ctx), which, values)
}

// requestsWithNames are the requests d with the names that pages show, and whether a rule names them. PostgreSQL seeks no order for
// more than eight tables (join_collapse_limit): what finds the requests comes first.
func requestsWithNames(from string) string {
	return "SELECT " + columnsOf[DeviceAuthorization]("d") + `,
		clients.client_name, clients.software_id, coalesce(publishers.name, '') AS publisher_name,
		(clients.verified_publisher_id IS NOT NULL) AS verified,
		coalesce(claimer.name, '') AS claim_staff, coalesce(claim_counter.name, '') AS claim_counter,
		coalesce(decider.name, '') AS decided_staff,
		clients.presence_required OR coalesce(software.presence_required, FALSE)
			OR coalesce(accounts.presence_required, FALSE) AS presence_required,
		coalesce(software.name, '') AS software_name,
		software.id IS NOT NULL AS software_listed, coalesce(software.scope, '') AS software_scope,
		EXISTS (SELECT 1 FROM ending_rules AS r WHERE ` + namesIt + `) AS ruled
	FROM ` + from + `
	JOIN clients ON clients.id = d.client_id
	LEFT JOIN software ON software.id = clients.software_id
	LEFT JOIN publishers ON publishers.id = software.publisher_id
	LEFT JOIN accounts ON accounts.id = d.account_id
	LEFT JOIN staff AS claimer ON claimer.id = d.claim_staff_id
	LEFT JOIN counters AS claim_counter ON claim_counter.id = d.claim_counter_id
	LEFT JOIN staff AS decider ON decider.id = d.decided_staff_id`
}

// requestsInOrder follows the condition: what waits comes first.
const requestsInOrder = ` ORDER BY CASE WHEN d.decided_at = 0 AND d.pending_until > @now THEN 0 ELSE 1 END, d.created_at DESC LIMIT @all`

// requestsIn is requests in a transaction, or outside of any.
func (s *Store) requestsIn(t *tx, which *question[ruledView], values given) ([]RequestView, error) {
	rows, err := which.all(t, values)
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
	err = t.obeyRules(ruled...)
	for i := range list {
		list[i].Phase = list[i].PhaseAt(t.now)
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
