package device

import (
	"errors"
	"io"
	"mime"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// registrationAnswer is RFC 7591 section 3.2.1: everything that was registered. There
// is no secret, since a client proves itself with its key.
type registrationAnswer struct {
	ClientID string `json:"client_id"`
	IssuedAt int64  `json:"client_id_issued_at"` // Unix seconds
	oauth.ClientMetadata
}

// Register answers POST /register (RFC 7591 section 3.1): a client instance with its
// own key. What the registered app says of itself wins over the request.
func (d *Device) Register(c echo.Context) error {
	metadata, err := readMetadata(c.Request())
	if err != nil {
		return err
	}
	client, err := d.Store.RegisterClient(c.Request().Context(), metadata, d.ScopeNames(), web.Address(c).String())
	if err != nil {
		return refusedRegistration(err)
	}
	metadata.ClientName, metadata.Scope = client.ClientName, client.Scope
	return c.JSON(http.StatusCreated, registrationAnswer{client.ID, client.CreatedAt.Seconds(), metadata})
}

func readMetadata(request *http.Request) (oauth.ClientMetadata, error) {
	if kind, _, err := mime.ParseMediaType(request.Header.Get("Content-Type")); err != nil || kind != echo.MIMEApplicationJSON {
		return oauth.ClientMetadata{}, oauth.Errorf(oauth.ErrInvalidClientMetadata, "send the metadata as %s", echo.MIMEApplicationJSON)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return oauth.ClientMetadata{}, err
	}
	metadata, refusal := oauth.ParseClientMetadata(body)
	if refusal != nil {
		return oauth.ClientMetadata{}, refusal
	}
	if metadata.JWKS == nil {
		return oauth.ClientMetadata{}, oauth.Errorf(oauth.ErrInvalidClientMetadata, "jwks_uri cannot be fetched here: send jwks")
	}
	return metadata, nil
}

func refusedRegistration(err error) error {
	switch {
	case errors.Is(err, models.ErrKeyRegistered):
		return oauth.Errorf(oauth.ErrInvalidClientMetadata, "this key is registered already: each instance makes its own key, and a new one when it registers again")
	case errors.Is(err, models.ErrSoftwareNotListed):
		return oauth.Errorf(oauth.ErrInvalidClientMetadata, "this software_id is not registered here: the app's publisher has to ask the operator of this server to add it")
	}
	return err
}
