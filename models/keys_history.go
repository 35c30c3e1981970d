package models

import (
	"cmp"
	"fmt"
	"slices"

	"countersign/audit"
	"countersign/models/keys"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// keyHistory is what the trail says of the server's keys, from the first event on. Who may sign is told in the trail itself:
// the first audit key by its own first event, every other one by the rotation that its predecessor signed.
type keyHistory struct {
	made    map[string]keys.Purpose   // by identifier
	first   map[keys.Purpose]string   // who was current from the start
	turns   map[keys.Purpose][]string // who became current by a rotation, in turn
	ended   map[string]Instant        // retired for good, and when
	signers map[string]int64          // the audit keys, and the number of the entry after which each may sign
	adopted bool                      // rows from before were vouched for
	current string                    // the audit key of now
	broken  *audit.Problem            // the first event of keys that is not signed by whom it should be, or cannot be read
}

// readKeyHistory reads the first event and those of keys, each verified with auditKeys. strict: a rotation of audit keys is
// signed by the current one; else by any that was named, as programs from before could do when two rotated within a minute.
func readKeyHistory(db *gorm.DB, issuer string, auditKeys jose.JSONWebKeySet, strict bool) (*keyHistory, error) {
	entries, err := keyEvents(db)
	if err != nil {
		return nil, err
	}
	h := &keyHistory{
		made: map[string]keys.Purpose{}, first: map[keys.Purpose]string{}, turns: map[keys.Purpose][]string{},
		ended: map[string]Instant{}, signers: map[string]int64{},
	}
	for _, entry := range entries {
		if err := h.take(entry, issuer, auditKeys, strict); err != nil {
			h.broken = &audit.Problem{Seq: entry.Seq, Reason: err.Error()}
			break
		}
	}
	return h, nil
}

// keyEvents are the first event and those of keys, in their order.
func keyEvents(db *gorm.DB) ([]audit.Entry, error) {
	var first, entries []audit.Entry
	err := db.Where("seq = 1").Find(&first).Error
	if err != nil {
		return nil, err
	}
	kinds := []audit.Type{audit.SigningKeyCreated, audit.SigningKeyRotated, audit.SigningKeyRetired, audit.KeysAuthenticated}
	if err := db.Where("type IN ? AND seq > 1", kinds).Find(&entries).Error; err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b audit.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	return append(first, entries...), nil
}

func (h *keyHistory) take(entry audit.Entry, issuer string, auditKeys jose.JSONWebKeySet, strict bool) error {
	event, err := audit.VerifyEntry(entry, issuer, auditKeys)
	if err != nil {
		return err
	}
	if h.current == "" {
		h.current, h.signers[entry.KeyID] = entry.KeyID, 0
	}
	id, purpose := event.Facts.Key, keys.Purpose(event.Facts.Reason)
	if _, named := h.signers[entry.KeyID]; !named {
		return audit.UnnamedKeyError(entry.KeyID)
	}
	switch event.Type {
	case audit.SigningKeyCreated:
		h.made[id], h.first[purpose] = purpose, cmp.Or(h.first[purpose], id)
	case audit.KeysAuthenticated:
		h.adopted = true
	case audit.SigningKeyRetired:
		h.ended[id] = Instant(entry.OccurredAt)
	case audit.SigningKeyRotated:
		if purpose == keys.Audit && strict && entry.KeyID != h.current {
			return fmt.Errorf("key %q names its successor, but is not the current one", entry.KeyID)
		}
		if purpose == keys.Audit {
			h.current, h.signers[id] = id, entry.Seq
		}
		h.turns[purpose] = append(h.turns[purpose], id)
	}
	return nil
}

// disagrees says in which way row is not what the trail says, "" when it is.
func (h *keyHistory) disagrees(row ServerKey) string {
	turns := h.turns[row.Purpose]
	turn, last := slices.Index(turns, row.ID), len(turns)-1
	made, known := h.made[row.ID]
	endedAt, ended := h.ended[row.ID]
	switch {
	case !known || made != "" && made != row.Purpose: // the first programs did not say what for
		return "no event says that it was made"
	case !row.PublicHalfFits():
		return "its public half is not the one that its events name"
	case row.Status == keys.Current && turn != last:
		return "another one is current, by the events"
	case row.Status != keys.Next && turn < 0 && made != "" && h.first[made] != row.ID:
		return "it never took its turn, by the events"
	case row.Status == keys.Next && turn >= 0:
		return "it took its turn, by the events"
	case row.Status == keys.Retired && (last < 0 || turn == last):
		return "it is not retired, by the events"
	case row.Ended() != ended:
		return "whether it was ended is not what the events say"
	case ended && row.InUseUntil > endedAt:
		return "it is in use beyond its end, by the events"
	}
	return ""
}
