package handlers

import (
	"net/http"
	"slices"

	"countersign/handlers/admin"
	"countersign/handlers/counter"
	"countersign/handlers/device"
	"countersign/handlers/guide"
	"countersign/handlers/notices"
	"countersign/handlers/review"
	"countersign/handlers/signin"
	"countersign/handlers/tlog"
	"countersign/handlers/web"
	"countersign/oauth"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// id is the parameter of a path that names one account, request, binding or the like.
const id = ":id"

// Routes is the one table of routes, audience by audience. Each line says who may use it;
// its kind says the rest: for whom the answer is, from which origins a browser may send
// it, and how much body is read. Its access rule says with what it shares its places at work,
// unless the line does. web.Mount puts these rules in front of the handlers.
func Routes(app *web.App) []web.Route {
	d, c := device.New(app), counter.New(app)
	return slices.Concat(
		clientRoutes(d), phoneRoutes(app, d), holderRoutes(d, notices.New(app)),
		signInRoutes(app), operatorRoutes(c), secondPersonRoutes(c), supervisorRoutes(review.New(app)), administratorRoutes(admin.New(app)),
		guideRoutes(app, guide.New(app)), logRoutes(tlog.New(app)), everybodysRoutes(app, &health{app: app}),
	)
}

// clientRoutes are for client instances, and for the resource servers that they call.
func clientRoutes(d *device.Device) []web.Route {
	return []web.Route{
		query(oauth.PathMetadata, web.Public, d.Metadata).Sharing(web.Phones),
		query(oauth.PathJWKS, web.Public, d.JWKS).Sharing(web.Phones),
		call(oauth.PathRegistration, web.Public, d.Register).Limited(web.Registrations).Sharing(web.Phones),
		query(oauth.PathClientConfiguration+id, web.Manager, d.ReadClient),
		change(http.MethodPut, oauth.PathClientConfiguration+id, web.Manager, d.ReplaceClient),
		change(http.MethodDelete, oauth.PathClientConfiguration+id, web.Manager, d.DeleteClient),
		call(oauth.PathDeviceAuthorization, web.Client, d.DeviceAuthorization).Limited(web.Requests),
		call(oauth.PathToken, web.Client, d.Token).Sharing(web.Polls),
		query(oauth.PathWhoAmI, web.Token, d.WhoAmI),
		query(oauth.PathVerifiedClaims, web.Token, d.VerifiedClaims),
		call(oauth.PathIntrospection, web.Introspector, d.Introspect),
		call(oauth.PathRevocation, web.Client, d.Revoke),
	}
}

// phoneRoutes are for a person who has a browser and no app. A deployment may switch them
// off.
func phoneRoutes(app *web.App, d *device.Device) []web.Route {
	if app.NoPhonePage {
		return nil
	}
	return []web.Route{
		page(views.PathPhone, web.Public, d.PhonePage),
		page(views.PathPhoneWorker, web.Public, d.PhoneWorker),
		page(views.PathPhoneManifest, web.Public, d.PhoneManifest),
		call(views.PathPhoneEvents, web.Client, d.PhoneEvents),
	}
}

// holderRoutes are for the person who holds the device, and for the account's own holder.
func holderRoutes(d *device.Device, n *notices.Pages) []web.Route {
	return []web.Route{
		page(oauth.PathVerification, web.Public, d.Verification),
		page(views.NotMePath("")+":token", web.Public, n.NotMePage),
		form(views.NotMePath("")+":token", web.Public, n.NotMe),
	}
}

// signInRoutes are for all staff, in and out. The way back from the provider is a GET, as
// OpenID Connect has it: it counts once, and only in the browser that began.
func signInRoutes(app *web.App) []web.Route {
	s := signin.New(app)
	return []web.Route{
		page(views.PathSignIn, web.Public, s.SignInPage),
		form(views.PathSignIn, web.Public, s.BeginSignIn),
		page(PathSignInCallback, web.Public, s.FinishSignIn).Acting(),
		form(views.PathSignOut, web.SignedIn, s.SignOut),
		page(views.PathSession, web.SignedIn, s.Session),
		page(views.PathSignedOut, web.Public, s.SignedOutPage),
		call(views.PathSignIn+"/backchannel-logout", web.Public, s.BackChannelLogout),
		page(views.PathStepUp, web.SignedIn, s.StepUpPage),
		form(views.PathStepUp, web.SignedIn, s.BeginStepUp),
		page("/", web.SignedIn, home),
	}
}

// operatorRoutes are for an operator, in the order of a visit.
func operatorRoutes(c *counter.Console) []web.Route {
	return []web.Route{
		page(views.PathScanner, web.SignedIn, c.ScannerSettings),
		page(views.PathOpenCounter, web.Operator, c.OpenCounterPage),
		form(views.PathOpenCounter, web.Operator, c.OpenCounter),
		page(views.PathCounter, web.AtCounter, c.Counter),
		page(views.PathSearch, web.AtCounter, c.Found),
		form(views.PathSearch, web.AtCounter, c.Search).Limited(web.Searches),
		page(views.AccountPath(id), web.AtCounter, c.Account),
		form(views.OpenRecordPath(id), web.AtCounter, c.OpenRecord).Limited(web.Searches),
		form(views.MatchPath(id), web.AtCounter, c.Match).Limited(web.CodeEntries),
		page(views.ProofPath(id), web.AtCounter, c.ProofPage),
		form(views.ProofPath(id), web.AtCounter, c.Proof),
		page(views.DecidePath(id), web.AtCounter, c.DecidePage),
		form(views.AskSecondApprovalPath(id), web.AtCounter, c.AskSecondApproval),
		form(views.ApprovePath(id), web.AtCounter, c.Approve),
		page(views.DeclinePath(id), web.AtCounter, c.DeclinePage),
		form(views.DeclinePath(id), web.AtCounter, c.Decline),
		form(views.OpenVisitPath(id), web.AtCounter, c.OpenVisit).Limited(web.Searches),
		form(views.ReleasePath(id), web.AtCounter, c.Release),
		form(views.ExtendPath(id), web.AtCounter, c.Extend),
		page(views.ReceiptPath(id), web.AtCounter, c.Receipt),
		page(views.ReceiptFilePath(id), web.AtCounter, c.ReceiptFile),
		form(views.ReceiptLabelPath(id), web.AtCounter, c.Label),
		form(views.ReceiptRecallPath(id), web.AtCounter, c.Recall),
		page(views.BindingsPath(id), web.AtCounter, c.Bindings),
		page(views.EndAllPath(id), web.AtCounter, c.EndAllPage),
		form(views.EndAllPath(id), web.AtCounter, c.EndAll),
		form(views.EndWaitingPath(id), web.AtCounter, c.EndWaiting),
		page(views.BindingPath(id), web.AtCounter, c.Binding),
		form(views.BindingRevokePath(id), web.AtCounter, c.RevokeBinding),
		form(views.BindingLabelPath(id), web.AtCounter, c.LabelBinding),
		form(views.AskDisconnectionPath(id), web.AtCounter, c.AskDisconnection),
		form(views.AskBindingDisconnectionPath(id), web.AtCounter, c.AskBindingDisconnection),
	}
}

// secondPersonRoutes are for a second person: an operator at another counter or at this
// one, or a supervisor.
func secondPersonRoutes(c *counter.Console) []web.Route {
	return []web.Route{
		page(views.SecondApprovalListPath, web.SecondPerson, c.SecondApprovals),
		page(views.CallsPath, web.SecondPerson, c.Calls),
		page(views.SecondApprovalPath(id), web.SecondPerson, c.SecondApproval),
		form(views.LookSecondApprovalPath(id), web.SecondPerson, c.LookSecondApproval),
		form(views.GiveSecondApprovalPath(id), web.SecondPerson, c.GiveSecondApproval),
		form(views.ReturnSecondApprovalPath(id), web.SecondPerson, c.ReturnSecondApproval),
	}
}

// supervisorRoutes are for a supervisor.
func supervisorRoutes(r *review.Review) []web.Route {
	return []web.Route{
		page(views.PathReviewEvents, web.Supervisor, r.Events),
		page(views.EventPath(id), web.Supervisor, r.Event),
		page(views.PathOverview, web.Supervisor, r.Overview),
		page(views.StoryPath(id), web.Supervisor, r.Story),
		page(views.StaffDayPath(id, ""), web.Supervisor, r.StaffDay),
		page(views.CounterWeekPath(id, ""), web.Supervisor, r.CounterWeek),
		form(views.PathReviewExport, web.Supervisor, r.Export).Limited(web.Searches),
		page(views.ReviewRequestPath(id), web.Supervisor, r.Request),
		page(views.ReviewReceiptFilePath(id), web.Supervisor, r.ReceiptFile),
		form(views.OpenRequestPath(id), web.Supervisor, r.OpenRequest).Limited(web.Searches),
		form(views.PathReviewReceipts, web.Supervisor, r.FindReceipt).Limited(web.Searches),
		form(views.RecallPath(id), web.Supervisor, r.Recall),
		form(views.RevokePath(id), web.Supervisor, r.Revoke),
		page(views.AlertCountPath, web.Supervisor, r.AlertCount),
		form(views.AlertPath(id), web.Supervisor, r.Alert),
		form(views.TakeAlertPath(id), web.Supervisor, r.TakeAlert),
		form(views.DisconnectPath(id), web.Supervisor, r.Disconnect),
		form(views.PathReviewAccounts, web.Supervisor, r.FindAccount).Limited(web.Searches),
		form(views.UnlockPath(id), web.Supervisor, r.Unlock),
		form(views.ReviewOpenRecordPath(id), web.Supervisor, r.OpenRecord).Limited(web.Searches),
		page(views.ReviewBindingsPath(id), web.Supervisor, r.Bindings),
		page(views.ReviewEndAllPath(id), web.Supervisor, r.EndAllPage),
		form(views.ReviewEndAllPath(id), web.Supervisor, r.EndAll),
		form(views.ReviewEndWaitingPath(id), web.Supervisor, r.EndWaiting),
		form(views.LabelPath(id), web.Supervisor, r.Label),
	}
}

// administratorRoutes are for an administrator.
func administratorRoutes(m *admin.Admin) []web.Route {
	return []web.Route{
		page(views.PathPublishers, web.Administrator, m.Publishers),
		form(views.PathPublishers, web.Administrator, m.SavePublisher),
		form(views.PathSoftware, web.Administrator, m.AddSoftware),
		page(views.PathSoftware, web.Administrator, m.Software),
		form(views.PathChangeSoftware, web.Administrator, m.ChangeSoftware),
		form(views.PathRegistrationTokens, web.Administrator, m.AddToken),
		form(views.RevokeTokenPath(id), web.Administrator, m.RevokeToken),
		page(views.PathCounters, web.Administrator, m.Counters),
		form(views.PathCounters, web.Administrator, m.AddCounter),
		page(views.CounterSettingsPath(id), web.Administrator, m.Counter),
		form(views.CounterSettingsPath(id), web.Administrator, m.ChangeCounter),
		page(views.CloseCounterPath(id), web.Administrator, m.AskToCloseCounter),
		form(views.CloseCounterPath(id), web.Administrator, m.CloseCounter),
		form(views.ReopenCounterPath(id), web.Administrator, m.ReopenCounter),
		page(views.PathStaff, web.Administrator, m.Staff),
		page(views.StaffPath(id), web.Administrator, m.StaffMember),
		form(views.StaffCountersPath(id), web.Administrator, m.LimitStaff),
		form(views.EndSessionsPath(id), web.Administrator, m.EndSessions),
		page(views.PathAccounts, web.Administrator, m.Accounts),
		form(views.PathAccounts, web.Administrator, m.SearchAccounts).Limited(web.Searches),
		page(views.PathAccountsImport, web.Administrator, m.ImportPreview),
		form(views.PathAccountsImport, web.Administrator, m.UploadAccounts).Reading(admin.ImportBody),
		form(views.PathImportConfirm, web.Administrator, m.ConfirmImport),
		form(views.PathImportDiscard, web.Administrator, m.DiscardImport),
		page(views.PathImportProgress, web.Administrator, m.ImportProgress),
		page(views.PathAccountsSample, web.Administrator, m.AccountsSample),
		page(views.AccountSettingsPath(id), web.Administrator, m.Account),
		form(views.AdminOpenRecordPath(id), web.Administrator, m.OpenRecord).Limited(web.Searches),
		page(views.PathNewAccount, web.Administrator, m.NewAccount),
		form(views.PathNewAccount, web.Administrator, m.SaveAccount),
		page(views.AccountRecordPath(id), web.Administrator, m.AccountRecord),
		form(views.AccountRecordPath(id), web.Administrator, m.SaveAccount),
		form(views.SuspendPath(id), web.Administrator, m.SuspendAccount),
		form(views.ReinstatePath(id), web.Administrator, m.ReinstateAccount),
		form(views.AccountRulesPath(id), web.Administrator, m.SetAccountRules),
		page(views.PathPolicies, web.Administrator, m.Policies),
		page(views.PathState, web.Administrator, m.ServerState),
		page(views.PathUndelivered, web.Administrator, m.Undelivered),
		form(views.PathUndelivered, web.Administrator, m.ActOnUndelivered),
	}
}

// guideRoutes explain. Where accounts are real there is nothing to practise with.
func guideRoutes(app *web.App, g *guide.Guide) []web.Route {
	routes := []web.Route{page(views.PathHelp, web.Public, g.HelpIndex)}
	for _, audience := range g.Audiences() {
		routes = append(routes, page(views.HelpPath(audience, ""), web.Public, g.Help(audience)))
	}
	if app.Demonstration || app.Practice != nil {
		routes = append(routes, page(views.PathPractice, web.Public, g.Practice))
	}
	return routes
}

// logRoutes are for whoever checks that the trail was neither changed nor cut off.
func logRoutes(l *tlog.Log) []web.Route {
	return []web.Route{
		query(tlog.PathCheckpoint, web.Public, l.Checkpoint).Limited(web.LogReads),
		query(tlog.PathKeys, web.Public, l.Keys).Limited(web.LogReads),
		query(tlog.PathTile, web.Public, l.Tile).Limited(web.LogReads),
	}
}

// everybodysRoutes are for everybody, and for what watches over the process.
func everybodysRoutes(app *web.App, h *health) []web.Route {
	routes := []web.Route{
		form(views.PathLanguage, web.Public, app.ChooseLanguage),
		page(static.Prefix+"*", web.Public, echo.WrapHandler(static.Handler(static.Prefix))).Sharing(web.NoClass),
		query("/healthz", web.Public, h.alive).InClear().Sharing(web.NoClass),
		query("/readyz", web.Public, h.ready).InClear().Sharing(web.NoClass),
	}
	if app.Organisation.Logo != nil {
		routes = append(routes, page(web.PathLogo, web.Public, app.Logo))
	}
	return routes
}

// PathSignInCallback is the redirect URI to register with the organisation's OpenID
// Provider, below the issuer.
const PathSignInCallback = views.PathSignIn + "/callback"

// page is a GET that answers a person.
func page(path string, access web.Access, handle echo.HandlerFunc) web.Route {
	return web.Route{Method: http.MethodGet, Path: path, Access: access, Handle: handle,
		Audience: web.People, Origins: web.SameOrigin, Body: web.NoBody}
}

// form is a POST from one of our own pages, with the cookie.
func form(path string, access web.Access, handle echo.HandlerFunc) web.Route {
	return web.Route{Method: http.MethodPost, Path: path, Access: access, Handle: handle,
		Audience: web.People, Origins: web.SameOrigin, Body: web.FormBody}
}

// query is a GET that answers a program. It takes no cookie.
func query(path string, access web.Access, handle echo.HandlerFunc) web.Route {
	return web.Route{Method: http.MethodGet, Path: path, Access: access, Handle: handle,
		Audience: web.Clients, Origins: web.AnyOrigin, Body: web.NoBody}
}

// call is a POST from a program. It takes no cookie: each request proves itself.
func call(path string, access web.Access, handle echo.HandlerFunc) web.Route {
	return web.Route{Method: http.MethodPost, Path: path, Access: access, Handle: handle,
		Audience: web.Clients, Origins: web.AnyOrigin, Body: web.FormBody}
}

// change is a PUT or DELETE from a program, by the same rules as a call.
func change(method, path string, access web.Access, handle echo.HandlerFunc) web.Route {
	route := call(path, access, handle)
	route.Method = method
	return route
}
