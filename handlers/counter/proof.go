package counter

import (
	"errors"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// ProofPage asks for the check of the ID document: GET /counter/visits/:id/proof. When
// one is recorded already its fields are filled in, but for the number, which is not
// kept.
func (h *Console) ProofPage(c echo.Context) error {
	visit, err := h.visit(c)
	if err != nil {
		return err
	}
	recorded, err := h.app.Store.ProofingOf(c.Request().Context(), visit.DeviceAuthorization)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	return h.renderProof(c, http.StatusOK, visit, recordedForm(recorded), nil)
}

// Proof records the check: POST /counter/visits/:id/proof. A difference is recorded as
// it was found; it then blocks the approval, and the operator declines or checks again.
func (h *Console) Proof(c echo.Context) error {
	visit, err := h.visit(c)
	if err != nil {
		return err
	}
	form := readProofForm(c)
	today := h.app.Store.Now().In(web.Zone(c))
	if problems := checkProofForm(form, visit.account.Account, today); len(problems) > 0 {
		return h.renderProof(c, http.StatusUnprocessableEntity, visit, form, problems)
	}
	if err := h.app.Store.Proof(c.Request().Context(), web.SessionOf(c).ID, visit.ID, documentCheck(form)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.DecidePath(visit.ID))
}

func (h *Console) renderProof(c echo.Context, status int, v visit, form views.ProofForm, problems []views.FieldError) error {
	frame := h.app.Frame(c, "Check the ID document", views.SectionCounter)
	frame.Errors = problems
	props := views.ProofProps{Visit: v.facts(web.Zone(c), h.app.Store.Now()), Form: form}
	return web.Render(c, status, views.ProofPage(frame, props))
}

// recordedForm fills the form with a proofing that is being done again.
func recordedForm(proofing models.Proofing) views.ProofForm {
	return views.ProofForm{
		DocumentType: proofing.DocumentType, DocumentIssuer: proofing.DocumentIssuer,
		DocumentExpiry: proofing.DocumentExpiry,
	}
}
