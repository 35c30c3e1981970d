package web

import (
	"net/http"
	"strings"

	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// refusal is an error that carries nothing but its name, with the page that words it.
type refusal struct {
	err    error
	status int
	page   views.ErrorProps
}

// refusalPages words the refusals that carry nothing but their name.
func refusalPages(say views.Sayer) []refusal {
	return []refusal{
		{models.ErrNotFound, http.StatusNotFound, httpPage(say, http.StatusNotFound)},
		{models.ErrSessionEnded, http.StatusUnauthorized, views.ErrorProps{
			Heading: say("You are signed out"), What: say("Your session ended, so this step was not taken."),
			Next: say("Sign in and do it again."), LinkText: say("Sign in"), LinkURL: views.PathSignIn}},
		{models.ErrNotAllowed, http.StatusForbidden, views.ErrorProps{
			Heading: say("Your role does not allow this"), What: say("Nothing was changed."),
			Next: say("If you need it for your work, ask an administrator to give you the role, then sign in again.")}},
		{models.ErrUnknownReason, http.StatusBadRequest, views.ErrorProps{
			Heading: say("This reason is not in the list"), What: say("Nothing was changed."), Next: say("Go back and choose a reason.")}},
		{models.ErrNoCounter, http.StatusConflict, views.ErrorProps{
			Heading: say("Open a counter first"), What: say("No counter is open in this session."),
			Next: say("Say at which counter you are."), LinkText: say("Open a counter"), LinkURL: views.PathOpenCounter}},
		{models.ErrCounterNetwork, http.StatusForbidden, views.ErrorProps{
			Heading: say("This counter cannot be used from here"), What: say("The counter may be used from its own network only."),
			Next: say("Use a workplace at the counter, or open another counter."), LinkText: say("Open another counter"),
			LinkURL: views.PathOpenCounter}},
		{models.ErrOwnAccount, http.StatusForbidden, views.ErrorProps{
			Heading: say("This is your own account"),
			What:    say("Nobody decides on their own account. Nothing was changed, and the attempt is on record."),
			Next:    say("Ask another operator to handle your visit."), LinkText: say("New customer"), LinkURL: views.PathCounter}},
		{models.ErrOwnAccountUnknown, http.StatusForbidden, views.ErrorProps{
			Heading:  say("Your sign-in does not say which account is your own"),
			What:     say("Nobody decides on their own account, and of you it cannot be known. Nothing was changed, and the attempt is on record."),
			Next:     say("Ask a colleague to do this, and tell an administrator: the organisation’s sign-in has to name your account."),
			LinkText: say("To the start"), LinkURL: "/"}},
		{models.ErrOwnAlert, http.StatusForbidden, views.ErrorProps{
			Heading: say("You caused this alert"), What: say("Another supervisor looks at it. Nothing was changed."),
			Next: say("Tell one of them."), LinkText: say("Back to the audit trail"), LinkURL: views.PathReviewEvents}},
		{models.ErrOwnWrongCodes, http.StatusForbidden, views.ErrorProps{
			Heading: say("You entered wrong codes for this account yourself"),
			What:    say("Somebody else looks why it is locked. Nothing was changed, and the attempt is on record."),
			Next:    say("Tell another supervisor."), LinkText: say("Back to the audit trail"), LinkURL: views.PathReviewEvents}},
		{models.ErrNotTheClaim, http.StatusForbidden, views.ErrorProps{
			Heading: say("Only who matched and proofed may decide"), What: say("Another operator holds this request. Nothing was changed."),
			Next: say("Find the account again and enter the code that the device shows."), LinkText: say("New customer"),
			LinkURL: views.PathCounter}},
		{models.ErrNoVisit, http.StatusForbidden, views.ErrorProps{
			Heading:  say("This account has no visit with you now"),
			What:     say("You see and disconnect an account’s devices while its holder is in front of you. Nothing was changed, and the attempt is on record."),
			Next:     say("Find the account, match what the customer’s device shows and check the ID document. A customer with no device left: ask a supervisor, on the account’s page."),
			LinkText: say("New customer"), LinkURL: views.PathCounter}},
		{models.ErrNotProofed, http.StatusConflict, views.ErrorProps{
			Heading: say("The ID document is not checked yet"), What: say("No device was disconnected, and the attempt is on record."),
			Next: say("Check the document first."), LinkText: say("New customer"), LinkURL: views.PathCounter}},
		{models.ErrNotToRecall, http.StatusForbidden, views.ErrorProps{
			Heading: say("Only a supervisor can take this approval back now"),
			What:    say("You can take your own approval back at the same counter for 15 minutes. Nothing was changed, and the attempt is on record."),
			Next:    say("Tell a supervisor at once."), LinkText: say("New customer"), LinkURL: views.PathCounter}},
	}
}

// visitRefusals words the refusals of a visit's steps and of what follows. A page without a
// link leads back to the visit.
func visitRefusals(say views.Sayer) []refusal {
	return []refusal{
		{models.ErrAccountNotActive, http.StatusConflict, views.ErrorProps{
			Heading: say("The account cannot be used now"), What: say("The account is suspended, locked or closed. Nothing was approved."),
			Next: say("Tell the customer whom to ask about their account.")}},
		{models.ErrMatchingLocked, http.StatusConflict, views.ErrorProps{
			Heading: say("Matching is locked for this account"),
			What:    say("Too many wrong codes were entered for it. Nothing was approved, and the attempt is on record."),
			Next:    say("Ask a supervisor to look and unlock the account. The request can be declined at any time.")}},
		{models.ErrPresenceRequired, http.StatusConflict, views.ErrorProps{
			Heading: say("The device’s own proof is missing"),
			What:    say("This account or app needs it, and only the code was entered. Nothing was approved, and the attempt is on record."),
			Next:    say("Ask the customer to show the QR code, find the account again and scan it."), LinkText: say("Find the account"),
			LinkURL: views.PathCounter}},
		{models.ErrScopeWithdrawn, http.StatusConflict, views.ErrorProps{
			Heading: say("The app may have nothing of this any more"),
			What:    say("An administrator has withdrawn what it asks for. Nothing was approved, and the attempt is on record."),
			Next:    say("Decline the request, and ask the customer to update the app.")}},
		{models.ErrDetailsDiffer, http.StatusConflict, views.ErrorProps{
			Heading: say("The document differs from the account’s record"), What: say("Nothing was approved, and the attempt is on record."),
			Next: say("Decline the request, or go back and check the document again.")}},
		{models.ErrRecordChanged, http.StatusConflict, views.ErrorProps{
			Heading: say("The account’s record has changed"),
			What:    say("The document was compared with another record. Nothing was approved, and the attempt is on record."),
			Next:    say("Go back and check the document again.")}},
		{models.ErrSecondApprovalRequired, http.StatusConflict, views.ErrorProps{
			Heading: say("A second person must look first"),
			What:    say("This visit needs two people. Nothing was approved, and the attempt is on record."),
			Next:    say("Go back to the visit and ask for a second person.")}},
		{models.ErrSecondApprovalNotNeeded, http.StatusConflict, views.ErrorProps{
			Heading: say("No second person is needed"), What: say("Nothing was changed."),
			Next: say("Go back to the visit and decide.")}},
		{models.ErrSamePerson, http.StatusForbidden, views.ErrorProps{
			Heading: say("Somebody else must look"),
			What:    say("You asked for a second person yourself. Nothing was changed, and the attempt is on record."),
			Next:    say("Ask a colleague or a supervisor."), LinkText: say("To the list"), LinkURL: views.SecondApprovalListPath}},
		{models.ErrNotLooked, http.StatusConflict, views.ErrorProps{
			Heading: say("Look at the record first"),
			What:    say("Nobody agrees to a visit that they have not opened. Nothing was changed, and the attempt is on record."),
			Next:    say("Open it from the list."), LinkText: say("To the list"), LinkURL: views.SecondApprovalListPath}},
		{models.ErrSecondApprovalOver, http.StatusConflict, views.ErrorProps{
			Heading: say("This visit no longer waits for an answer"),
			What:    say("It was answered or decided already, its time ran out, or the document was checked again. Nothing was changed."),
			Next:    say("Look at the list for what waits now."), LinkText: say("To the list"), LinkURL: views.SecondApprovalListPath}},
		{models.ErrClientNotActive, http.StatusConflict, views.ErrorProps{
			Heading: say("The app on this device is disabled"), What: say("Its registration was disabled. Nothing was approved."),
			Next: say("Ask the customer to remove the app, install it again and start again.")}},
		{models.ErrBindingRevoked, http.StatusConflict, views.ErrorProps{
			Heading: say("The device is disconnected already"), What: say("Its tokens no longer work."),
			Next: say("Nothing more is to be done here.")}},
		{ErrCrossOrigin, http.StatusForbidden, views.ErrorProps{
			Heading: say("This form came from another site"), What: say("It was refused, and nothing was changed."),
			Next: say("Go to the console by its own address and do the step there."), LinkText: say("To the console"), LinkURL: "/"}},
	}
}

// withWayBack gives a refusal without a link the way back to its visit, which the operator
// still holds: only there can it be declined, checked again or given back.
func withWayBack(page views.ErrorProps, c echo.Context) views.ErrorProps {
	say := views.Speaker(c.Request().Context())
	switch {
	case page.LinkText != "":
	case strings.HasPrefix(c.Path(), views.PathVisits):
		page.LinkText, page.LinkURL = say("Back to the visit"), views.DecidePath(c.Param("id"))
	case strings.HasPrefix(c.Path(), views.PathCounter+"/"):
		page.LinkText, page.LinkURL = say("New customer"), views.PathCounter
	}
	return page
}

// gonePage is for an operator who follows the address of something that is gone.
func gonePage(c echo.Context) views.ErrorProps {
	say := views.Speaker(c.Request().Context())
	heading := say("This account is not here any more")
	if strings.HasPrefix(c.Path(), views.PathVisits) {
		heading = say("This visit is not here any more")
	}
	return views.ErrorProps{Heading: heading, What: say("It was taken away, or the address is mistyped."),
		Next: say("Find the customer’s account again."), LinkText: say("New customer"), LinkURL: views.PathCounter}
}

// httpPage words what HTTP itself refuses.
func httpPage(say views.Sayer, status int) views.ErrorProps {
	switch status {
	case http.StatusNotFound:
		return views.ErrorProps{Heading: say("There is nothing at this address"),
			What: say("The address may be mistyped, or what was here is gone."), Next: say("Go back to where you came from."),
			LinkText: say("To the start"), LinkURL: "/"}
	case http.StatusMethodNotAllowed:
		return views.ErrorProps{Heading: say("This page cannot be opened that way"),
			What: say("The address takes a form, not a link."), Next: say("Go back and use the page’s own buttons."),
			LinkText: say("To the start"), LinkURL: "/"}
	case http.StatusRequestEntityTooLarge:
		return views.ErrorProps{Heading: say("That is too much text for this form"),
			What: say("Nothing was changed."), Next: say("Go back and shorten it.")}
	}
	return views.ErrorProps{Heading: say("The request was not understood"), What: say("Nothing was changed."),
		Next: say("Go back and try again.")}
}
