package device

import (
	"errors"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// ReadClient answers GET /register/:id (RFC 7592 section 2.1): what is registered now.
func (d *Device) ReadClient(c echo.Context) error {
	client, token, err := d.managed(c)
	if err != nil {
		return err
	}
	return d.answerRegistration(c, http.StatusOK, client, token)
}

// ReplaceClient answers PUT /register/:id (RFC 7592 section 2.2): everything that may be
// registered is said again, by the rules of a registration. What is left out is gone.
func (d *Device) ReplaceClient(c echo.Context) error {
	client, token, err := d.managed(c)
	if err != nil {
		return err
	}
	body, err := readJSON(c.Request())
	if err != nil {
		return err
	}
	if refusal := oauth.CheckClientUpdate(body, client.ID); refusal != nil {
		return refusal
	}
	registration, err := d.registration(c, body)
	if err != nil {
		return refusedRegistration(err)
	}
	client, err = d.Store.ReplaceClient(c.Request().Context(), client.ID, token, registration)
	if err != nil {
		return refusedRegistration(refusedManagement(err))
	}
	return d.answerRegistration(c, http.StatusOK, client, token)
}

// DeleteClient answers DELETE /register/:id (RFC 7592 section 2.3): the client, its
// bindings, their tokens and its requests end at once.
func (d *Device) DeleteClient(c echo.Context) error {
	client, token, err := d.managed(c)
	if err != nil {
		return err
	}
	if err := d.Store.DeleteClient(c.Request().Context(), client.ID, token, web.Address(c).String()); err != nil {
		return refusedManagement(err)
	}
	return c.NoContent(http.StatusNoContent)
}

// managed finds the client whose registration access token the request carries.
func (d *Device) managed(c echo.Context) (models.Client, string, error) {
	token := web.BearerToken(c)
	client, err := d.Store.ManagedClient(c.Request().Context(), c.Param("id"), token)
	return client, token, refusedManagement(err)
}

// refusedManagement answers a client that is not there as it answers a wrong token, and
// one that an administrator disabled with 403 (RFC 7592 section 2.1).
func refusedManagement(err error) error {
	switch {
	case errors.Is(err, models.ErrUnknownToken):
		return &web.BearerRefused{Description: "send this client's registration_access_token as Authorization: Bearer"}
	case errors.Is(err, models.ErrClientNotActive):
		return echo.ErrForbidden
	}
	return err
}
