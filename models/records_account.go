package models

import (
	"strings"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// ofAccounts are the events that say something of an account's row.
func ofAccounts() []audit.Type {
	return []audit.Type{audit.AccountChanged, audit.AccountErased, audit.MatchLocked, audit.MatchUnlocked}
}

// accounts holds status, rules and locks of each account. What an import of accounts sets when it makes an account has no event.
func (c *recordsChecker) accounts() error {
	for after := ""; ; {
		var rows []Account
		err := c.atOnce(func(db *gorm.DB) error {
			if err := db.Where("id > ?", after).Order("id").Limit(recordsTogether).Find(&rows).Error; err != nil || len(rows) == 0 {
				return err
			}
			return c.accountRows(db, rows)
		})
		c.step(len(rows))
		if err != nil || len(rows) < recordsTogether {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}

func (c *recordsChecker) accountRows(db *gorm.DB, rows []Account) error {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	events, err := readEvents(audit.OfAccounts(db, ids, ofAccounts()...))
	if err != nil {
		return err
	}
	said := map[string]saidColumns{}
	for _, id := range ids {
		said[id] = saidColumns{}
		said[id].say(0, "match_locked_at", Instant(0), "match_unlocked_at", Instant(0), "erased_at", Instant(0))
	}
	for _, event := range events {
		tellAccount(said[event.AccountID], event)
	}
	for _, row := range rows {
		c.hold("accounts", row.ID, map[string]any{
			"status": row.Status, "erased_at": row.ErasedAt, "match_locked_at": row.MatchLockedAt, "match_unlocked_at": row.MatchUnlockedAt,
			"presence_required": row.PresenceRequired, "two_person_required": row.TwoPersonRequired,
		}, said[row.ID])
	}
	return nil
}

func tellAccount(said saidColumns, e toldEvent) {
	status, isStatus := strings.CutPrefix(e.Reason, "status ")
	switch change := term.AccountChange(e.Reason); {
	case e.kind() == audit.AccountErased:
		said.say(e.Seq, "status", AccountClosed, "match_locked_at", Instant(0), "erased_at", e.at())
	case e.kind() == audit.MatchLocked:
		said.say(e.Seq, "match_locked_at", e.at())
	case e.kind() == audit.MatchUnlocked:
		said.say(e.Seq, "match_locked_at", Instant(0), "match_unlocked_at", e.at())
	case isStatus:
		status, _, _ = strings.Cut(status, " - ")
		said.say(e.Seq, "status", status)
	case change == term.ChangedToPresence || change == term.ChangedToNoPresence:
		said.say(e.Seq, "presence_required", change == term.ChangedToPresence)
	case change == term.ChangedToSecondPerson || change == term.ChangedToNoSecondPerson:
		said.say(e.Seq, "two_person_required", change == term.ChangedToSecondPerson)
	}
}

// ofClients are the events that say something of a client's row.
func ofClients() []string {
	return []string{string(audit.ClientRegistered), string(audit.ClientUpdated), string(audit.ClientDeleted),
		string(audit.ClientDisabled), string(audit.ClientEnabled)}
}

// clients holds each client: how it came, its key, and whether it may do anything.
func (c *recordsChecker) clients() error {
	for after := ""; ; {
		var rows []Client
		err := c.atOnce(func(db *gorm.DB) error {
			if err := db.Where("id > ?", after).Order("id").Limit(recordsTogether).Find(&rows).Error; err != nil || len(rows) == 0 {
				return err
			}
			return c.clientRows(db, rows)
		})
		c.step(len(rows))
		if err != nil || len(rows) < recordsTogether {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}

func (c *recordsChecker) clientRows(db *gorm.DB, rows []Client) error {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	by, err := clientEvents(db, ids)
	if err != nil {
		return err
	}
	erased, err := erasedClients(db, rows)
	if err != nil {
		return err
	}
	counted := countedNow{db: db, counts: &c.counted}
	for _, row := range rows {
		said := tellClient(by[row.ID])
		if row.CreatedAddress == "" && erased[row.ID] {
			said.forget("created_address")
		}
		if err := counted.changes(row, said); err != nil {
			return err
		}
		c.hold("clients", row.ID, map[string]any{
			"created_at": row.CreatedAt, "created_address": row.CreatedAddress, "jwk_thumbprint": row.JWKThumbprint, "status": row.Status,
			"deleted_at": row.DeletedAt,
		}, said)
		if thumbprintOf(row.JWK) != row.JWKThumbprint {
			c.wrong(RecordProblem{Table: "clients", ID: row.ID, Field: "jwk", Reason: "not the key of its thumbprint"})
		}
	}
	return nil
}

// disabled reports whether the client is, and did not end itself.
func (s saidColumns) disabled() bool {
	return s["status"].value == ClientDisabled && s["deleted_at"].value == Instant(0)
}

// clientEvents finds the events of clients by the search table, which was held against the log before; those that wait for it, in
// the log itself.
func clientEvents(db *gorm.DB, ids []string) (map[string][]toldEvent, error) {
	var filled int64
	if err := db.Raw("SELECT coalesce(max(seq), 0) FROM audit_search").Scan(&filled).Error; err != nil {
		return nil, err
	}
	var seqs []int64
	err := db.Raw("SELECT seq FROM audit_search WHERE client_id IN ? AND client_id <> '' AND type IN ?", ids, ofClients()).Scan(&seqs).Error
	if err != nil {
		return nil, err
	}
	events, err := readNumbered(db, seqs)
	if err != nil {
		return nil, err
	}
	waiting, err := readEvents(db.Where("seq > ? AND client_id IN ? AND type IN ?", filled, ids, ofClients()))
	if err != nil {
		return nil, err
	}
	events = append(events, waiting...)
	if err := addAddresses(db, events); err != nil {
		return nil, err
	}
	by := map[string][]toldEvent{}
	for _, event := range events {
		by[event.ClientID] = append(by[event.ClientID], event)
	}
	return by, nil
}

func tellClient(events []toldEvent) saidColumns {
	said := saidColumns{}
	said.say(0, "status", ClientActive, "deleted_at", Instant(0))
	for _, e := range events {
		switch e.kind() {
		case audit.ClientRegistered:
			said.say(e.Seq, "created_at", e.at(), "jwk_thumbprint", e.KeyThumbprint)
			if e.Address != "" {
				said.say(e.Seq, "created_address", e.Address)
			}
		case audit.ClientUpdated:
			said.say(e.Seq, "jwk_thumbprint", e.KeyThumbprint)
		case audit.ClientDisabled:
			said.say(e.Seq, "status", ClientDisabled)
		case audit.ClientEnabled:
			said.say(e.Seq, "status", ClientActive)
		case audit.ClientDeleted:
			said.say(e.Seq, "status", ClientDisabled, "deleted_at", e.at())
		}
	}
	return said
}

// thumbprintOf is the thumbprint (RFC 7638) of a public key as a row has it; "" where it is none.
func thumbprintOf(jwk string) string {
	var key jose.JSONWebKey
	if key.UnmarshalJSON([]byte(jwk)) != nil {
		return ""
	}
	return oauth.ClientMetadata{JWKS: &jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}}}.Thumbprint()
}
