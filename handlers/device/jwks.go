package device

import (
	"net/http"

	"countersign/handlers/web"

	"github.com/labstack/echo/v4"
)

// JWKS answers GET /jwks: the public keys of access tokens (RFC 8414 §2,
// jwks_uri): the one that signs, the next one, and retired ones whose tokens may live. A
// next key is published for much longer before it signs (models.NextKeyPublished) than an
// answer may be kept. The keys of the audit trail are not among them.
func (d *Device) JWKS(c echo.Context) error {
	keys, err := d.Store.PublishedKeys(c.Request().Context())
	if err != nil {
		return err
	}
	web.Cacheable(c, brief)
	return c.JSON(http.StatusOK, keys)
}
