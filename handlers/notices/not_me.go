package notices

import (
	"errors"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Pages are for the person who has the link of a notice. They need no sign-in: the link itself
// is the permission, and it can only end what its notice told of.
type Pages struct{ app *web.App }

// New makes the pages.
func New(app *web.App) *Pages { return &Pages{app} }

// NotMePage shows what the link would end: GET /not-me/:token. It changes nothing, since
// mail programs and scanners open links by themselves (docs/protocol.md §6 get-changes-nothing).
func (p *Pages) NotMePage(c echo.Context) error {
	r, err := p.app.Store.Repudiation(c.Request().Context(), c.Param("token"))
	if err != nil {
		return linkOver(c, err)
	}
	ctx := c.Request().Context()
	over, err := p.endedBefore(c, r)
	if err != nil {
		return err
	}
	props := views.NotMeProps{
		Action: views.NotMePath(c.Param("token")), App: inert(r.Request.ClientName), DeviceName: inert(r.Request.InstanceName),
		RequestedAt: views.Moment(ctx, r.Request.CreatedAt.Time(), web.Zone(c)),
		Connected:   r.Request.Phase.Is(models.Redeemed), Approved: r.Request.Phase.Is(models.Approved),
		Over: over,
	}
	title := views.Say(ctx, "Was it not you?")
	if r.Done != 0 {
		title = views.Say(ctx, "Done")
		props.DoneAt, props.Ended = views.Moment(ctx, r.Done.Time(), web.Zone(c)), ended(r.Ended)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	frame := p.app.Frame(c, title, views.SectionNone)
	return web.Render(c, http.StatusOK, views.NotMePage(frame, props))
}

// endedBefore reports whether what the notice told of has ended by itself or by others.
func (p *Pages) endedBefore(c echo.Context, r models.Repudiation) (bool, error) {
	switch phase := r.Request.Phase; {
	case phase.Open(), phase.Is(models.Approved):
		return false, nil
	case phase.Is(models.Redeemed):
		binding, err := p.app.Store.BindingOf(c.Request().Context(), r.Request.ID)
		return binding.RevokedAt != 0, err
	}
	return true, nil
}

// ended reports whether the link had something to end.
func ended(phase models.Phase) bool {
	return !phase.Is(models.Declined) && phase != models.Expired && phase != models.Lapsed
}

// NotMe ends it: POST /not-me/:token. The answer leads back to the page, which then says
// when it was done; again it says the same.
func (p *Pages) NotMe(c echo.Context) error {
	token := c.Param("token")
	if _, err := p.app.Store.Repudiate(c.Request().Context(), token, web.AddressText(c)); err != nil {
		return linkOver(c, err)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Redirect(http.StatusSeeOther, views.NotMePath(token))
}

// linkOver words a link that this server did not make, or whose time is over.
func linkOver(c echo.Context, err error) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	if !errors.Is(err, models.ErrNotFound) {
		return err
	}
	ctx := c.Request().Context()
	return &web.PageError{Status: http.StatusNotFound, ErrorProps: views.ErrorProps{
		Heading: views.Say(ctx, "This link does not work any more"),
		What:    views.Say(ctx, "It is too old, or it was not copied whole. Nothing was changed."),
		Next:    views.Say(ctx, "If you think that somebody else is using your account, go to a counter or call us."),
	}}
}
