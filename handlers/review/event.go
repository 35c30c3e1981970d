package review

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Event shows one entry of the trail, with its proof: GET /review/events/:id, by its number or its jti.
func (h *Review) Event(c echo.Context) error {
	ctx := c.Request().Context()
	found, err := h.app.Store.Event(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	zone, err := h.zone(c)
	if err != nil {
		return err
	}
	open, err := h.opened(c)
	if err != nil {
		return err
	}
	row := eventRow(ctx, found.TrailRow, zone, open)
	told := eventTeller{ctx: ctx, zone: zone, found: found}
	props := views.EventProps{
		EventRow: row, Facts: append(told.facts(row), told.gone()...), Verdict: told.verdict(h.app.Store.Now()),
		Number: strconv.FormatInt(found.Seq, 10), Leaf: found.Proof.Leaf.String(), Token: found.SET,
		PreviousURL: entryAddress(found.Previous), NextURL: entryAddress(found.Next), TrailURL: asked{}.older(found.Seq + 1),
	}
	if found.Proof.InTree == nil {
		props.Checkpoint = string(found.Proof.Inclusion.Head.Note)
		for _, hash := range found.Proof.Inclusion.Path {
			props.Proof = append(props.Proof, hash.String())
		}
	}
	if header, claims, err := found.Plain(); err == nil {
		props.Header, props.Claims = header, claims
	}
	return web.Render(c, http.StatusOK, views.EventPage(h.reportFrame(c, row.Title), props))
}

// reportFrame is what surrounds a page that answers one question.
func (h *Review) reportFrame(c echo.Context, title string) views.Frame {
	frame := h.app.Frame(c, title, views.SectionReview)
	frame.PageStylesheetURL = static.URL("report.css")
	return frame
}

// entryAddress leads to an entry, "" for none.
func entryAddress(seq int64) string {
	if seq == 0 {
		return ""
	}
	return views.EntryPath(seq)
}

// eventTeller words one event and its proof.
type eventTeller struct {
	ctx   context.Context
	zone  *time.Location
	found models.EventView
}

// facts are what the event says, by names; what the page's head says already is left out.
func (t eventTeller) facts(row views.EventRow) (all []views.NamedFact) {
	say, facts := views.Speaker(t.ctx), t.found.Event.Facts
	add := func(name, value, url string) {
		if value != "" {
			all = append(all, views.NamedFact{Name: name, Value: value, URL: url})
		}
	}
	lead(&row, t.found.TrailRow)
	add(say("Who"), row.Who, row.WhoURL)
	add(say("Counter"), row.Counter, row.CounterURL)
	add(say("Account"), row.Account, row.AccountURL)
	add(say("App or client"), row.Client, row.ClientURL)
	add(say("App"), t.found.AppName, asked{}.address(askApp, t.found.AppID))
	add(say("About whom of the staff"), t.found.About.Staff, asked{}.address(askStaff, facts.Staff))
	add(say("Second person"), t.found.About.SecondStaff, asked{}.address(askStaff, facts.SecondStaff))
	add(say("Details"), row.Reason, "")
	if facts.Presence != "" && t.found.Event.Type != audit.CodeMatched { // whose details say it
		add(say("Matched by"), say(term.Presence(facts.Presence).Label()), "")
	}
	if facts.DocumentRead != "" {
		add(say("Document read"), say(term.DocumentRead(facts.DocumentRead).Label()), "")
	}
	add(say("Scopes"), facts.Scope, "")
	add(say("APIs"), facts.Resource, "")
	add(say("From the address"), facts.Address, "")
	add(say("Asked from the address"), facts.RequestedFrom, "")
	add(say("Could be decided until"), t.seconds(facts.PendingUntil), "")
	add(say("To be redeemed by"), t.seconds(facts.RedeemUntil), "")
	add(say("About the event"), entryWords(t.ctx, t.found.About.Entry), entryAddress(t.found.About.Entry))
	if request := t.found.DeviceAuthorizationID; request != "" {
		all = append(all, views.NamedFact{Name: say("Request"), Value: say("Open the request"), URL: row.LinkURL, OpenURL: row.OpenURL})
	}
	return all
}

// gone names what lay beside the log and is not there any more.
func (t eventTeller) gone() (all []views.NamedFact) {
	say := views.Speaker(t.ctx)
	words := detail{ctx: t.ctx, say: say, row: t.found.TrailRow, zone: t.zone}
	for _, field := range t.found.Gone {
		name := words.field(field)
		switch field {
		case audit.DetailAddress:
			name = say("From the address")
		case audit.DetailRequestedFrom:
			name = say("Asked from the address")
		}
		if name == "" {
			name = say("Details")
		}
		all = append(all, views.NamedFact{Name: name, Value: say("Removed since: the event keeps a hash that says nothing")})
	}
	return all
}

// seconds tells a moment, "" for none.
func (t eventTeller) seconds(at *int64) string {
	if at == nil {
		return ""
	}
	return views.Second(t.ctx, time.Unix(*at, 0), t.zone)
}

func entryWords(ctx context.Context, seq int64) string {
	if seq == 0 {
		return ""
	}
	return views.Say(ctx, "Entry %s", strconv.FormatInt(seq, 10))
}
