package device

import (
	"net/http"

	"countersign/handlers/web"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// ReadClient answers GET /register/:id (RFC 7592 §2.1): what is registered now.
func (d *Device) ReadClient(c echo.Context) error {
	managed := web.ManagedOf(c)
	return d.answerRegistration(c, http.StatusOK, managed.Client, managed.Token)
}

// ReplaceClient answers PUT /register/:id (RFC 7592 §2.2): everything that may be
// registered is said again, by the rules of a registration. What is left out is gone.
func (d *Device) ReplaceClient(c echo.Context) error {
	managed := web.ManagedOf(c)
	body, err := readJSON(c.Request())
	if err != nil {
		return err
	}
	if refusal := oauth.CheckClientUpdate(body, managed.ID); refusal != nil {
		return refusal
	}
	registration, err := d.registration(c, body, managed.Client)
	if err != nil {
		return refusedRegistration(err, managed.Token)
	}
	registration.Counted = d.StrangerOf(c).Counted
	client, err := d.Store.ReplaceClient(c.Request().Context(), managed.ID, managed.Token, registration)
	if err != nil {
		return refusedRegistration(web.RefusedManagement(err, managed.Token), managed.Token)
	}
	return d.answerRegistration(c, http.StatusOK, client, managed.Token)
}

// DeleteClient answers DELETE /register/:id (RFC 7592 §2.3): the client, its
// bindings, their tokens and its requests end at once.
func (d *Device) DeleteClient(c echo.Context) error {
	managed := web.ManagedOf(c)
	if err := d.Store.DeleteClient(c.Request().Context(), managed.ID, managed.Token, d.StrangerOf(c)); err != nil {
		return web.RefusedManagement(err, managed.Token)
	}
	return c.NoContent(http.StatusNoContent)
}
