package console

import (
	"net/http"

	"countersign/handlers/web"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Opened reports whether the record of an account is open to this session. Where it is not,
// the answer is given: a page that offers to open it, and shows nothing of the account, nor
// whether there is one.
func (p *Pages) Opened(c echo.Context, accountID string, props views.ClosedRecordProps) (bool, error) {
	ctx := c.Request().Context()
	may, err := p.Store.MayRead(ctx, web.SessionOf(c).ID, accountID)
	if err != nil || may {
		return may, err
	}
	frame := p.Frame(c, views.Say(ctx, "This record is not open"), props.Section)
	return false, web.Render(c, http.StatusOK, views.ClosedRecordPage(frame, props))
}
