package admin

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// keptCounter names the cookie of a counter's form to mend: it is shown once, on the page
// that it is about.
const keptCounter = "counter-form"

type counterAgain struct {
	ID       string // of the counter to change; "" of a new one
	Form     views.CounterForm
	Problems console.Problems
}

// Counters lists the counters: GET /admin/counters.
func (h *Admin) Counters(c echo.Context) error {
	counters, err := h.app.Store.AllCounters(c.Request().Context())
	if err != nil {
		return err
	}
	frame := h.frame(c, views.Say(c.Request().Context(), "Counters"))
	var props views.CountersProps
	if again, ok := h.counterAgain(c, ""); ok {
		props.Form, frame.Errors = again.Form, again.Problems.In(c.Request().Context())
	}
	for _, counter := range counters {
		props.Counters = append(props.Counters, h.counterRow(c, counter))
	}
	return web.Render(c, http.StatusOK, views.CountersPage(frame, props))
}

// AddCounter sets up a counter: POST /admin/counters.
func (h *Admin) AddCounter(c echo.Context) error {
	form, counter, problems := readCounter(c)
	if len(problems) == 0 {
		_, err := h.app.Store.AddCounter(c.Request().Context(), counter)
		if !errors.Is(err, models.ErrExists) {
			return h.then(c, console.CounterSaved, views.PathCounters, err)
		}
		problems = nameTaken()
	}
	return h.mendCounter(c, counterAgain{"", form, problems}, views.PathCounters)
}

