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
	var again proofAgain
	if h.app.Kept(c, keptProof, &again) {
		h.app.Forget(c, keptProof) // it may hold the number of a document
	}
	if again.Visit != visit.ID {
		again = proofAgain{Form: recordedForm(recorded)}
	}
	frame := h.app.Frame(c, "Check the ID document", views.SectionCounter)
	frame.Errors = again.Problems
	props := views.ProofProps{Visit: visit.facts(web.Zone(c), h.app.Store.Now()), Form: again.Form}
	return web.Render(c, http.StatusOK, views.ProofPage(frame, props))
}

// keptProof names the cookie of a form to mend: it is shown once.
const keptProof = "proof"

type proofAgain struct {
	Visit    string
	Form     views.ProofForm
	Problems []views.FieldError
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
		if _, err := h.app.Keep(c, keptProof, proofAgain{visit.ID, shortened(form), problems}); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, views.ProofPath(visit.ID))
	}
	if err := h.app.Store.Proof(c.Request().Context(), web.SessionOf(c).ID, visit.ID, documentCheck(form)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.DecidePath(visit.ID))
}

// shortened cuts what nobody would type, so that the form can be kept.
func shortened(form views.ProofForm) views.ProofForm {
	for _, field := range []*string{
		&form.DocumentType, &form.DocumentIssuer, &form.DocumentExpiry, &form.DocumentNumber, &form.NameMatches, &form.BirthMatches,
	} {
		*field = firstRunes(*field, longestNumber+8)
	}
	return form
}

func firstRunes(text string, n int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), n)])
}

// recordedForm fills the form with a proofing that is being done again.
func recordedForm(proofing models.Proofing) views.ProofForm {
	return views.ProofForm{
		DocumentType: proofing.DocumentType, DocumentIssuer: proofing.DocumentIssuer,
		DocumentExpiry: proofing.DocumentExpiry,
	}
}
