package counter

import (
	"net/http"

	"countersign/handlers/web"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// ScannerSettings is the page that tests a scanner: GET /settings/scanner. What is scanned
// there and what is set stays in the browser.
func (h *Console) ScannerSettings(c echo.Context) error {
	frame := h.app.Frame(c, views.Say(c.Request().Context(), "Scanner test"), views.SectionNone)
	frame.Scripts.Own = static.URL("scanner-settings.js")
	props := views.ScannerProps{}
	for _, s := range static.Samples() {
		props.Samples = append(props.Samples, views.SampleFacts{Name: s.Name, Text: s.Text,
			PictureURL: static.URL("barcodes/" + s.Name + ".svg")})
	}
	return web.Render(c, http.StatusOK, views.ScannerPage(frame, props))
}
