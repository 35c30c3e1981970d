package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// keptUndelivered names the cookie of what an act on notices came to, which is shown once.
const keptUndelivered = "undelivered"

// undeliveredOutcome is what an act came to: nothing, where the channel is not set up.
type undeliveredOutcome struct {
	models.UndeliveredOutcome
	NotSetUp models.Channel
}

// Undelivered shows notices that were given up, and alerts that nobody could be told of yet: GET /admin/notices. With
// ask=set-aside it asks whether all of a group are meant.
func (h *Admin) Undelivered(c echo.Context) error {
	ctx := c.Request().Context()
	groups, err := h.app.Store.UndeliveredGroups(ctx)
	if err != nil {
		return err
	}
	frame := h.frame(c, views.Say(ctx, "Messages not delivered"))
	frame.PageStylesheetURL = static.URL("report.css")
	var came undeliveredOutcome
	if h.app.KeptOnce(c, keptUndelivered, &came) {
		frame.Notice = h.undeliveredOutcome(c, came)
	}
	props := views.UndeliveredProps{}
	for _, group := range groups {
		props.Groups = append(props.Groups, h.undeliveredGroup(c, group))
	}
	if len(groups) > 0 {
		chosen := chosenGroup(c, groups)
		if err := h.addUndelivered(c, &props, chosen); err != nil {
			return err
		}
		if props.Ask = c.QueryParam("ask") == "set-aside" && isNamed(c, chosen); props.Ask {
			props.Until = strconv.FormatInt(int64(models.At(h.app.Store.Now())), 10)
			frame.Title = views.Say(ctx, "Put all of these aside?")
		}
	}
	if err := h.addUntold(c, &props); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.UndeliveredPage(frame, props))
}

// chosenGroup is the one that the address names, or the first.
func chosenGroup(c echo.Context, groups []models.UndeliveredGroup) models.UndeliveredGroup {
	for _, group := range groups {
		if isNamed(c, group) {
			return group
		}
	}
	return groups[0]
}

func isNamed(c echo.Context, group models.UndeliveredGroup) bool {
	return string(group.Channel) == c.QueryParam("way") && string(group.Cause) == c.QueryParam("cause")
}

func (h *Admin) undeliveredGroup(c echo.Context, group models.UndeliveredGroup) views.UndeliveredGroup {
	ctx := c.Request().Context()
	count := strconv.Itoa(group.Count)
	if group.Count >= models.MeasuredTo {
		count = views.Say(ctx, "%s or more", count)
	}
	return views.UndeliveredGroup{
		Way: string(group.Channel), Cause: string(group.Cause), ByWay: stateWords{ctx: ctx}.way(group.Channel),
		Why: views.Say(ctx, group.Cause.Label()), Count: count, Since: h.utc(c, group.Since), NotSetUp: !h.app.Store.SendsBy(group.Channel),
	}
}

// utc says when: a server is at no counter.
func (h *Admin) utc(c echo.Context, at models.Instant) string {
	return views.Moment(c.Request().Context(), at.Time(), time.UTC)
}

// addUndelivered reads a page of one group.
func (h *Admin) addUndelivered(c echo.Context, props *views.UndeliveredProps, group models.UndeliveredGroup) error {
	ctx := c.Request().Context()
	page, next, err := h.app.Store.UndeliveredNotices(ctx, group.Channel, group.Cause, placeOf(c.QueryParam("after")))
	if err != nil {
		return err
	}
	props.Chosen = h.undeliveredGroup(c, group)
	for _, notice := range page {
		row := views.UndeliveredRow{
			ID: notice.ID, What: told(ctx, notice.Occasion), GivenUp: h.utc(c, notice.DoneAt),
			Attempts: strconv.Itoa(notice.Attempts), Answer: notice.Answer,
		}
		if notice.AccountID != nil {
			row.Account = *notice.AccountID
		}
		props.Notices = append(props.Notices, row)
	}
	if next != nil {
		props.Older = props.Chosen.Path() + "&after=" + strconv.FormatInt(int64(next.DoneAt), 10) + "." + next.ID
	}
	return nil
}

