package console

import (
	"context"
	"net/http"
	"strconv"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// HowMany words what a rule ends, "" for nothing.
func HowMany(ctx context.Context, falling models.Falling) string {
	switch {
	case falling.More:
		return views.Say(ctx, "more than %d", falling.Count)
	case falling.Count == 0:
		return ""
	}
	return strconv.Itoa(falling.Count)
}

// endWaitingProps is what waits for an account and may be ended; nil for nothing.
func (p *Pages) endWaitingProps(ctx context.Context, account, action string) (*views.EndWaitingProps, error) {
	falling, err := p.Store.FallingTogether(ctx, account)
	if err != nil || falling.Count == 0 {
		return nil, err
	}
	return &views.EndWaitingProps{Action: action, Ends: HowMany(ctx, falling), Spared: falling.Spared}, nil
}

// EndWaiting ends all that waits for an account, and leads back to the list.
func (p *Pages) EndWaiting(c echo.Context, places Places) error {
	falling, err := p.Store.EndWaiting(c.Request().Context(), web.SessionOf(c).ID, c.Param("id"))
	if err != nil {
		return err
	}
	word := EndedWaiting
	if falling.Count == 0 {
		word = NothingToEnd
	}
	p.Tell(c, word)
	return c.Redirect(http.StatusSeeOther, places.All)
}
