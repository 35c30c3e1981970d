package models

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"
)

// endedOneByOne is how many bindings of a client that ends are revoked with an event and a notice for each, the newest. Further
// ones end by the rule alone.
const endedOneByOne = 20

// clientEnd ends a client: what it is about, and what is said of it.
type clientEnd struct {
	event   audit.Event // of type ClientDeleted or ClientDisabled; its facts say who, and the count
	counted bool        // as Stranger.Counted; it has an event all the same when it ends a binding
	reason  term.Ending // EndingClientDeleted or EndingClientDisabled
	judge   func(*tx) (Client, error)
	changes func() map[string]any // of its row, once judge holds it: by then it is later
}

// endClient ends a client, and by one rule every request of it that could still be decided or redeemed, and its bindings.
// Bindings come before the client, which judge holds: an approval that is under way is waited for, and so is a new
// request (see requestsOf).
func (t *tx) endClient(id string, end clientEnd) error {
	if err := t.requestsOf(id); err != nil {
		return err
	}
	var bindings []Binding
	newest := t.Raw(`SELECT id FROM (SELECT id FROM bindings WHERE client_id = ? AND revoked_at = 0
		ORDER BY created_at DESC LIMIT ?) AS newest`, id, endedOneByOne)
	if err := t.forUpdate().Where("id IN (?)", newest).Order("id").Find(&bindings).Error; err != nil {
		return err
	}
	client, err := end.judge(t)
	if err != nil {
		return err
	}
	if err := t.Model(&Client{}).Where("id = ?", id).Updates(end.changes()).Error; err != nil {
		return err
	}
	facts := audit.Facts{Actor: end.event.Facts.Actor, Reason: string(end.reason), Address: end.event.Facts.Address}
	for _, binding := range bindings {
		if err := t.revoke(binding, facts); err != nil {
			return err
		}
	}
	end.event.Facts.Client, end.event.Facts.KeyThumbprint, end.event.Facts.RegisteredAt = id, client.JWKThumbprint, client.registered()
	seq, err := t.recordEnd(end.event, end.counted && len(bindings) == 0)
	if err != nil {
		return err
	}
	return t.makeRules(seq, nil, EndingRule{ClientID: id, Reason: string(end.reason)})
}

// recordEnd returns the number of the event, or of the trail's next one where the end is counted: all that the client
// asked for is older.
func (t *tx) recordEnd(event audit.Event, counted bool) (seq int64, err error) {
	if hour := t.countedHour(counted); hour != 0 {
		if err := t.recordOrCount(event, hour); err != nil {
			return 0, err
		}
		seq, err = t.trailEnd()
		return seq + 1, err
	}
	entry, err := t.record(event)
	return entry.Seq, err
}

// fallingWithClient counts what waits of a client, for the event of its end.
func (s *Store) fallingWithClient(ctx context.Context, clientID string) (*int, error) {
	falling, err := s.reader(ctx).falling(askFallingOf, given{"client": clientID, "id": ""})
	falling.Count += falling.Spared // a client's end spares nothing
	return falling.fact(), err
}

var askFallingOf = askingFalling(someOf, "d.id <> ''")

// cancel ends one request that this transaction holds: a client that asks about it is told
// access_denied.
func (t *tx) cancel(request DeviceAuthorization, facts audit.Facts) error {
	set := map[string]any{"state": transitionCancel.to, "decline_reason": facts.Reason}
	if request.State != Approved { // an approval stays on record
		set["decided_at"] = t.now
	}
	result := t.Model(&DeviceAuthorization{}).Where("id = ? AND state IN ?", request.ID, transitionCancel.from).Updates(set)
	if result.Error != nil || result.RowsAffected == 0 {
		return result.Error
	}
	facts.Client, facts.DeviceAuthorization, facts.KeyThumbprint = request.ClientID, request.ID, request.JWKThumbprint
	if err := t.making(request, &facts); err != nil {
		return err
	}
	_, err := t.record(audit.Event{Type: audit.DeviceAuthorizationCancelled, Subject: deref(request.AccountID),
		Transaction: request.ID, Facts: facts})
	return err
}
