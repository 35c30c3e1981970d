package device

import (
	"net/http"

	"countersign/handlers/web"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// brief is how long what seldom changes may be kept, in seconds.
const brief = 300

// Metadata answers GET /.well-known/oauth-authorization-server (RFC 8414 §3).
func (d *Device) Metadata(c echo.Context) error {
	web.Cacheable(c, brief)
	return c.JSON(http.StatusOK, oauth.NewServerMetadata(d.Issuer, d.ScopeNames()))
}
