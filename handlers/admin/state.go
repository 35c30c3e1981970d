package admin

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// From when on something is told of, or is a trouble.
const (
	sealedSoon     = 10 * time.Second   // an entry of the log without a checkpoint is told of: sequencing takes a second
	sealedWithin   = time.Minute        // such an entry
	sentWithin     = 15 * time.Minute   // a notice that could have been sent
	verifiedWithin = 7 * 24 * time.Hour // the last verification; recommended is every night
)

// ServerState shows whether the server is well: GET /admin/state.
func (h *Admin) ServerState(c echo.Context) error {
	ctx := c.Request().Context()
	state, err := h.app.Store.ServerState(ctx)
	if err != nil {
		return err
	}
	said := stateWords{ctx, state, h.app.Store.Now(), h.app.KeyRotation, h.app.Store.Policy().AlertChannels}
	frame := h.frame(c, views.Say(ctx, "State of the server"))
	frame.PageStylesheetURL = static.URL("report.css")
	return web.Render(c, http.StatusOK, views.StatePage(frame, views.StateProps{
		Troubles: said.troubles(), Keys: said.keys(),
		Groups: []views.StateGroup{said.log(), said.verified(), said.outbox(), said.alerts(), said.versions()},
	}))
}

// stateWords says the state of a server. Times are UTC: a server is at no counter.
type stateWords struct {
	ctx      context.Context
	state    models.ServerState
	now      time.Time
	rotation time.Duration    // 0: never
	channels []models.Channel // to supervisors
}

func (s stateWords) say(text string, values ...any) string { return views.Say(s.ctx, text, values...) }

func (s stateWords) at(at models.Instant) string {
	return cmp.Or(views.Moment(s.ctx, at.Time(), time.UTC), s.say("Never"))
}

// late reports whether something waits since longer than it should.
func (s stateWords) late(since models.Instant, within time.Duration) bool {
	return since != 0 && s.now.Sub(since.Time()) > within
}

// troubles are what somebody must look at now.
func (s stateWords) troubles() (list []string) {
	if s.late(s.state.Log.Since, sealedWithin) {
		list = append(list, s.say("The log is stuck: entries since %s are not signed. The program’s log says why; countersign audit verify says what is wrong.",
			s.at(s.state.Log.Since)))
	}
	if v := s.state.Verified; v != nil && v.Verdict == models.VerdictNotSound {
		list = append(list, s.say("The last verification found that the trail is not sound: %s", isolated(v.Problem)))
	}
	if s.late(s.state.Outbox.DueSince, sentWithin) {
		list = append(list, s.say("Notices to customers are stuck since %s.", s.at(s.state.Outbox.DueSince)))
	}
	for _, channel := range s.channels {
		if waiting := s.alertsBy(channel); s.late(waiting.Since, sentWithin) {
			list = append(list, s.say("Alerts to supervisors are stuck since %s: %s.", s.at(waiting.Since), s.way(channel)))
		}
	}
	if s.severalVersions() {
		list = append(list, s.say("Processes run different versions of the program."))
	}
	return list
}

func (s stateWords) severalVersions() bool {
	for _, process := range s.state.Processes {
		if process.Version != s.state.Processes[0].Version {
			return true
		}
	}
	return false
}

func (s stateWords) log() views.StateGroup {
	log, number := s.state.Log, func(n int64) string { return strconv.FormatInt(n, 10) }
	facts := []views.StateFact{
		{Name: s.say("Entries"), Value: number(log.Entries)},
		{Name: s.say("Entries in the newest checkpoint"), Value: number(log.Size)},
		{Name: s.say("Signed"), Value: s.at(log.SignedAt)},
	}
	if s.late(log.Since, sealedSoon) {
		facts = append(facts, views.StateFact{Name: s.say("Not signed since"), Value: s.at(log.Since)})
	}
	return views.StateGroup{Title: s.say("The log"), Facts: facts}
}