// Counter is the page about one: GET /admin/counters/:id.
func (h *Admin) Counter(c echo.Context) error {
	counter, err := h.app.Store.Counter(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	frame := h.frame(c, counter.Name)
	props := views.CounterSettingsProps{CounterRow: h.counterRow(c, counter), Form: views.CounterForm{
		Name: counter.Name, Address: counter.Address, Hours: hoursForm(counter.Hours), TimeZone: counter.TimeZone,
		Networks: strings.Join(strings.Fields(counter.Networks), "\n"),
	}}
	if again, ok := h.counterAgain(c, counter.ID); ok {
		props.Form, frame.Errors = again.Form, again.Problems.In(c.Request().Context())
	}
	return web.Render(c, http.StatusOK, views.CounterSettingsPage(frame, props))
}

// ChangeCounter changes it: POST /admin/counters/:id.
func (h *Admin) ChangeCounter(c echo.Context) error {
	id := c.Param("id")
	form, counter, problems := readCounter(c)
	if len(problems) == 0 {
		err := h.app.Store.ChangeCounter(c.Request().Context(), id, counter)
		if !errors.Is(err, models.ErrExists) {
			return h.then(c, console.CounterSaved, views.CounterSettingsPath(id), err)
		}
		problems = nameTaken()
	}
	return h.mendCounter(c, counterAgain{id, form, problems}, views.CounterSettingsPath(id))
}

// AskToCloseCounter says who works there: GET /admin/counters/:id/close.
func (h *Admin) AskToCloseCounter(c echo.Context) error {
	ctx := c.Request().Context()
	counter, err := h.app.Store.Counter(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	working, err := h.app.Store.AtCounter(ctx, counter.ID)
	if err != nil {
		return err
	}
	props := views.CloseCounterProps{ID: counter.ID, Name: counter.Name}
	for _, who := range working {
		props.Working = append(props.Working, views.WorkingRow{Name: who.Name, Seen: moment(c, who.LastSeenAt), Handling: who.Handling})
	}
	return web.Render(c, http.StatusOK, views.CloseCounterPage(h.frame(c, views.Say(ctx, "Close the counter")), props))
}

// CloseCounter takes it out of use: POST /admin/counters/:id/close.
func (h *Admin) CloseCounter(c echo.Context) error {
	id := c.Param("id")
	err := h.app.Store.CloseCounter(c.Request().Context(), web.SessionOf(c).ID, id)
	return h.then(c, console.CounterClosed, views.CounterSettingsPath(id), err)
}

// ReopenCounter puts it into use again: POST /admin/counters/:id/reopen.
func (h *Admin) ReopenCounter(c echo.Context) error {
	id := c.Param("id")
	err := h.app.Store.ReopenCounter(c.Request().Context(), web.SessionOf(c).ID, id)
	return h.then(c, console.CounterReopened, views.CounterSettingsPath(id), err)
}

func (h *Admin) counterRow(c echo.Context, counter models.Counter) views.CounterRow {
	row := views.CounterRow{
		ID: counter.ID, Name: counter.Name, Address: counter.Address, Hours: counter.Hours,
		TimeZone: counter.TimeZone, Networks: strings.Fields(counter.Networks),
	}
	if opens, data := counter.OpeningHours(); data {
		row.Lines = web.HoursLines(c.Request().Context(), opens, h.app.Store.Now().In(counter.Location()))
	}
	row.Closed = moment(c, counter.ClosedAt)
	return row
}

// readCounter reads the form: as typed, as a counter, and what is to mend.
func readCounter(c echo.Context) (views.CounterForm, models.NewCounter, console.Problems) {
	text := func(name string) string { return strings.TrimSpace(web.Field(c, name)) }
	form := views.CounterForm{
		Name: text("name"), Address: text("address"), Hours: readHours(c), TimeZone: text("time_zone"), Networks: text("networks"),
	}
	opens, wrongHours := hoursText(form.Hours)
	counter := models.NewCounter{
		SessionID: web.SessionOf(c).ID, Name: form.Name, Address: form.Address, Hours: opens, TimeZone: form.TimeZone,
		Networks: strings.FieldsFunc(form.Networks, func(r rune) bool { return strings.ContainsRune(" ,;\t\r\n", r) }),
	}
	wrong := models.CheckCounter(counter)
	if len(wrongHours) > 0 {
		wrong = slices.DeleteFunc(wrong, func(p models.CounterProblem) bool { return p.Field == models.CounterHours })
	}
	return form, counter, append(counterProblems(wrong), wrongHours...)
}

// counterProblems words what models found wrong, each beside its field, once.
func counterProblems(wrong []models.CounterProblem) console.Problems {
	var list console.Problems
	said := map[string]bool{}
	for _, problem := range wrong {
		if said[problem.Field] {
			continue
		}
		said[problem.Field] = true
		switch problem.Field {
		case models.CounterName:
			list.Add("name", views.SayLater("The name must have 1 to 128 characters, none of them invisible."))
		case models.CounterAddress:
			list.Add("address", views.SayLater("The address must have 1 to 200 characters, none of them invisible."))
		case models.CounterHours:
			list.Add("hours", views.SayLater("The opening hours must have 1 to 200 characters, none of them invisible."))
		case models.CounterTimeZone:
			list.Add("time_zone", views.SayLater("Write the name of a time zone, such as Europe/Lisbon."))
		case models.CounterNetworks:
			list.Add("networks", networkProblem(problem.Value))
		}
	}
	return list
}

func networkProblem(network string) views.Later {
	if network == "" {
		return views.SayLater("There are more than %d networks: join them to larger ones.", models.MaxCounterNetworks)
	}
	const longest = 60
	return views.SayLater("%s is not a network. Write it like 192.0.2.0/24 or 2001:db8::/32, with nothing after the network’s own bits.",
		"\u2068"+console.Shortened(network, longest)+"\u2069")
}

func nameTaken() console.Problems {
	return console.Problems{{Field: "name", Text: views.SayLater("Another counter has this name.")}}
}

// mendCounter leads back to the form with what was typed, as far as it can be kept.
func (h *Admin) mendCounter(c echo.Context, again counterAgain, back string) error {
	const longest, longestNetworks, longestDay = 210, 800, 80
	for _, field := range []*string{&again.Form.Name, &again.Form.Address, &again.Form.Hours.Words, &again.Form.TimeZone} {
		*field = console.Shortened(*field, longest)
	}
	again.Form.Networks = console.Shortened(again.Form.Networks, longestNetworks)
	again.Form.Hours.Dates = console.Shortened(again.Form.Hours.Dates, longestNetworks)
	for i := range again.Form.Hours.Days {
		again.Form.Hours.Days[i] = console.Shortened(again.Form.Hours.Days[i], longestDay)
	}
	kept, err := h.app.Keep(c, keptCounter, again)
	if err == nil && !kept { // letters that take much room
		again.Form = views.CounterForm{Name: console.Shortened(again.Form.Name, 128), TimeZone: console.Shortened(again.Form.TimeZone, 40)}
		_, err = h.app.Keep(c, keptCounter, again)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, back)
}

func (h *Admin) counterAgain(c echo.Context, id string) (counterAgain, bool) {
	var again counterAgain
	kept := h.app.KeptOnce(c, keptCounter, &again)
	return again, kept && again.ID == id
}

// moment tells when, "" for never.
func moment(c echo.Context, at models.Instant) string {
	if at == 0 {
		return ""
	}
	return views.Moment(c.Request().Context(), at.Time(), web.Zone(c))
}
