package views

import (
	"context"
	"strconv"
)

// HeldVisit is a visit that the session holds, on the pages beside it. It names nobody: another
// customer may read the screen.
type HeldVisit struct {
	URL        string // the step at which it is
	App        string
	ClaimUntil string // in words
	Until, Now string // RFC 3339: when the claim ends, and what the server's clock says
}

// What is counted no further: visits that wait for a second person, and open alerts.
const (
	CallsCounted  = 10
	AlertsCounted = 100
)

// The numbers on the tabs, for the parts that keep themselves up to date.
const (
	CallsPath      = SecondApprovalListPath + "/calls"
	AlertCountPath = "/review/alerts/count"
)

// When they ask: somebody stands at a counter while a visit waits; alerts wait for longer.
const (
	callsTrigger  = "every 15s, refresh"
	alertsTrigger = "every 30s, refresh"
)

// countText is a number as a person reads it, where limit stands for as many or more.
func countText(number, limit int) string {
	if number >= limit {
		return strconv.Itoa(limit-1) + "+"
	}
	return strconv.Itoa(number)
}

// inTitle is how much calls for the reader altogether, "" for nothing (static/calls.js has the same sum).
func inTitle(calls, alerts int) string {
	sum := min(calls, CallsCounted-1) + min(alerts, AlertsCounted-1)
	switch {
	case sum == 0:
		return ""
	case calls >= CallsCounted || alerts >= AlertsCounted:
		return strconv.Itoa(sum) + "+"
	}
	return strconv.Itoa(sum)
}

func callsWords(ctx context.Context, calls int) string {
	if calls >= CallsCounted {
		return say(ctx, "Many visits wait for a second person")
	}
	return say(ctx, "%d visits wait for a second person", calls)
}

func alertsWords(ctx context.Context, alerts int) string {
	if alerts >= AlertsCounted {
		return say(ctx, "More than %d alerts to look at", AlertsCounted-1)
	}
	return say(ctx, "%d alerts to look at", alerts)
}
