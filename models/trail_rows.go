package models

import (
	"context"
	"fmt"
	"time"

	"countersign/audit"

	"gorm.io/gorm"
)

// madeByStrangers are the tables whose rows strangers make, and the event of each making.
var madeByStrangers = []struct {
	table, what string
	event       audit.Type
	names       string // column of audit_events that names the row
}{
	{"device_authorizations", "requests", audit.DeviceAuthorizationRequested, "device_authorization_id"},
	{"clients", "clients", audit.ClientRegistered, "client_id"},
}

// counts are numbers by hour and type.
type counts map[countedEvents]int

func (c counts) add(hour Instant, kind audit.Type, count int) {
	c[countedEvents{Hour: hour, Type: string(kind)}] += count
}

// unaccounted says which rows the trail does not account for: those whose making has neither an event nor is counted, and
// hours in which more rows say that they were counted than events say, or wait to say. Fewer are no sign: rows are swept, and
// what strangers do does not always leave one. Rows are read before counts, and counts before events, so that what is made or
// told meanwhile is no sign either.
func (d *Database) unaccounted(ctx context.Context) ([]string, error) {
	db := d.read.WithContext(ctx)
	var lines []string
	said := counts{}
	for _, made := range madeByStrangers {
		var silent int64
		err := db.Raw(`SELECT count(*) FROM `+made.table+` AS row LEFT JOIN
			(SELECT `+made.names+` AS id FROM audit_events WHERE type = ?) AS event ON event.id = row.id
			WHERE row.counted_hour = 0 AND event.id IS NULL`, string(made.event)).Scan(&silent).Error
		if err != nil {
			return nil, err
		}
		if silent > 0 {
			lines = append(lines, fmt.Sprintf("%s that no event says were made: %d", made.what, silent))
		}
		var rows []countedEvents
		err = db.Raw(`SELECT counted_hour AS hour, count(*) AS count FROM ` + made.table + ` WHERE counted_hour > 0
			GROUP BY counted_hour ORDER BY counted_hour`).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			said.add(row.Hour, made.event, row.Count)
		}
	}
	told, err := d.told(ctx)
	if err != nil {
		return nil, err
	}
	return append(lines, said.beyond(told)...), nil
}

// told is what was counted: of hours that are not told yet, and of those that are.
func (d *Database) told(ctx context.Context) (counts, error) { return toldBy(d.read.WithContext(ctx)) }

func toldBy(db *gorm.DB) (counts, error) {
	told := counts{}
	var waiting []countedEvents
	if err := db.Find(&waiting).Error; err != nil {
		return nil, err
	}
	for _, row := range waiting {
		told.add(row.Hour, audit.Type(row.Type), row.Count)
	}
	filter := audit.Filter{Types: []audit.Type{audit.EventsCounted}, Limit: 500}
	for {
		entries, err := audit.List(db, filter)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			filter.Before = entry.Seq
			event, err := entry.Decode()
			if err != nil || event.Facts.Before == nil || event.Facts.Count == nil {
				continue // the entry is no sound one, which is said elsewhere
			}
			end := At(time.Unix(*event.Facts.Before, 0))
			told.add(end.Add(-time.Hour), audit.Type(event.Facts.Reason), *event.Facts.Count)
		}
		if len(entries) < filter.Limit {
			return told, nil
		}
	}
}

// beyond says of which hours more was said than told.
func (c counts) beyond(told counts) []string {
	var lines []string
	for _, made := range madeByStrangers {
		hours, rows, events := 0, 0, 0
		for key, count := range c {
			if key.Type == string(made.event) && count > told[key] {
				hours, rows, events = hours+1, rows+count, events+told[key]
			}
		}
		if hours > 0 {
			lines = append(lines, fmt.Sprintf("%s that say they were counted, in %d hours: %d, but only %d were told",
				made.what, hours, rows, events))
		}
	}
	return lines
}
