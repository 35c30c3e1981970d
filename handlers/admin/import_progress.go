package admin

import (
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/accountcsv"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// ImportProgress says how far the import is that is under way, or how the last one ended: GET /admin/accounts/import/progress.
func (h *Admin) ImportProgress(c echo.Context) error {
	ctx := c.Request().Context()
	last, err := h.app.Store.LastImport(ctx)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.ImportProgressPage(h.frame(c, views.Say(ctx, "Import accounts")), progressProps(last)))
}

func progressProps(last models.ImportProgress) views.ImportProgressProps {
	return views.ImportProgressProps{
		Known: last.ID != "", Finished: last.Finished, Lines: last.Lines, Done: last.Done, Added: last.Added, Changed: last.Changed,
		Unchanged: last.Unchanged, PassedOver: last.PassedOver, PassedLines: last.PassedLines,
	}
}

// AccountsSample is a small file to begin with: GET /admin/accounts/sample.csv.
func (h *Admin) AccountsSample(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="accounts.csv"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", []byte(accountcsv.Sample))
}
