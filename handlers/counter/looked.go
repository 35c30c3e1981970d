package counter

import (
	"errors"
	"slices"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Many cautions at once are passed over like none. So from views.TicksFrom on, each wants a
// tick before the approval. What was ticked stays ticked while the visit goes on with this
// check of the document, whatever refuses the approval meanwhile.

// lookedBefore is what somebody has ticked, kept in their browser.
type lookedBefore struct {
	Visit string
	Kinds []string
}

// looked returns the kinds of cautions that were ticked on a page of this visit before.
func (h *Console) looked(c echo.Context, visit string) []string {
	var before lookedBefore
	if !h.app.Kept(c, console.KeptLooked, &before) || before.Visit != visit {
		return nil
	}
	return before.Kinds
}

// lookedAtAll keeps what the form of an approval has ticked, and reports whether that is each
// caution that wants it. A request that is not this session's to approve is models' to refuse.
func (h *Console) lookedAtAll(c echo.Context) (bool, error) {
	request, err := h.heldRequest(c)
	if refusedByModels(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	proofing, err := h.app.Store.ProofingOf(c.Request().Context(), request.DeviceAuthorization)
	if errors.Is(err, models.ErrNotFound) { // not checked yet
		return true, nil
	}
	if err != nil {
		return false, err
	}
	checks, err := h.cautions(c, visit{RequestView: request}, proofing, workplaceHere(c))
	if err != nil {
		return false, err
	}
	var ticked []string
	all := true
	for _, check := range (views.DecideProps{Checks: checks}).Ticks() {
		if slices.Contains(web.Fields(c)[views.FieldLooked], check.Kind) {
			ticked = append(ticked, check.Kind)
		} else {
			all = false
		}
	}
	if len(ticked) > 0 {
		_, err = h.app.Keep(c, console.KeptLooked, lookedBefore{request.ID, ticked})
	}
	return all, err
}

func refusedByModels(err error) bool {
	var claimed *models.ClaimedError
	var conflict *models.StateConflictError
	return errors.Is(err, models.ErrNotFound) || errors.As(err, &claimed) || errors.As(err, &conflict)
}
