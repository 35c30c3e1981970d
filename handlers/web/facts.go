package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"countersign/models"
	"countersign/views"
)

// Facts that both the counter and the supervisors show, in words that are ready to read.

// AccountFacts tells what is on record of an account.
func AccountFacts(account models.AccountView) views.AccountFacts {
	return views.AccountFacts{
		ID: account.ID, Name: account.FullName, BirthDate: Day(account.DateOfBirth),
		Identifiers: account.Identifiers, Status: account.Status,
		NotActive: account.Status != models.AccountActive,
	}
}

// RequestFacts tells what a device asked for, and when: never its code.
func RequestFacts(request models.RequestView, zone *time.Location, now time.Time) views.RequestFacts {
	return views.RequestFacts{
		ID: request.ID, App: request.ClientName, Publisher: request.PublisherName, PublisherVerified: request.Verified,
		DeviceName: request.InstanceName, DeviceDescription: request.InstanceDescription,
		Age: Age(now.Sub(request.CreatedAt.Time())), StartedFrom: request.Address,
		Deadline: Moment(request.PendingUntil.Time(), zone),
	}
}

// ProofingFacts tells how an ID document was checked.
func ProofingFacts(ctx context.Context, proofing models.Proofing, zone *time.Location) views.ProofingFacts {
	checks := strings.Fields(proofing.Checks)
	return views.ProofingFacts{
		DocumentType:   views.ChoiceLabel(views.DocumentTypes(ctx), proofing.DocumentType),
		DocumentIssuer: proofing.DocumentIssuer, DocumentExpiry: Day(proofing.DocumentExpiry),
		NumberEnding: proofing.DocumentNumberTail,
		NameResult:   proofing.NameResult, NameReason: proofing.NameReason, BirthResult: proofing.BirthDateResult,
		Read: proofing.DocumentRead, Overruled: proofing.Overruled != "",
		PhotoMatches: slices.Contains(checks, "pvp"), DocumentHandled: slices.Contains(checks, "vpip"),
		RecordedAt: Moment(proofing.CreatedAt.Time(), zone),
	}
}

// ScopeFacts tells scopes in the configured plain words.
func (a *App) ScopeFacts(scope string) []views.ScopeFacts {
	var facts []views.ScopeFacts
	for _, name := range strings.Fields(scope) {
		facts = append(facts, views.ScopeFacts{Name: name, Meaning: a.scopeWords(name)})
	}
	return facts
}

func (a *App) scopeWords(name string) string {
	for _, scope := range a.Scopes {
		if scope.Name == name && scope.Words != "" {
			return scope.Words
		}
	}
	return "Something that this server has no words for"
}

// Day tells a date of the form YYYY-MM-DD as "3 May 2026"; anything else as it is.
func Day(date string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return day.Format("2 January 2006")
}

// Age tells a length of time by its largest unit: "2 days".
func Age(length time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		switch n := int(length / unit.length); {
		case n == 1:
			return "1 " + unit.name
		case n > 1:
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return "less than a minute"
}
