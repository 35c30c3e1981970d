package models

import (
	"cmp"
	"fmt"
	"slices"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm"
)

// What strangers do beyond the rate has no events, and is counted (docs/decisions/0035-counted-events.md): rows that differ from
// their events for that reason are believed as far as the counts go.

// countedNow is what was counted up to the moment at which rows are held. It is read again when a row wants it, once.
type countedNow struct {
	db     *gorm.DB
	counts *counts // of an earlier moment at first
	fresh  bool
}

// has reports whether such acts were counted in the hour of a moment.
func (n *countedNow) has(kind audit.Type, at Instant) (bool, error) {
	key := countedEvents{Hour: hourOf(at), Type: string(kind)}
	if (*n.counts)[key] == 0 && !n.fresh {
		told, err := toldBy(n.db)
		if err != nil {
			return false, err
		}
		*n.counts, n.fresh = told, true
	}
	return (*n.counts)[key] > 0, nil
}

// changes takes back what is said of a client that changed or ended in an hour in which such acts were counted.
func (n *countedNow) changes(row Client, said saidColumns) error {
	if said["jwk_thumbprint"].value != row.JWKThumbprint {
		changed, err := n.has(audit.ClientUpdated, max(row.UpdatedAt, row.KeyChangedAt))
		if err != nil {
			return err
		}
		if changed {
			said.forget("jwk_thumbprint")
		}
	}
	if row.Status == ClientDisabled && (said["deleted_at"].value != row.DeletedAt || said["status"].value != row.Status) {
		ended, err := n.has(audit.ClientDeleted, row.DeletedAt)
		if err != nil {
			return err
		}
		if ended {
			said.forget("deleted_at", "status")
		}
	}
	return nil
}

// supersededTold wants as many requests counted as replaced as have a shorter window than their events say.
func (c *recordsChecker) supersededTold() error {
	told, err := c.database.told(c.ctx)
	for hour, count := range c.superseded {
		if most := told[countedEvents{Hour: hour, Type: string(audit.DeviceAuthorizationSuperseded)}]; count > most {
			c.wrong(RecordProblem{Table: "device_authorizations", ID: hour.Time().Format("2006-01-02T15Z"), Field: "pending_until",
				Reason: fmt.Sprintf("%d ended in this hour before their time, and %d were told", count, most)})
		}
	}
	return err
}

// replacedHour is how many requests more may have been replaced in an hour, beside those whose rows are there.
type replacedHour struct {
	hour Instant
	left int
}

// requestSwept reports whether a request that is not there was swept, a moment after its end. One that nobody handled may have
// been replaced before its time: then its end was counted, and as many such ends are believed as there are.
func (c *recordsChecker) requestSwept(db *gorm.DB, story *requestStory) (bool, error) {
	if len(story.bindings) > 0 {
		return false, nil
	}
	swept, err := c.wasSwept(db, term.SweptRequests, story.pending)
	if err != nil || swept || story.state != Pending {
		return swept, err
	}
	if c.replaced == nil {
		if err := c.readReplaced(db); err != nil {
			return false, err
		}
	}
	made, _ := story.request["created_at"].value.(Instant)
	at, _ := slices.BinarySearchFunc(c.replaced, hourOf(made), func(r replacedHour, hour Instant) int { return cmp.Compare(r.hour, hour) })
	if at == len(c.replaced) || c.replaced[at].hour >= c.swept[term.SweptRequests] {
		return false, nil
	}
	// All may have ended up to the same moment, and they come oldest first: the earliest hour is the one to take.
	if c.replaced[at].left--; c.replaced[at].left == 0 {
		c.replaced = slices.Delete(c.replaced, at, at+1)
	}
	return true, nil
}

// readReplaced reads the hours in which requests were counted as replaced.
func (c *recordsChecker) readReplaced(db *gorm.DB) error {
	told, err := toldBy(db)
	c.replaced = []replacedHour{}
	for key, count := range told {
		if left := count - c.superseded[key.Hour]; key.Type == string(audit.DeviceAuthorizationSuperseded) && left > 0 {
			c.replaced = append(c.replaced, replacedHour{key.Hour, left})
		}
	}
	slices.SortFunc(c.replaced, func(a, b replacedHour) int { return cmp.Compare(a.hour, b.hour) })
	return err
}
