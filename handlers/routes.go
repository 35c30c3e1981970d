package handlers

import (
	"net/http"

	"countersign/handlers/device"
	"countersign/handlers/web"
	"countersign/oauth"
	"countersign/static"

	"github.com/labstack/echo/v4"
)

// Routes is the one table of routes: who may use each, from which origins, and how much
// body is read. web.Mount puts these rules in front of the handlers.
func Routes(app *web.App) []web.Route {
	var routes []web.Route
	routes = append(routes, deviceRoutes(device.New(app))...)
	return append(routes, commonRoutes(app)...)
}

// deviceRoutes are for client instances and the people who hold them. They take no
// cookie, so that their origin does not matter.
func deviceRoutes(d *device.Device) []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	return []web.Route{
		{Method: get, Path: oauth.PathMetadata, Audience: web.Clients, Access: web.Public, Origins: web.AnyOrigin, Body: web.NoBody, Handle: d.Metadata},
		{Method: get, Path: oauth.PathJWKS, Audience: web.Clients, Access: web.Public, Origins: web.AnyOrigin, Body: web.NoBody, Handle: d.JWKS},
		{Method: post, Path: oauth.PathRegistration, Audience: web.Clients, Access: web.Public, Origins: web.AnyOrigin, Body: web.FormBody, Handle: d.Register},
		{Method: post, Path: oauth.PathDeviceAuthorization, Audience: web.Clients, Access: web.Client, Origins: web.AnyOrigin, Body: web.FormBody, Handle: d.DeviceAuthorization},
		{Method: get, Path: oauth.PathVerification, Audience: web.People, Access: web.Public, Origins: web.AnyOrigin, Body: web.NoBody, Handle: d.Verification},
		{Method: post, Path: oauth.PathToken, Audience: web.Clients, Access: web.Client, Origins: web.AnyOrigin, Body: web.FormBody, Handle: d.Token},
		{Method: get, Path: oauth.PathWhoAmI, Audience: web.Clients, Access: web.Token, Origins: web.AnyOrigin, Body: web.NoBody, Handle: d.WhoAmI},
		{Method: post, Path: oauth.PathIntrospection, Audience: web.Clients, Access: web.Client, Origins: web.AnyOrigin, Body: web.FormBody, Handle: d.Introspect},
		{Method: post, Path: oauth.PathRevocation, Audience: web.Clients, Access: web.Client, Origins: web.AnyOrigin, Body: web.FormBody, Handle: d.Revoke},
	}
}

// commonRoutes are for everybody.
func commonRoutes(app *web.App) []web.Route {
	const get = http.MethodGet
	h := &health{app: app}
	return []web.Route{
		{Method: get, Path: "/", Audience: web.People, Access: web.SignedIn, Origins: web.SameOrigin, Body: web.NoBody, Handle: home},
		{Method: get, Path: static.Prefix + "*", Audience: web.People, Access: web.Public, Origins: web.AnyOrigin, Body: web.NoBody, Handle: echo.WrapHandler(static.Handler(static.Prefix))},
		{Method: get, Path: "/healthz", Audience: web.Clients, Access: web.Public, Origins: web.AnyOrigin, Body: web.NoBody, Handle: h.alive},
		{Method: get, Path: "/readyz", Audience: web.Clients, Access: web.Public, Origins: web.AnyOrigin, Body: web.NoBody, Handle: h.ready},
	}
}