// told says what a notice tells.
func told(ctx context.Context, occasion models.Occasion) string {
	switch occasion {
	case models.NoticeRequested:
		return views.Say(ctx, "A device asks to be connected")
	case models.NoticeApproved:
		return views.Say(ctx, "A device was approved")
	case models.NoticeRedeemed:
		return views.Say(ctx, "A device was connected")
	case models.NoticeDeclined:
		return views.Say(ctx, "A request was declined")
	case models.NoticeRevoked:
		return views.Say(ctx, "A device was disconnected, or an approval taken back")
	}
	return views.Say(ctx, term.Occasion(occasion).Label())
}

// placeOf reads where a page begins. What is none is the first one's.
func placeOf(text string) models.UndeliveredPlace {
	at, id, _ := strings.Cut(text, ".")
	milliseconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || milliseconds <= 0 {
		return models.UndeliveredPlace{}
	}
	return models.UndeliveredPlace{DoneAt: models.Instant(milliseconds), ID: id}
}

func (h *Admin) addUntold(c echo.Context, props *views.UndeliveredProps) error {
	ctx := c.Request().Context()
	digests, err := h.app.Store.UntoldDigests(ctx)
	for _, digest := range digests {
		row := views.UntoldRow{
			Alert: string(digest.Kind), ByWay: stateWords{ctx: ctx}.way(digest.Channel), Since: h.utc(c, digest.FirstAt),
			Attempts: strconv.Itoa(digest.Attempts), Answer: digest.Answer,
		}
		if definition, ok := audit.Lookup(digest.Kind); ok {
			row.Alert = views.Say(ctx, definition.Title)
		}
		props.Alerts = append(props.Alerts, row)
	}
	return err
}

// ActOnUndelivered sends notices again, or puts them aside: POST /admin/notices. Fields: act (resend, set-aside), notice, or else
// way and cause. A group is put aside when until says of which moment it was shown; without it that is asked first.
func (h *Admin) ActOnUndelivered(c echo.Context) error {
	choice := models.UndeliveredChoice{
		ID: web.Field(c, "notice"), Channel: models.Channel(web.Field(c, "way")), Cause: term.Undelivered(web.Field(c, "cause")),
	}
	if !slices.Contains(models.Channels(), choice.Channel) || !slices.Contains(term.Undelivereds(), choice.Cause) {
		return models.ErrNotFound
	}
	group := views.UndeliveredGroup{Way: string(choice.Channel), Cause: string(choice.Cause)}
	act := h.app.Store.SetAsideNotices
	switch web.Field(c, "act") {
	case "resend":
		act = h.app.Store.ResendNotices
	case "set-aside":
		until, err := strconv.ParseInt(web.Field(c, "until"), 10, 64)
		if choice.ID == "" && (err != nil || until <= 0) {
			return c.Redirect(http.StatusSeeOther, group.AskPath())
		}
		choice.Until = min(models.Instant(until), models.At(h.app.Store.Now()))
	default:
		return models.ErrNotFound
	}
	var came undeliveredOutcome
	done, err := act(c.Request().Context(), web.SessionOf(c).ID, choice)
	came.UndeliveredOutcome = done
	if down, is := errors.AsType[*models.ChannelNotSetUpError](err); is {
		came.NotSetUp, err = down.Channel, nil
	}
	if err != nil && (choice.ID == "" || !errors.Is(err, models.ErrNotFound)) { // else somebody was faster
		return err
	}
	if _, err := h.app.Keep(c, keptUndelivered, came); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, group.Path())
}

// undeliveredOutcome words what an act came to.
func (h *Admin) undeliveredOutcome(c echo.Context, came undeliveredOutcome) string {
	ctx := c.Request().Context()
	if came.NotSetUp != "" {
		return views.Say(ctx, "This way is not set up: nothing is sent again, and the notices stay here.")
	}
	var sentences []string
	if came.Again > 0 {
		sentences = append(sentences, views.Say(ctx, "%d notices are sent again.", came.Again))
	}
	if came.Aside > 0 {
		sentences = append(sentences, views.Say(ctx, "%d notices are put aside.", came.Aside))
	}
	if came.Again+came.Aside == 0 {
		sentences = append(sentences, views.Say(ctx, "There was none any more."))
	}
	if came.Left {
		sentences = append(sentences, views.Say(ctx, "There are more: press again."))
	}
	return strings.Join(sentences, " ")
}
