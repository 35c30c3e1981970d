package review

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"countersign/audit"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Story tells what happened to one account, newest first: GET /review/accounts/:id. before is the number of the entry that the
// page ends above. It opens no record: the account has its initials until somebody has.
func (h *Review) Story(c echo.Context) error {
	ctx, account := c.Request().Context(), c.Param("id")
	zone, err := h.zone(c)
	if err != nil {
		return err
	}
	open, err := h.opened(c)
	if err != nil {
		return err
	}
	before, _ := strconv.ParseInt(c.QueryParam(askBefore), 10, 64)
	filter := audit.Filter{AccountID: account, Before: max(before, 0), Limit: pageLength + 1}
	rows, err := h.app.Store.Trail(ctx, filter)
	if err != nil {
		return err
	}
	names, err := h.app.Store.TrailNames(ctx, filter)
	if err != nil {
		return err
	}
	if len(rows) == 0 && names.Account == "" && before <= 0 {
		return models.ErrNotFound
	}
	props := views.StoryProps{TrailURL: asked{}.address(askAccount, account)}
	title := views.Say(ctx, "Story of an erased account")
	if names.Account != "" {
		props.Account = accountName(ctx, account, names.Account, open)
		title = views.Say(ctx, "Story of the account %s", isolated(console.Initials(names.Account)))
	}
	switch {
	case open[account]:
		props.DevicesURL = views.ReviewBindingsPath(account)
	case names.Account != "":
		props.OpenURL = views.ReviewOpenRecordPath(account)
	}
	if len(rows) > pageLength {
		rows = rows[:pageLength]
		props.OlderURL = views.StoryPath(account) + "?" + askBefore + "=" + strconv.FormatInt(rows[pageLength-1].Seq, 10)
	}
	if before > 0 {
		props.NewerURL = views.StoryPath(account)
	}
	for _, row := range rows {
		event := reportRow(ctx, row, zone, open)
		event.Account = "" // the page's own
		props.Events = append(props.Events, event)
	}
	return web.Render(c, http.StatusOK, views.StoryPage(h.reportFrame(c, title), props))
}

// reportRow is eventRow with names that lead to the pages about them, of the time of the event.
func reportRow(ctx context.Context, row models.TrailRow, zone *time.Location, open map[string]bool) views.EventRow {
	event := eventRow(ctx, row, zone, open)
	lead(&event, row)
	return event
}

// lead makes each name of a row lead to the page about it: what somebody did on that day, what happened to the account, the
// counter's week, and all that a client did.
func lead(event *views.EventRow, row models.TrailRow) {
	if row.StaffName != "" {
		event.WhoURL = views.StaffDayOf(row.StaffID, row.Seq)
	}
	if row.AccountID != "" {
		event.AccountURL = views.StoryPath(row.AccountID)
	}
	if row.CounterName != "" {
		event.CounterURL = views.CounterWeekOf(row.CounterID, row.Seq)
	}
	if row.ClientName != "" {
		event.ClientURL = asked{}.address(askClient, row.ClientID)
	}
}
