package models

import (
	"context"
	"strings"

	"countersign/audit"
)

// TrailAbout are the names of what an event's facts name beside who acted, the account, the client and the counter. A name is ""
// where the fact is missing, or its row.
type TrailAbout struct {
	Staff             string   // whom it is about; of a session that ended, whose it was
	SecondStaff       string   // who looked as the second person
	Counters          []string // in the order of the fact; the identifier of one that has no row
	Publisher         string
	Software          string
	ResourceServer    string
	RegistrationToken string // its note
	Device            string // the app whose binding it is, of an event that another client caused
	Entry             int64  // number of the event that the fact event names; 0 for none
	EntryType         audit.Type

	Filter map[string]string // names of what the fact filter narrows by: staff, client, software and counter, by the term's name
}

// aboutQueries find the names of what the facts of events name.
func aboutQueries() map[string]string {
	return map[string]string{
		"staff": staffNames, "client": clientNames, "counter": counterNames,
		"session":            "SELECT s.id, staff.name FROM staff_sessions AS s JOIN staff ON staff.id = s.staff_id WHERE s.id IN ?",
		"publisher":          "SELECT id, name FROM publishers WHERE id IN ?",
		"software":           softwareNames,
		"resource_server":    "SELECT id, name FROM resource_servers WHERE id IN ?",
		"registration_token": "SELECT id, note AS name FROM registration_tokens WHERE id IN ?",
		"binding":            "SELECT b.id, c.client_name AS name FROM bindings AS b JOIN clients AS c ON c.id = b.client_id WHERE b.id IN ?",
	}
}

// aboutIDs are what an event's facts name, by kind.
func aboutIDs(event audit.Event) map[string][]string {
	facts := event.Facts
	ids := map[string][]string{
		"staff": {facts.Staff, facts.SecondStaff}, "counter": facts.Counters, "publisher": {facts.Publisher},
		"software": {facts.Software}, "resource_server": {facts.ResourceServer}, "registration_token": {facts.RegistrationToken},
	}
	if event.Type == audit.StaffSignedOut && facts.Staff == "" {
		ids["session"] = []string{facts.Session}
	}
	if event.Type == audit.ForeignTokenPresented {
		ids["binding"] = []string{facts.Binding}
	}
	for kind, id := range filterIDs(facts.Filter) {
		ids[kind] = append(ids[kind], id)
	}
	return ids
}

// filterIDs are the identifiers among the terms of a filter that have names which anybody of the staff may see.
func filterIDs(terms []string) map[string]string {
	ids := map[string]string{}
	for _, term := range terms {
		switch name, id, _ := strings.Cut(term, "="); name {
		case "staff", "client", "software", "counter":
			ids[name] = id
		}
	}
	return ids
}

// addAbout gives each row its About: a query for each kind of name that the rows have.
func (s *Store) addAbout(ctx context.Context, rows []TrailRow) error {
	names := map[string]map[string]string{}
	for kind := range aboutQueries() {
		names[kind] = map[string]string{}
	}
	for _, row := range rows {
		for kind, ids := range aboutIDs(row.Event) {
			for _, id := range ids {
				names[kind][id] = ""
			}
		}
	}
	for kind, query := range aboutQueries() {
		if err := s.fillNames(ctx, query, names[kind]); err != nil {
			return err
		}
	}
	for i := range rows {
		rows[i].About = newTrailAbout(rows[i].Event, names)
	}
	return s.addEntries(ctx, rows)
}

func newTrailAbout(event audit.Event, names map[string]map[string]string) TrailAbout {
	facts := event.Facts
	about := TrailAbout{
		Staff: names["staff"][facts.Staff], SecondStaff: names["staff"][facts.SecondStaff], Publisher: names["publisher"][facts.Publisher],
		Software: names["software"][facts.Software], ResourceServer: names["resource_server"][facts.ResourceServer],
		RegistrationToken: names["registration_token"][facts.RegistrationToken],
	}
	if event.Type == audit.StaffSignedOut && facts.Staff == "" {
		about.Staff = names["session"][facts.Session]
	}
	if event.Type == audit.ForeignTokenPresented {
		about.Device = names["binding"][facts.Binding]
	}
	for _, id := range facts.Counters {
		name := names["counter"][id]
		if name == "" {
			name = id
		}
		about.Counters = append(about.Counters, name)
	}
	for kind, id := range filterIDs(facts.Filter) {
		if about.Filter == nil {
			about.Filter = map[string]string{}
		}
		about.Filter[kind] = names[kind][id]
	}
	return about
}

// addEntries finds the events that events name: the alert that is closed, the export that ends.
func (s *Store) addEntries(ctx context.Context, rows []TrailRow) error {
	var ids []string
	for _, row := range rows {
		if id := row.Event.Facts.Event; id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var found []audit.Entry
	if err := s.reading(ctx).Select("jti, seq, type").Where("jti IN ?", ids).Find(&found).Error; err != nil {
		return err
	}
	named := map[string]audit.Entry{}
	for _, entry := range found {
		named[entry.ID] = entry
	}
	for i := range rows {
		entry := named[rows[i].Event.Facts.Event]
		rows[i].About.Entry, rows[i].About.EntryType = entry.Seq, audit.Type(entry.Type)
	}
	return nil
}
