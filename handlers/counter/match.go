package counter

import (
	"errors"
	"net/http"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Match takes what the customer's device shows, its code or its presence proof:
// POST /counter/accounts/:id/match. What cannot be either costs no try. What was typed is
// never shown again, and the answer to a wrong code is a redirect, so that reloading
// costs no try either.
func (h *Console) Match(c echo.Context) error {
	ctx, session, account := c.Request().Context(), web.SessionOf(c), c.Param("id")
	if err := h.openToMatch(c, account); err != nil {
		return err
	}
	typed := web.Field(c, "user_code")
	if oauth.LooksLikePresenceProof(typed) {
		proof, err := oauth.ParsePresenceProof(typed)
		if err != nil {
			return h.notMatched(c, account, console.PresenceUnread)
		}
		return h.matchPresence(c, account, proof)
	}
	if carried, found := oauth.FindUserCode(typed); found {
		typed = carried
	}
	code, err := oauth.ParseUserCode(typed)
	if err != nil {
		return h.notMatched(c, account, console.NoCode)
	}
	matched, err := h.app.Store.Match(ctx, session.ID, account, code, entered(c))
	return h.answerMatch(c, account, matched, err)
}

func (h *Console) matchPresence(c echo.Context, account string, proof oauth.PresenceProof) error {
	key, err := h.app.RefreshPresenceKey(c.Request().Context(), proof)
	if err != nil {
		return err
	}
	return h.matchPresenceBy(c, account, proof, key)
}

func (h *Console) matchPresenceBy(c echo.Context, account string, proof oauth.PresenceProof, key models.KeyState) error {
	matched, err := h.app.Store.MatchPresence(c.Request().Context(), web.SessionOf(c).ID, account, proof, key, entered(c))
	return h.answerMatch(c, account, matched, err)
}

// entered returns how the page says that its box was filled.
func entered(c echo.Context) models.Entered { return models.ParseEntered(web.Field(c, "entered")) }

// answerMatch leads to the next step, or back to the code with a word about why.
func (h *Console) answerMatch(c echo.Context, account string, matched models.DeviceAuthorization, err error) error {
	var wrong *models.WrongCodeError
	var locked *models.MatchLockedError
	var refused *models.PresenceRefusedError
	switch {
	case errors.As(err, &wrong), errors.As(err, &locked):
		return h.notMatched(c, account, console.WrongCode)
	case errors.Is(err, models.ErrPresenceRequired):
		return h.notMatched(c, account, console.PresenceRequired)
	case errors.As(err, &refused):
		return h.notMatched(c, account, presenceWord(refused))
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.ProofPath(matched.ID))
}

func (h *Console) notMatched(c echo.Context, account string, word console.Word) error {
	h.app.Tell(c, word)
	return c.Redirect(http.StatusSeeOther, views.AccountPath(account))
}

func presenceWord(refused *models.PresenceRefusedError) console.Word {
	switch {
	case errors.Is(refused, oauth.ErrPresenceExpired):
		return console.PresenceExpired
	case errors.Is(refused, oauth.ErrPresenceNotYet):
		return console.PresenceNotYet
	case errors.Is(refused, models.ErrPresenceReplayed):
		return console.PresenceReplayed
	case errors.Is(refused, models.ErrPresenceUnchecked):
		return console.PresenceUnchecked
	case errors.Is(refused, oauth.ErrPresenceOtherServer):
		return console.PresenceOtherServer
	}
	return console.PresenceUnread
}
