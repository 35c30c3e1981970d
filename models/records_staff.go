package models

import (
	"slices"
	"strings"

	"countersign/audit"

	"gorm.io/gorm"
)

// sessions wants the sign-in of each session of staff, with its roles, or the later sign-in that gave it others.
func (c *recordsChecker) sessions() error {
	for after := ""; ; {
		var rows []StaffSession
		err := c.atOnce(func(db *gorm.DB) error {
			if err := db.Where("id > ?", after).Order("id").Limit(recordsTogether).Find(&rows).Error; err != nil || len(rows) == 0 {
				return err
			}
			return c.sessionRows(db, rows)
		})
		c.step(len(rows))
		if err != nil || len(rows) < recordsTogether {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}

func (c *recordsChecker) sessionRows(db *gorm.DB, rows []StaffSession) error {
	var staff []string
	var times []Instant
	for _, row := range rows {
		staff, times = append(staff, row.StaffID), append(times, row.CreatedAt)
	}
	events, err := readEvents(db.Table("audit_events AS e").Where("e.staff_id IN ? AND "+actOfStaff+" AND e.type = ? AND e.occurred_at IN ?",
		staff, string(audit.StaffSignedIn), times))
	if err != nil {
		return err
	}
	by := map[string]toldEvent{}
	for _, event := range events {
		by[event.Session] = event
	}
	stepped, err := steppedUp(db, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		event, there := by[row.ID]
		if !there {
			c.unmade("staff_sessions", row.ID)
			continue
		}
		if later, did := stepped[row.ID]; did {
			event = later
		}
		said := saidColumns{}
		said.say(event.Seq, "roles", inOneOrder(event.Roles))
		c.hold("staff_sessions", row.ID, map[string]any{"roles": inOneOrder(strings.Fields(row.Roles))}, said)
	}
	return nil
}

// steppedUp finds the newest sign-in within each of these sessions, of those that have any.
func steppedUp(db *gorm.DB, rows []StaffSession) (map[string]toldEvent, error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	var seqs []int64 // one comes with each session of the same person that it lies in
	// CROSS JOIN: the sessions come first, or SQLite walks over the events of all there ever were.
	err := db.Raw(`SELECT e.seq FROM staff_sessions AS s CROSS JOIN audit_events AS e WHERE s.id IN ? AND e.staff_id = s.staff_id
		AND `+actOfStaff+` AND e.type = ? AND e.occurred_at >= s.created_at AND e.occurred_at <= s.expires_at`,
		ids, string(audit.StaffSteppedUp)).Scan(&seqs).Error
	if err != nil {
		return nil, err
	}
	events, err := readNumbered(db, seqs)
	newest := map[string]toldEvent{}
	for _, event := range events {
		newest[event.Session] = event
	}
	return newest, err
}

func inOneOrder(roles []string) string {
	sorted := slices.Clone(roles)
	slices.Sort(sorted)
	return strings.Join(sorted, " ")
}

// places are what administrators set up, as the trail says it. There are few of them.
type places struct {
	counters, publishers, software, servers map[string]saidColumns
	removed                                 map[string]int64    // resource servers, and the event
	limits                                  map[string][]string // of staff: the counters that they may open
	limited                                 map[string]int64
}

// administered holds counters, publishers, apps, APIs and who is limited to which counters.
func (c *recordsChecker) administered() error {
	p := places{map[string]saidColumns{}, map[string]saidColumns{}, map[string]saidColumns{}, map[string]saidColumns{},
		map[string]int64{}, map[string][]string{}, map[string]int64{}}
	return c.atOnce(func(db *gorm.DB) error {
		for _, kind := range []audit.Type{audit.CounterAdded, audit.CounterClosed, audit.CounterReopened, audit.PublisherAdded,
			audit.PublisherChanged, audit.ResourceServerAdded, audit.ResourceServerRemoved, audit.StaffLimited} {
			events, err := readEvents(db.Where("type = ?", string(kind)))
			if err != nil {
				return err
			}
			for _, event := range events {
				p.tell(event)
			}
		}
		return c.administeredRows(db, p)
	})
}

// saidOf makes what is said of a row, once.
func saidOf(said map[string]saidColumns, id string) saidColumns {
	if said[id] == nil {
		said[id] = saidColumns{}
	}
	return said[id]
}

// tell adds an event. Of one counter's closings and openings the newest counts, of whichever type.
func (p places) tell(e toldEvent) {
	switch e.kind() {
	case audit.CounterAdded:
		saidOf(p.counters, e.CounterID).say(e.Seq, "created_at", e.at(), "closed_at", Instant(0))
	case audit.CounterClosed, audit.CounterReopened:
		counter, closed := saidOf(p.counters, e.CounterID), e.at()
		if e.kind() == audit.CounterReopened {
			closed = 0
		}
		if counter["closed_at"].seq < e.Seq {
			counter.say(e.Seq, "closed_at", closed)
		}
	case audit.PublisherAdded, audit.PublisherChanged:
		saidOf(p.publishers, e.Publisher)
		if e.Software == "" {
			return
		}
		app := saidOf(p.software, e.Software)
		if e.kind() == audit.PublisherAdded {
			app.say(e.Seq, "publisher_id", e.Publisher, "created_at", e.at())
		}
		if app["scope"].seq < e.Seq && e.Presence != "" {
			app.say(e.Seq, "scope", e.Scope, "presence_required", e.Presence == presenceIsRequired)
		}
	case audit.ResourceServerAdded:
		saidOf(p.servers, e.ResourceServer).say(e.Seq, "resource", e.Resource, "created_at", e.at())
	case audit.ResourceServerRemoved:
		p.removed[e.ResourceServer] = e.Seq
	case audit.StaffLimited:
		p.limits[e.Staff], p.limited[e.Staff] = e.Counters, e.Seq
	}
}

func (c *recordsChecker) administeredRows(db *gorm.DB, p places) error {
	var counters []Counter
	var publishers []Publisher
	var software []Software
	var servers []ResourceServer
	for _, list := range []any{&counters, &publishers, &software, &servers} {
		if err := db.Find(list).Error; err != nil {
			return err
		}
	}
	rows := map[string]map[string]map[string]any{"counters": {}, "publishers": {}, "software": {}, "resource_servers": {}}
	for _, r := range counters {
		rows["counters"][r.ID] = map[string]any{"created_at": r.CreatedAt, "closed_at": r.ClosedAt}
	}
	for _, r := range publishers {
		rows["publishers"][r.ID] = map[string]any{}
	}
	for _, r := range software {
		rows["software"][r.ID] = map[string]any{"publisher_id": r.PublisherID, "created_at": r.CreatedAt, "scope": r.Scope,
			"presence_required": r.PresenceRequired}
	}
	for _, r := range servers {
		rows["resource_servers"][r.ID] = map[string]any{"resource": r.Resource, "created_at": r.CreatedAt}
	}
	for id := range p.removed {
		delete(p.servers, id)
	}
	c.bothWays("counters", rows["counters"], p.counters)
	c.bothWays("publishers", rows["publishers"], p.publishers)
	c.bothWays("software", rows["software"], p.software)
	c.bothWays("resource_servers", rows["resource_servers"], p.servers)
	return c.limits(db, p)
}

// bothWays holds all rows of a small table.
func (c *recordsChecker) bothWays(table string, rows map[string]map[string]any, said map[string]saidColumns) {
	for id, row := range rows {
		if said[id] == nil {
			c.unmade(table, id)
			continue
		}
		c.hold(table, id, row, said[id])
	}
	for id, columns := range said {
		if rows[id] == nil {
			c.gone(table, id, columns["created_at"].seq)
		}
	}
}

func (c *recordsChecker) limits(db *gorm.DB, p places) error {
	var rows []StaffCounter
	if err := db.Order("staff_id, counter_id").Find(&rows).Error; err != nil {
		return err
	}
	is := map[string][]string{}
	for _, row := range rows {
		is[row.StaffID] = append(is[row.StaffID], row.CounterID)
		if p.limits[row.StaffID] == nil {
			p.limits[row.StaffID] = []string{}
		}
	}
	for staff, counters := range p.limits {
		if inOneOrder(counters) != inOneOrder(is[staff]) {
			c.wrong(RecordProblem{Table: "staff_counters", ID: "of staff " + staff, Seq: p.limited[staff], Reason: "not what the trail says"})
		}
	}
	return nil
}
