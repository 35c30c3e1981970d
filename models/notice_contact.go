package models

import (
	"strings"

	"countersign/models/keys"
)

// Whoever changes an account's contact reads its notices from then on, and the person does
// not. So the contact from before is told, once, and not what it was changed to.

// tellFormerContacts writes down that the contacts which these lines took away are to be
// told so.
func (t *tx) tellFormerContacts(lines []PlannedLine) error {
	var rows []Notice
	for _, line := range lines {
		former := line.before.Contact
		if line.Kind != LineChanged || former == "" || sameContact(former, line.after.Contact) {
			continue
		}
		told, err := t.formerContactNotices(line.after.ID, former)
		if err != nil {
			return err
		}
		rows = append(rows, told...)
	}
	if len(rows) == 0 {
		return nil
	}
	const together = 500
	return t.CreateInBatches(rows, together).Error
}

// sameContact is blind to the case of ASCII letters and to nothing else: other letters that
// look the same may lead to another mailbox.
func sameContact(a, b string) bool {
	lower := func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	return strings.Map(lower, a) == strings.Map(lower, b)
}

func (t *tx) formerContactNotices(accountID, contact string) ([]Notice, error) {
	var rows []Notice
	for _, channel := range t.store.policy.NoticeChannels {
		id, err := newID(t.store.rand)
		if err != nil {
			return nil, err
		}
		sealed, err := keys.Seal(t.store.rand, t.store.formerContactKey(keys.FormerContact), []byte(contact), formerContactLabel(id))
		if err != nil {
			return nil, err
		}
		rows = append(rows, Notice{
			ID: id, Occasion: NoticeContactChanged, Channel: channel, AccountID: &accountID, CreatedAt: t.now, NextTryAt: t.now,
			UsefulUntil: t.now.Add(usefulFor), Turn: turnFormerContact, FormerContact: sealed,
		})
	}
	return rows, nil
}

// formerContact opens the contact that a notice is to go to.
func (s *Store) formerContact(notice Notice) (string, error) {
	contact, err := keys.Open(s.formerContactKey(keys.FormerContact), notice.FormerContact, formerContactLabel(notice.ID))
	if err != nil { // sealed before there was a key for it
		contact, err = keys.Open(s.formerContactKey(keys.UserCode), notice.FormerContact, formerContactLabel(notice.ID))
	}
	return string(contact), err
}

func formerContactLabel(noticeID string) string { return "former contact of notice " + noticeID }

// formerContactKey is made from a key that does not take turns: another master key leaves
// it as it is.
func (s *Store) formerContactKey(purpose keys.Purpose) []byte {
	return s.mac(purpose, "former contact")
}
