package console

import (
	"context"
	"slices"
	"strings"
	"time"

	"countersign/audit/term"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Facts that both the counter and the supervisors show, in words that are ready to read.

// AccountFacts tells what is on record of an account.
func AccountFacts(ctx context.Context, account models.AccountView) views.AccountFacts {
	return views.AccountFacts{
		ID: account.ID, Name: account.FullName, LatinName: account.LatinName, BirthDate: views.Day(ctx, account.DateOfBirth),
		Identifiers: account.Identifiers, Status: views.AccountStatus(ctx, account.Status),
		NotActive: account.Status != models.AccountActive,
	}
}

// RequestFacts tells what a device asked for, and when: never its code.
func RequestFacts(ctx context.Context, request models.RequestView, zone *time.Location, now time.Time) views.RequestFacts {
	return views.RequestFacts{
		ID: request.ID, App: request.ClientName, Publisher: request.PublisherName, PublisherVerified: request.Verified,
		DeviceName: request.InstanceName, DeviceDescription: request.InstanceDescription,
		Asked: views.Ago(ctx, now.Sub(request.CreatedAt.Time())), StartedFrom: request.Address,
		Deadline: views.Moment(ctx, request.PendingUntil.Time(), zone),
	}
}

// ProofingFacts tells how an ID document was checked.
func ProofingFacts(ctx context.Context, proofing models.Proofing, zone *time.Location) views.ProofingFacts {
	checks := strings.Fields(proofing.Checks)
	return views.ProofingFacts{
		DocumentType:   views.ChoiceLabel(views.DocumentTypes(ctx), proofing.DocumentType),
		DocumentIssuer: proofing.DocumentIssuer, DocumentExpiry: views.Day(ctx, proofing.DocumentExpiry),
		Endless:      proofing.DocumentExpiry == models.NoExpiry,
		NumberEnding: proofing.DocumentNumberTail,
		NameResult:   proofing.NameResult, NameReason: proofing.NameReason, BirthResult: proofing.BirthDateResult,
		Read: proofing.DocumentRead, Overruled: proofing.Overruled != "", OverruledReason: OverruledWords(ctx, proofing),
		PhotoMatches: slices.Contains(checks, "pvp"), DocumentHandled: slices.Contains(checks, "vpip"),
		RecordedAt: views.Moment(ctx, proofing.CreatedAt.Time(), zone),
	}
}

// Differences tells what documents of a request say in other words than the record, to whom
// that is to be told (models.DocumentDifferences).
func (p *Pages) Differences(c echo.Context, d models.DeviceAuthorization, zone *time.Location) ([]views.DocumentDifference, error) {
	ctx := c.Request().Context()
	rows, err := p.Store.DocumentDifferences(ctx, web.SessionOf(c), d)
	var list []views.DocumentDifference
	for _, row := range rows {
		list = append(list, views.DocumentDifference{
			Read: row.ReadAs, Name: row.Name, BirthDate: views.Day(ctx, row.BirthDate), At: views.Moment(ctx, row.CreatedAt.Time(), zone),
		})
	}
	return list, err
}

// ScopeFacts tells scopes in the configured plain words.
func (p *Pages) ScopeFacts(ctx context.Context, scope string) []views.ScopeFacts {
	var facts []views.ScopeFacts
	for _, name := range strings.Fields(scope) {
		facts = append(facts, views.ScopeFacts{Name: name, Meaning: p.scopeWords(ctx, name)})
	}
	return facts
}

func (p *Pages) scopeWords(ctx context.Context, name string) string {
	for _, scope := range p.Scopes {
		if scope.Name == name && scope.Words != "" {
			return scope.WordsIn(ctx)
		}
	}
	return views.Say(ctx, "Something that this server has no words for")
}

// OverruledWords is what the operator says of a difference that was found before.
func OverruledWords(ctx context.Context, proofing models.Proofing) string {
	if proofing.OverruledReason == "" {
		return ""
	}
	return views.Say(ctx, term.Overruling(proofing.OverruledReason).Label())
}
