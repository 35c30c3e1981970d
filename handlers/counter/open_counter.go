package counter

import (
	"errors"
	"net/http"
	"slices"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// OpenCounterPage asks where the operator is: GET /counter/open.
func (h *Console) OpenCounterPage(c echo.Context) error {
	chosen := h.app.LastCounter(c)
	if open := web.SessionOf(c).Counter; open != nil {
		chosen = open.ID
	}
	problem := ""
	switch h.app.Told(c) {
	case console.NoCounter:
		problem = views.Say(c.Request().Context(), "Choose the counter that you are at.")
	case console.OtherCounters:
		problem = views.Say(c.Request().Context(), "An administrator has limited you to other counters. Choose one from the list.")
	case console.CounterNetwork:
		problem = views.Say(c.Request().Context(),
			"This counter may be used from its own network only. Use a workplace there, or choose another counter.")
	}
	return h.renderOpenCounter(c, chosen, c.QueryParam("return_to"), problem)
}

// OpenCounter opens a counter for the session: POST /counter/open.
func (h *Console) OpenCounter(c echo.Context) error {
	chosen, returnTo := web.Field(c, "counter"), web.Field(c, "return_to")
	err := h.app.Store.OpenCounter(c.Request().Context(), web.SessionOf(c).ID, chosen, web.Address(c))
	switch {
	case errors.Is(err, models.ErrNotFound):
		h.app.Tell(c, console.NoCounter)
		return c.Redirect(http.StatusSeeOther, web.OpenCounterAddress(returnTo))
	case errors.Is(err, models.ErrOtherCounters):
		h.app.Tell(c, console.OtherCounters)
		return c.Redirect(http.StatusSeeOther, web.OpenCounterAddress(returnTo))
	case errors.Is(err, models.ErrCounterNetwork):
		h.app.Tell(c, console.CounterNetwork)
		return c.Redirect(http.StatusSeeOther, web.OpenCounterAddress(returnTo))
	case err != nil:
		return err
	}
	h.app.SetLastCounter(c, chosen)
	if returnTo = web.LocalPath(returnTo); returnTo == "/" {
		returnTo = views.PathCounter
	}
	return c.Redirect(http.StatusSeeOther, returnTo)
}

// renderOpenCounter shows the counters; problem is what to mend, "" for nothing.
func (h *Console) renderOpenCounter(c echo.Context, chosen, returnTo, problem string) error {
	counters, err := h.app.Store.CountersFor(c.Request().Context(), web.SessionOf(c).Staff.ID)
	if err != nil {
		return err
	}
	props := views.OpenCounterProps{Counters: counterChoices(counters), ReturnTo: web.LocalPath(returnTo)}
	known := func(counter models.Counter) bool { return counter.ID == chosen }
	if slices.ContainsFunc(counters, known) {
		props.Chosen = chosen
	}
	frame := h.app.Frame(c, views.Say(c.Request().Context(), "Open a counter"), views.SectionCounter)
	if problem != "" {
		frame.Errors = []views.FieldError{{Field: "counter", Message: problem}}
	}
	return web.Render(c, http.StatusOK, views.OpenCounterPage(frame, props))
}

func counterChoices(counters []models.Counter) []views.CounterChoice {
	var choices []views.CounterChoice
	for _, counter := range counters {
		choices = append(choices, views.CounterChoice{ID: counter.ID, Name: counter.Name, Place: counter.Address})
	}
	return choices
}
