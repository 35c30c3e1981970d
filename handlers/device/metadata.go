package device

import (
	"net/http"

	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// cacheBriefly is for what seldom changes and anybody may read.
const cacheBriefly = "public, max-age=300"

// Metadata answers GET /.well-known/oauth-authorization-server (RFC 8414 §3).
func (d *Device) Metadata(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", cacheBriefly)
	return c.JSON(http.StatusOK, oauth.NewServerMetadata(d.Issuer, d.ScopeNames()))
}
