package web

import (
	"net/http"
	"strings"

	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// refusalPages words the refusals that carry nothing but their name.
var refusalPages = []struct {
	err    error
	status int
	page   views.ErrorProps
}{
	{models.ErrNotFound, http.StatusNotFound, httpPage(http.StatusNotFound)},
	{models.ErrSessionEnded, http.StatusUnauthorized, views.ErrorProps{
		Heading: "You are signed out", What: "Your session ended, so this step was not taken.",
		Next: "Sign in and do it again.", LinkText: "Sign in", LinkURL: views.PathSignIn}},
	{models.ErrNotAllowed, http.StatusForbidden, views.ErrorProps{
		Heading: "Your role does not allow this", What: "Nothing was changed.",
		Next: "If you need it for your work, ask an administrator to give you the role, then sign in again."}},
	{models.ErrNoCounter, http.StatusConflict, views.ErrorProps{
		Heading: "Open a counter first", What: "No counter is open in this session.",
		Next: "Say at which counter you are.", LinkText: "Open a counter", LinkURL: views.PathOpenCounter}},
	{models.ErrCounterNetwork, http.StatusForbidden, views.ErrorProps{
		Heading: "This counter cannot be used from here", What: "The counter may be used from its own network only.",
		Next: "Use a workplace at the counter, or open another counter.", LinkText: "Open another counter", LinkURL: views.PathOpenCounter}},
	{models.ErrOwnAccount, http.StatusForbidden, views.ErrorProps{
		Heading: "This is your own account", What: "Nobody decides on their own account. Nothing was changed, and the attempt is on record.",
		Next: "Ask another operator to handle your visit.", LinkText: "New customer", LinkURL: views.PathCounter}},
	{models.ErrOwnAlert, http.StatusForbidden, views.ErrorProps{
		Heading: "You caused this alert", What: "Another supervisor looks at it. Nothing was changed.",
		Next: "Tell one of them.", LinkText: "Back to the audit trail", LinkURL: views.PathReviewEvents}},
	{models.ErrNotTheClaim, http.StatusForbidden, views.ErrorProps{
		Heading: "Only who matched and proofed may decide", What: "Another operator holds this request. Nothing was changed.",
		Next: "Find the account again and enter the code that the device shows.", LinkText: "New customer", LinkURL: views.PathCounter}},
	{models.ErrAccountNotActive, http.StatusConflict, views.ErrorProps{
		Heading: "The account cannot be used now", What: "The account is suspended, locked or closed. Nothing was approved.",
		Next: "Tell the customer whom to ask about their account.", LinkText: "New customer", LinkURL: views.PathCounter}},
	{models.ErrMatchingLocked, http.StatusConflict, views.ErrorProps{
		Heading: "Matching is locked for this account", What: "Too many wrong codes were entered for it. Nothing was approved, and the attempt is on record.",
		Next: "Ask a supervisor to look and unlock the account. The request can be declined at any time.", LinkText: "New customer", LinkURL: views.PathCounter}},
	{models.ErrPresenceRequired, http.StatusConflict, views.ErrorProps{
		Heading: "The device’s own proof is missing", What: "This account or app needs it, and only the code was entered. Nothing was approved, and the attempt is on record.",
		Next: "Ask the customer to show the QR code, find the account again and scan it.", LinkText: "Find the account", LinkURL: views.PathCounter}},
	{models.ErrDetailsDiffer, http.StatusConflict, views.ErrorProps{
		Heading: "The document differs from the account’s record", What: "Nothing was approved, and the attempt is on record.",
		Next: "Decline the request, or go back and check the document again.", LinkText: "New customer", LinkURL: views.PathCounter}},
	{models.ErrSecondRequired, http.StatusConflict, views.ErrorProps{
		Heading: "A second person must look first", What: "This visit needs two people. Nothing was approved, and the attempt is on record.",
		Next: "Go back to the visit and ask for a second person.", LinkText: "New customer", LinkURL: views.PathCounter}},
	{models.ErrSecondNotNeeded, http.StatusConflict, views.ErrorProps{
		Heading: "No second person is needed", What: "Nothing was changed.",
		Next: "Go back to the visit and decide.", LinkText: "New customer", LinkURL: views.PathCounter}},
	{models.ErrSamePerson, http.StatusForbidden, views.ErrorProps{
		Heading: "Somebody else must look", What: "You asked for a second person yourself. Nothing was changed, and the attempt is on record.",
		Next: "Ask a colleague or a supervisor.", LinkText: "To the list", LinkURL: views.SecondListPath}},
	{models.ErrSecondOver, http.StatusConflict, views.ErrorProps{
		Heading: "There is nothing to say to this visit any more", What: "It was answered or decided already, its time ran out, or the document was checked again. Nothing was changed.",
		Next: "Look at the list for what waits now.", LinkText: "To the list", LinkURL: views.SecondListPath}},
	{models.ErrClientNotActive, http.StatusConflict, views.ErrorProps{
		Heading: "The app on this device is disabled", What: "Its registration was disabled. Nothing was approved.",
		Next: "Ask the customer to remove the app, install it again and start again.", LinkText: "New customer", LinkURL: views.PathCounter}},
	{models.ErrBindingRevoked, http.StatusConflict, views.ErrorProps{
		Heading: "The binding is revoked already", What: "Its tokens are dead.", Next: "Nothing more is to be done here."}},
	{ErrCrossOrigin, http.StatusForbidden, views.ErrorProps{
		Heading: "This form came from another site", What: "It was refused, and nothing was changed.",
		Next: "Go to the console by its own address and do the step there.", LinkText: "To the console", LinkURL: "/"}},
}

// gonePage is for an operator who follows an address to what is not there.
func gonePage(c echo.Context) views.ErrorProps {
	what := "This account"
	if strings.HasPrefix(c.Path(), "/counter/visits/") {
		what = "This visit"
	}
	return views.ErrorProps{Heading: what + " is not here any more", What: "It was taken away, or the address is mistyped.",
		Next: "Find the customer’s account again.", LinkText: "New customer", LinkURL: views.PathCounter}
}

// httpPage words what HTTP itself refuses.
func httpPage(status int) views.ErrorProps {
	switch status {
	case http.StatusNotFound:
		return views.ErrorProps{Heading: "There is nothing at this address",
			What: "The address may be mistyped, or what was here is gone.", Next: "Go back to where you came from.",
			LinkText: "To the start", LinkURL: "/"}
	case http.StatusMethodNotAllowed:
		return views.ErrorProps{Heading: "This page cannot be opened that way",
			What: "The address takes a form, not a link.", Next: "Go back and use the page's own buttons.",
			LinkText: "To the start", LinkURL: "/"}
	case http.StatusRequestEntityTooLarge:
		return views.ErrorProps{Heading: "That is too much text for this form",
			What: "Nothing was changed.", Next: "Go back and shorten it."}
	}
	return views.ErrorProps{Heading: "The request was not understood", What: "Nothing was changed.", Next: "Go back and try again."}
}
