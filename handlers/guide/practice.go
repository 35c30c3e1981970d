package guide

import (
	"fmt"
	"net/http"

	"countersign/handlers/web"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Practice answers GET /practice, which is there where people and accounts are invented.
func (g *Guide) Practice(c echo.Context) error {
	ctx := c.Request().Context()
	cards := Cards(g.app.Store.Now())
	props := views.PracticeProps{PhonePage: !g.app.NoPhonePage, Account: cards[0].Account}
	for i, card := range cards {
		props.Cards = append(props.Cards, views.SpecimenCard{
			ID: fmt.Sprintf("card-%d", i+1), Person: card.Person, Account: card.Account, Purpose: views.Say(ctx, card.Purpose),
			Born: views.Day(ctx, card.Born.String()), ValidUntil: views.Day(ctx, card.Expires.String()), Scan: card.Zone(),
		})
	}
	if g.app.Practice != nil {
		props.Notices = g.app.Practice.Notices()
	}
	frame := g.app.Frame(c, views.Say(ctx, "Practise a visit"), views.SectionNone)
	return web.Render(c, http.StatusOK, views.PracticePage(frame, props))
}