func (s stateWords) verified() views.StateGroup {
	group := views.StateGroup{Title: s.say("Last verification")}
	v := s.state.Verified
	if v == nil {
		never := s.say("No verification was recorded: run countersign audit verify --record every night.")
		group.Facts = []views.StateFact{{Name: s.say("Ended"), Value: never}}
		return group
	}
	ended := s.at(v.EndedAt)
	if s.late(v.EndedAt, verifiedWithin) {
		ended += " – " + s.say("longer ago than a week")
	}
	words := map[models.Verdict]string{
		models.VerdictSound: s.say("sound"), models.VerdictConsistent: s.say("consistent with the database’s own keys"),
		models.VerdictNotSound: s.say("not sound"),
	}
	group.Facts = []views.StateFact{
		{Name: s.say("Ended"), Value: ended}, {Name: s.say("Verdict"), Value: words[v.Verdict]},
		{Name: s.say("Entries"), Value: strconv.FormatInt(v.Entries, 10)},
	}
	return group
}

func (s stateWords) outbox() views.StateGroup {
	out := s.state.Outbox
	waiting := s.say("None")
	if out.DueSince != 0 {
		waiting = s.at(out.DueSince)
	}
	return views.StateGroup{Title: s.say("Notices to customers"), Facts: []views.StateFact{
		{Name: s.say("Waiting"), Value: s.counted(out.Waiting)}, {Name: s.say("Among them, that failed before"), Value: s.counted(out.Retried)},
		{Name: s.say("The oldest has been due since"), Value: waiting}, {Name: s.say("Given up within a day"), Value: s.counted(out.GivenUp)},
		{Name: s.say("Given up, and nobody has seen to them: see Messages"), Value: s.counted(out.Undelivered)},
	}}
}

// alerts tells of the channels that this server has: what waits for another is told to nobody.
func (s stateWords) alerts() views.StateGroup {
	group := views.StateGroup{Title: s.say("Alerts to supervisors")}
	if len(s.channels) == 0 {
		group.Facts = []views.StateFact{{Name: s.say("Waiting"), Value: s.say("No mail and no webhook is set up for them.")}}
	}
	for _, channel := range s.channels {
		said := s.say("None")
		if waiting := s.alertsBy(channel); waiting.Waiting > 0 {
			said = s.say("%s, the oldest since %s; attempts: %s", strconv.FormatInt(waiting.Waiting, 10), s.at(waiting.Since),
				strconv.Itoa(waiting.Attempts))
		}
		group.Facts = append(group.Facts, views.StateFact{Name: s.say("Waiting, %s", s.way(channel)), Value: said})
	}
	return group
}

func (s stateWords) alertsBy(channel models.Channel) models.AlertsWaiting {
	for _, waiting := range s.state.Alerts {
		if waiting.Channel == channel {
			return waiting
		}
	}
	return models.AlertsWaiting{}
}

func (s stateWords) way(channel models.Channel) string {
	if channel == models.ChannelMail {
		return s.say("by mail")
	}
	return s.say("by webhook")
}

// counted is a number that is counted up to a bound.
func (s stateWords) counted(n int) string {
	if n >= models.OutboxCounted {
		return s.say("%s or more", strconv.Itoa(models.OutboxCounted))
	}
	return strconv.Itoa(n)
}

func (s stateWords) versions() views.StateGroup {
	group := views.StateGroup{Title: s.say("Versions"), Facts: []views.StateFact{{Name: s.say("Database"), Value: s.state.Schema}}}
	for _, process := range s.state.Processes {
		group.Facts = append(group.Facts, views.StateFact{
			Name:  s.say("Process, seen on %s", s.at(process.ProbedAt)),
			Value: cmp.Or(process.Version, s.say("An earlier program, which does not say its version")),
		})
	}
	return group
}

func (s stateWords) keys() (rows []views.KeyStateRow) {
	for _, key := range s.state.Keys {
		row := views.KeyStateRow{Purpose: s.say(key.Purpose.Label()), Since: s.at(key.Since)}
		switch key.Use {
		case models.KeyInUse:
			row.Status = s.say("In use")
			if s.rotation > 0 && key.Turns {
				row.Then = s.say("Replaced after %s", s.at(key.Since.Add(s.rotation)))
			}
		case models.KeyNext:
			row.Status = s.say("The next one")
		case models.KeyRetired:
			row.Status, row.Then = s.say("Retired"), s.say("What it signed ends on %s", s.at(key.Until))
		}
		rows = append(rows, row)
	}
	return rows
}
