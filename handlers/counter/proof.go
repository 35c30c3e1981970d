package counter

import (
	"errors"
	"net/http"
	"slices"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// ProofPage asks for the check of the ID document: GET /counter/visits/:id/proof. What was
// scanned or typed is there again until it is recorded; what was to mend is said once. When
// a check is recorded already its fields are filled in, but for the number, which is not
// kept.
func (h *Console) ProofPage(c echo.Context) error {
	visit, err := h.visit(c)
	if err != nil {
		return err
	}
	again, kept := h.keptProof(c, visit.ID)
	if !kept {
		recorded, err := h.app.Store.ProofingOf(c.Request().Context(), visit.DeviceAuthorization)
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return err
		}
		again.Form = recordedForm(recorded)
	}
	frame := h.app.Frame(c, views.Say(c.Request().Context(), "Check the ID document"), views.SectionCounter)
	frame.PageStylesheetURL = static.URL("visit.css")
	var wrong proofWrong
	if h.app.KeptOnce(c, console.KeptProofWrong, &wrong) && wrong.Visit == visit.ID {
		frame.Errors = wrong.Problems.In(c.Request().Context())
	}
	tellExtended(c, &frame, h.app.Told(c))
	props := h.proofProps(c, visit, again)
	if props.Differed, err = h.differedBefore(c, visit, again); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.ProofPage(frame, props))
}

// differedBefore is what earlier scans and checks of the request found to differ, but for what
// the scan on the page says itself.
func (h *Console) differedBefore(c echo.Context, v visit, again proofAgain) ([]string, error) {
	differed, err := h.app.Store.Differed(c.Request().Context(), v.DeviceAuthorization)
	if again.Scan == nil {
		return differed, err
	}
	now := again.Scan.differs(v.account.Account)
	return slices.DeleteFunc(differed, func(field string) bool { return slices.Contains(now, field) }), err
}

type proofAgain struct {
	Visit    string
	Form     views.ProofForm
	Scan     *scan    // the document that was scanned
	Differed []string // what a scan found to differ that is no longer there, as models.DocumentCheck has it
}

// proofWrong is what is to mend in the form.
type proofWrong struct {
	Visit    string
	Problems console.Problems
}

// keptProof opens what this session kept of this visit's form.
func (h *Console) keptProof(c echo.Context, id string) (proofAgain, bool) {
	var again proofAgain
	if h.app.Kept(c, console.KeptProof, &again) && again.Visit == id {
		return again, true
	}
	return proofAgain{Visit: id}, false
}

// Proof takes the form: POST /counter/visits/:id/proof. With something in the scan box, it
// reads that and comes back with the fields; else it records the check. A difference is
// recorded as it was found; without a reason it then blocks the approval, and the operator
// declines or checks again.
func (h *Console) Proof(c echo.Context) error {
	visit, err := h.visit(c)
	if err != nil {
		return err
	}
	kept, _ := h.keptProof(c, visit.ID)
	kept.Form = readProofForm(c)
	switch {
	case web.Field(c, "decline") == "yes": // on another page, from which there is a way back to what was typed
		kept.Form = shortened(kept.Form)
		if _, err := h.app.Keep(c, console.KeptProof, kept); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, views.DeclinePath(visit.ID))
	case web.Field(c, "scan") != "":
		kept, wrong, err := h.readScan(c, visit, kept, web.Field(c, "scan"))
		if err != nil {
			return err
		}
		return h.proofAgain(c, kept, wrong)
	case web.Field(c, "drop") == "yes":
		return h.proofAgain(c, kept.typed(visit.account.Account), nil)
	}
	if record := web.Field(c, "record"); record != "" && record != visit.account.Compared() {
		return h.proofAgain(c, kept, console.Problems{{
			Field: "name_matches", Text: views.SayLater("The account’s record has changed meanwhile. Compare the document again.")}})
	}
	sheet := h.sheet(c, visit, kept)
	if wrong := sheet.problems(); len(wrong) > 0 {
		return h.proofAgain(c, kept, wrong)
	}
	check := sheet.check()
	check.ComparedWith = visit.account.Compared()
	if kept.Form.OtherCard {
		check.OverruledReason = term.OverrulingOtherCard
	}
	if err := h.app.Store.Proof(c.Request().Context(), web.SessionOf(c).ID, visit.ID, check); err != nil {
		return err
	}
	h.app.ForgetProof(c)
	return c.Redirect(http.StatusSeeOther, views.DecidePath(visit.ID))
}

// proofAgain leads back to the page with the form as it is. A form that is too long to be
// kept is of no document: then only what is to mend is kept.
func (h *Console) proofAgain(c echo.Context, again proofAgain, wrong console.Problems) error {
	again.Form = shortened(again.Form)
	fits, err := h.app.Keep(c, console.KeptProof, again)
	if err == nil && !fits {
		wrong = console.Problems{{Field: "scan", Text: views.SayLater("That is too long to be of an ID document. Type the fields.")}}
		_, err = h.app.Keep(c, console.KeptProof, proofAgain{Visit: again.Visit, Differed: again.Differed})
	}
	if err != nil {
		return err
	}
	if _, err := h.app.Keep(c, console.KeptProofWrong, proofWrong{again.Visit, wrong}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.ProofPath(again.Visit))
}

// shortened cuts what nobody would type, so that the form can be kept.
func shortened(form views.ProofForm) views.ProofForm {
	for _, field := range []*string{
		&form.DocumentType, &form.DocumentIssuer, &form.DocumentExpiry, &form.DocumentNumber, &form.DocumentBorn,
		&form.NameMatches, &form.NameReason, &form.BirthMatches, &form.Read,
	} {
		*field = console.Shortened(*field, longestNumber)
	}
	form.DocumentName = console.Shortened(form.DocumentName, models.LongestDocumentName)
	return form
}

// recordedForm fills the form with a proofing that is being done again.
func recordedForm(proofing models.Proofing) views.ProofForm {
	form := views.ProofForm{DocumentType: proofing.DocumentType, DocumentIssuer: proofing.DocumentIssuer,
		DocumentExpiry: proofing.DocumentExpiry}
	if form.DocumentEndless = proofing.DocumentExpiry == models.NoExpiry; form.DocumentEndless {
		form.DocumentExpiry = ""
	}
	return form
}
