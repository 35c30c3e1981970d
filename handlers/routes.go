package handlers

import (
	"net/http"

	"countersign/handlers/counter"
	"countersign/handlers/device"
	"countersign/handlers/review"
	"countersign/handlers/web"
	"countersign/oauth"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Routes is the one table of routes: who may use each, from which origins, and how much
// body is read. web.Mount puts these rules in front of the handlers.
func Routes(app *web.App) []web.Route {
	var routes []web.Route
	console := counter.New(app)
	routes = append(routes, deviceRoutes(device.New(app))...)
	routes = append(routes, signInRoutes(console)...)
	routes = append(routes, counterRoutes(console)...)
	routes = append(routes, reviewRoutes(review.New(app))...)
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

// signInRoutes lead staff in and out. The way back from the provider is a GET, as OpenID
// Connect has it: it counts once, and only in the browser that began.
func signInRoutes(h *counter.Console) []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	return []web.Route{
		{Method: get, Path: views.PathSignIn, Audience: web.People, Access: web.Public, Origins: web.SameOrigin, Body: web.NoBody, Handle: h.SignInPage},
		{Method: post, Path: views.PathSignIn, Audience: web.People, Access: web.Public, Origins: web.SameOrigin, Body: web.FormBody, Handle: h.BeginSignIn},
		{Method: get, Path: views.PathSignIn + "/callback", Audience: web.People, Access: web.Public, Origins: web.SameOrigin, Body: web.NoBody, Handle: h.FinishSignIn},
		{Method: post, Path: views.PathSignOut, Audience: web.People, Access: web.SignedIn, Origins: web.SameOrigin, Body: web.FormBody, Handle: h.SignOut},
	}
}

// counterRoutes are a visit, in its order.
func counterRoutes(h *counter.Console) []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	account, visit := ":account", ":visit"
	return []web.Route{
		{Method: get, Path: views.PathOpenCounter, Audience: web.People, Access: web.Operator, Origins: web.SameOrigin, Body: web.NoBody, Handle: h.OpenCounterPage},
		{Method: post, Path: views.PathOpenCounter, Audience: web.People, Access: web.Operator, Origins: web.SameOrigin, Body: web.FormBody, Handle: h.OpenCounter},
		{Method: get, Path: views.PathCounter, Audience: web.People, Access: web.AtCounter, Origins: web.SameOrigin, Body: web.NoBody, Handle: h.Counter},
		{Method: post, Path: views.PathSearch, Audience: web.People, Access: web.AtCounter, Origins: web.SameOrigin, Body: web.FormBody, Handle: h.Search},
		{Method: get, Path: views.AccountPath(account), Audience: web.People, Access: web.AtCounter, Origins: web.SameOrigin, Body: web.NoBody, Handle: h.Account},
		{Method: post, Path: views.MatchPath(account), Audience: web.People, Access: web.AtCounter, Origins: web.SameOrigin, Body: web.FormBody, Handle: h.Match},
		{Method: get, Path: views.ProofPath(visit), Audience: web.People, Access: web.AtCounter, Origins: web.SameOrigin, Body: web.NoBody, Handle: h.ProofPage},
		{Method: post, Path: views.ProofPath(visit), Audience: web.People, Access: web.AtCounter, Origins: web.SameOrigin, Body: web.FormBody, Handle: h.Proof},
		{Method: get, Path: views.DecidePath(visit), Audience: web.People, Access: web.AtCounter, Origins: web.SameOrigin, Body: web.NoBody, Handle: h.DecidePage},
		{Method: post, Path: views.ApprovePath(visit), Audience: web.People, Access: web.AtCounter, Origins: web.SameOrigin, Body: web.FormBody, Handle: h.Approve},
		{Method: get, Path: views.DeclinePath(visit), Audience: web.People, Access: web.AtCounter, Origins: web.SameOrigin, Body: web.NoBody, Handle: h.DeclinePage},
		{Method: post, Path: views.DeclinePath(visit), Audience: web.People, Access: web.AtCounter, Origins: web.SameOrigin, Body: web.FormBody, Handle: h.Decline},
		{Method: post, Path: views.ReleasePath(visit), Audience: web.People, Access: web.AtCounter, Origins: web.SameOrigin, Body: web.FormBody, Handle: h.Release},
		{Method: get, Path: views.ReceiptPath(visit), Audience: web.People, Access: web.AtCounter, Origins: web.SameOrigin, Body: web.NoBody, Handle: h.Receipt},
	}
}

// reviewRoutes are the supervisors' pages and their ways back.
func reviewRoutes(h *review.Review) []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	return []web.Route{
		{Method: get, Path: views.PathReviewEvents, Audience: web.People, Access: web.Supervisor, Origins: web.SameOrigin, Body: web.NoBody, Handle: h.Events},
		{Method: get, Path: views.ReviewRequestPath(":request"), Audience: web.People, Access: web.Supervisor, Origins: web.SameOrigin, Body: web.NoBody, Handle: h.Request},
		{Method: post, Path: views.RecallPath(":request"), Audience: web.People, Access: web.Supervisor, Origins: web.SameOrigin, Body: web.FormBody, Handle: h.Recall},
		{Method: post, Path: views.RevokePath(":binding"), Audience: web.People, Access: web.Supervisor, Origins: web.SameOrigin, Body: web.FormBody, Handle: h.Revoke},
		{Method: post, Path: views.UnlockPath(":account"), Audience: web.People, Access: web.Supervisor, Origins: web.SameOrigin, Body: web.FormBody, Handle: h.Unlock},
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
