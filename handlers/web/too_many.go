package web

import (
	"context"
	"errors"
	"math"

	"countersign/handlers/limits"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// retryAfter puts the header on an answer that says "too many", in whole seconds
// (RFC 9110 §10.2.3).
func retryAfter(err error, c echo.Context) (tooMany *models.TooManyError, is bool) {
	if !errors.As(err, &tooMany) {
		return nil, false
	}
	retryIn(c, tooMany.RetryAfter)
	return tooMany, true
}

func tooManyPage(ctx context.Context, e *models.TooManyError) views.ErrorProps {
	say, minutes := views.Speaker(ctx), max(1, int(math.Ceil(e.RetryAfter.Minutes())))
	page := views.ErrorProps{Heading: tooManyHeading(say, e.What), What: say("Nothing was changed."),
		Next: say("Wait %d minutes, then try again.", minutes), LinkText: say("To the start"), LinkURL: "/"}
	if e.What == models.ListedAccounts {
		page.Next = say("Search by a whole identifier, or wait %d minutes.", minutes)
	}
	return page
}

// tooManyHeading names what a person did too often. What only clients do has no words of
// its own.
func tooManyHeading(say views.Sayer, what string) string {
	switch what {
	case limits.SearchesOfOperator:
		return say("Too many searches")
	case limits.CodesOfOperator:
		return say("Too many codes")
	case models.OpenedRecords:
		return say("Too many customers’ records opened")
	case models.DisconnectionRequests:
		return say("Too many disconnections asked for")
	case models.ListedAccounts:
		return say("Too many accounts listed")
	case models.WrongCodes:
		return say("Too many wrong codes")
	}
	return say("Too many requests")
}
