package models

import (
	"countersign/audit"

	"gorm.io/gorm"
)

// notes wants the event of each note on an alert. It is found by who wrote the note, and when: notesMade names what differs.
func (c *recordsChecker) notes() error {
	for after := ""; ; {
		var rows []AlertNote
		err := c.atOnce(func(db *gorm.DB) error {
			query := db.Where("note_hash > ?", after).Order("note_hash").Limit(recordsTogether)
			if err := query.Find(&rows).Error; err != nil || len(rows) == 0 {
				return err
			}
			return c.noteRows(db, rows)
		})
		if err != nil || len(rows) < recordsTogether {
			return err
		}
		after = rows[len(rows)-1].NoteHash
	}
}

func (c *recordsChecker) noteRows(db *gorm.DB, rows []AlertNote) error {
	var staff []string
	var times []Instant
	for _, row := range rows {
		staff, times = append(staff, row.StaffID), append(times, row.CreatedAt)
	}
	events, err := readEvents(db.Table("audit_events AS e").Where("e.staff_id IN ? AND "+actOfStaff+" AND e.type = ? AND e.occurred_at IN ?",
		staff, string(audit.AlertNoted), times))
	if err != nil {
		return err
	}
	noted := map[string]bool{}
	for _, event := range events {
		noted[event.NoteHash] = true
	}
	for _, row := range rows {
		if !noted[row.NoteHash] {
			c.unmade("alert_notes", row.NoteHash)
		}
	}
	return nil
}

// notesMade wants each note as it was written, or an erasure of the account that its alert was about.
func (c *recordsChecker) notesMade(db *gorm.DB, events []toldEvent) error {
	hashes, accounts := make([]string, len(events)), make([]string, len(events))
	for i, event := range events {
		hashes[i], accounts[i] = event.NoteHash, event.Subject
	}
	var rows []AlertNote
	if err := db.Where("note_hash IN ?", hashes).Find(&rows).Error; err != nil {
		return err
	}
	erased, err := erasedUpTo(db, accounts)
	if err != nil {
		return err
	}
	by := map[string]AlertNote{}
	for _, row := range rows {
		by[row.NoteHash] = row
	}
	for _, event := range events {
		if row, there := by[event.NoteHash]; there {
			c.holdNote(row, event)
			continue
		}
		if event.Subject == "" || event.at() > erased[event.Subject] {
			c.gone("alert_notes", event.NoteHash, event.Seq)
		}
	}
	return nil
}

// holdNote compares a note with its event. A hash that differs does not say whether the salt or the text is another.
func (c *recordsChecker) holdNote(row AlertNote, event toldEvent) {
	said := saidColumns{}
	said.say(event.Seq, "event_id", event.Event, "staff_id", event.StaffID, "created_at", event.at())
	c.hold("alert_notes", row.NoteHash, map[string]any{"event_id": row.EventID, "staff_id": row.StaffID, "created_at": row.CreatedAt}, said)
	if noteHash(row.Salt, row.Note) != event.NoteHash {
		c.wrong(RecordProblem{Table: "alert_notes", ID: row.NoteHash, Seq: event.Seq, Reason: "the text is not the one that was noted"})
	}
}
