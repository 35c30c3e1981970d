package admin

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// staffShown is how many a page of staff has.
const staffShown = 50

// Staff lists who has signed in, by name: GET /admin/staff; after is the identifier of
// the one that the page goes on after, since names have no place in an address.
func (h *Admin) Staff(c echo.Context) error {
	ctx := c.Request().Context()
	var cursor models.StaffCursor
	var props views.StaffProps
	if after := c.QueryParam("after"); after != "" {
		name, err := h.app.Store.StaffName(ctx, after)
		if err != nil {
			return err
		}
		cursor, props.TopURL = models.StaffCursor{Name: name, ID: after}, views.PathStaff
	}
	list, err := h.app.Store.StaffSeen(ctx, cursor, staffShown+1)
	if err != nil {
		return err
	}
	if len(list) > staffShown {
		list = list[:staffShown]
		props.MoreURL = views.PathStaff + "?" + url.Values{"after": {list[staffShown-1].Staff.ID}}.Encode()
	}
	counters, err := h.app.Store.AllCounters(ctx)
	if err != nil {
		return err
	}
	for _, one := range list {
		props.Staff = append(props.Staff, h.staffMember(c, one, counters))
	}
	return web.Render(c, http.StatusOK, views.StaffPage(h.frame(c, views.Say(c.Request().Context(), "Staff")), props))
}

// StaffMember is the page about one of them: GET /admin/staff/:id.
func (h *Admin) StaffMember(c echo.Context) error {
	ctx := c.Request().Context()
	one, err := h.app.Store.StaffMember(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	counters, err := h.app.Store.AllCounters(ctx)
	if err != nil {
		return err
	}
	props := views.StaffMemberProps{StaffMember: h.staffMember(c, one, counters)}
	if props.Identifiers, err = h.staffIdentifiers(c, one.Staff.ID); err != nil {
		return err
	}
	for _, counter := range counters {
		props.Counters = append(props.Counters, views.LimitChoice{
			ID: counter.ID, Name: counter.Name, Closed: counter.ClosedAt != 0, Chosen: slices.Contains(one.Limited, counter.ID),
		})
	}
	return web.Render(c, http.StatusOK, views.StaffMemberPage(h.frame(c, views.Say(c.Request().Context(), "Staff")), props))
}

func (h *Admin) staffIdentifiers(c echo.Context, staffID string) ([]views.StaffIdentifierRow, error) {
	rows, err := h.app.Store.StaffIdentifiers(c.Request().Context(), staffID)
	var list []views.StaffIdentifierRow
	for _, row := range rows {
		list = append(list, views.StaffIdentifierRow{Key: row.Key, FirstSeen: moment(c, row.FirstSeenAt), LastSeen: moment(c, row.LastSeenAt)})
	}
	return list, err
}

// LimitStaff says which counters they may open: POST /admin/staff/:id/counters.
func (h *Admin) LimitStaff(c echo.Context) error {
	id, word := c.Param("id"), console.StaffLimited
	if _, err := h.app.Store.StaffName(c.Request().Context(), id); err != nil {
		return err
	}
	err := h.app.Store.LimitStaff(c.Request().Context(), web.SessionOf(c).ID, id, web.Fields(c)["counters"])
	switch {
	case errors.Is(err, models.ErrOwnLimit):
		word, err = console.OwnLimit, nil
	case errors.Is(err, models.ErrNotFound):
		word, err = console.NoCounters, nil
	}
	return h.then(c, word, views.StaffPath(id), err)
}

// EndSessions signs them out everywhere: POST /admin/staff/:id/end-sessions.
func (h *Admin) EndSessions(c echo.Context) error {
	id := c.Param("id")
	_, err := h.app.Store.EndSessionsOf(c.Request().Context(), web.SessionOf(c).ID, id)
	return h.then(c, console.SessionsEnded, views.StaffPath(id), err)
}

func (h *Admin) staffMember(c echo.Context, one models.StaffView, counters []models.Counter) views.StaffMember {
	var roles, limit []string
	for _, role := range one.Roles {
		roles = append(roles, views.RoleName(c.Request().Context(), string(role)))
	}
	for _, counter := range counters {
		if slices.Contains(one.Limited, counter.ID) {
			limit = append(limit, "\u2068"+counter.Name+"\u2069")
		}
	}
	member := views.StaffMember{
		ID: one.Staff.ID, Name: one.Staff.Name, Roles: strings.Join(roles, ", "), LastSeen: moment(c, one.LastSeen),
		Limit: strings.Join(limit, ", "), Self: one.Staff.ID == web.SessionOf(c).Staff.ID,
		AccountUnknown: h.accountUnknown(c, one.Staff),
	}
	for _, session := range one.Sessions {
		member.Sessions = append(member.Sessions, views.StaffSessionRow{
			Counter: session.CounterName, Address: session.Address, Since: moment(c, session.CreatedAt), Seen: moment(c, session.LastSeenAt),
		})
	}
	return member
}

// accountUnknown says what follows where the provider names no account of somebody's own.
func (h *Admin) accountUnknown(c echo.Context, staff models.Staff) string {
	say := views.Speaker(c.Request().Context())
	switch {
	case staff.AccountKnown():
		return ""
	case h.app.Store.Policy().AccountClaimRequired:
		return say("The organisation’s provider does not say which account is their own, so they can approve nothing. It has to send one of the claims that stand under “Policies”; it counts from their next sign-in.")
	}
	return say("The organisation’s provider does not say which account is their own, so nothing keeps them from deciding on it. It has to send one of the claims that stand under “Policies”; it counts from their next sign-in.")
}
