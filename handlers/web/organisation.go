package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"

	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Organisation is what the deployment says of itself. Every field may be left out.
type Organisation struct {
	Name      string
	Telephone string // as people write it
	// Addresses of the organisation's own pages.
	Privacy, Imprint, Accessibility string
	Logo                            *Logo
}

// Logo is a picture that was checked (ReadLogo).
type Logo struct {
	Type    string // image/png, image/webp or image/svg+xml
	Content []byte
}

// PathLogo is where the organisation's logo is.
const PathLogo = "/organisation/logo"

// logoPolicy lets a drawing have its own styles, and nothing else: opened by itself it runs and loads nothing, and is of no origin.
const logoPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"

// version is part of the logo's address, so that browsers keep each for long.
func (l *Logo) version() string {
	sum := sha256.Sum256(l.Content)
	return hex.EncodeToString(sum[:4])
}

// OrganisationShown is the organisation as pages show it.
func (a *App) OrganisationShown() views.Organisation {
	o := views.Organisation{
		Name: a.Organisation.Name, Telephone: a.Organisation.Telephone,
		Privacy: a.Organisation.Privacy, Imprint: a.Organisation.Imprint, Accessibility: a.Organisation.Accessibility,
	}
	if a.Organisation.Logo != nil {
		o.LogoURL = PathLogo + "?v=" + a.Organisation.Logo.version()
	}
	if o != (views.Organisation{}) {
		o.StylesheetURL = static.URL("organisation.css")
	}
	return o
}

// Logo answers GET /organisation/logo.
func (a *App) Logo(c echo.Context) error {
	header := c.Response().Header()
	header.Set("Content-Security-Policy", logoPolicy)
	header.Set("Cache-Control", "no-cache")
	if c.QueryParam("v") == a.Organisation.Logo.version() {
		header.Set("Cache-Control", "public, max-age="+strconv.Itoa(365*24*60*60)+", immutable")
	}
	return c.Blob(http.StatusOK, a.Organisation.Logo.Type, a.Organisation.Logo.Content)
}
