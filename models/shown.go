package models

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// An approval rests on what its page showed, and on nothing that came since: apps rename
// themselves (RFC 7592), accounts files change names, administrators change policies. So
// the form of the page says what that was, and the transaction that approves, or that
// takes a second person's agreement, compares (docs/decisions/0031-bound-to-what-was-shown.md).

// Shown is what a page to decide shows, as far as an approval rests on it. The zero value:
// nothing was shown.
type Shown struct {
	App       string // as the client is registered
	Software  string // its software_id
	Publisher string // the registered publisher of that; "" for none
	Verified  bool   // the publisher has signed for it
	Name      string // of the account, as is the next
	LatinName string
	BirthDate string // YYYY-MM-DD; "" when it is not on record
	Scope     string // what the app would be granted
	Resources string // the APIs that its tokens would be for
	Presence  string // what the match rests on, as PresenceShown
	Second    string // why a second person is needed: codes; "" when none is
	Proofing  string // the check of the ID document, by its identifier
}

// The facts of Shown that a ShownChange names.
const (
	ShownApp       = "app"
	ShownSoftware  = "software"
	ShownPublisher = "publisher"
	ShownVerified  = "verified"
	ShownName      = "name"
	ShownLatinName = "latin name"
	ShownBirthDate = "birth date"
	ShownScope     = "scope"
	ShownResources = "resources"
	ShownPresence  = "presence"
	ShownSecond    = "second person"
	ShownProofing  = "document check"
)

// ShownChange is one fact that is another now than the page showed.
type ShownChange struct{ Fact, Before, Now string }

// ChangedError says that what a decision would rest on is not what its page showed.
// Without changes the page did not say what it showed.
type ChangedError struct{ Changes []ShownChange }

func (e *ChangedError) Error() string { return "what the page showed has changed meanwhile" }

// ErrRecordChanged says that the account's record is not the one that the document was
// compared with: the document is to be checked again.
var ErrRecordChanged = errors.New("the account's record changed after the document was checked")

// ShownOf returns what a page shows of a visit; second is why it needs a second person.
func ShownOf(request RequestView, account Account, second []string) Shown {
	return Shown{
		App: request.ClientName, Software: request.SoftwareID, Publisher: request.PublisherName, Verified: request.Verified,
		Name: account.FullName, LatinName: account.LatinName, BirthDate: account.DateOfBirth,
		Scope: request.Scope, Resources: request.Resources, Presence: request.PresenceShown(),
		Second: strings.Join(second, ", "), Proofing: deref(request.ProofingID),
	}
}

// facts lists what is shown in the order in which pages name it.
func (s Shown) facts() []ShownChange {
	verified := ""
	if s.Verified {
		verified = "yes"
	}
	return []ShownChange{
		{ShownApp, "", s.App}, {ShownSoftware, "", s.Software}, {ShownPublisher, "", s.Publisher}, {ShownVerified, "", verified},
		{ShownName, "", s.Name}, {ShownLatinName, "", s.LatinName}, {ShownBirthDate, "", s.BirthDate},
		{ShownScope, "", s.Scope}, {ShownResources, "", s.Resources}, {ShownPresence, "", s.Presence},
		{ShownSecond, "", s.Second}, {ShownProofing, "", s.Proofing},
	}
}

// changes lists what is another now.
func (s Shown) changes(now Shown) []ShownChange {
	var list []ShownChange
	before := s.facts()
	for i, fact := range now.facts() {
		if fact.Before = before[i].Now; fact.Before != fact.Now {
			list = append(list, fact)
		}
	}
	return list
}

// firstSecond is the first reason for a second person.
func (s Shown) firstSecond() string {
	first, _, _ := strings.Cut(s.Second, ", ")
	return first
}

// Digest names what a second person agrees to. Why one is needed is no part of it.
func (s Shown) Digest() string {
	s.Second = ""
	text, _ := json.Marshal(s) //nolint:errchkjson // strings and one bool
	return digestOf(string(text))
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Compared names the record that a document is compared with: name, name in Latin letters
// and date of birth.
func (a Account) Compared() string {
	return digestOf(a.FullName + "\x00" + a.LatinName + "\x00" + a.DateOfBirth)
}

// askShown finds what a page shows of a request's client.
const askShown = `SELECT clients.client_name, clients.software_id, coalesce(publishers.name, ''), clients.verified_publisher_id IS NOT NULL,
		software.id IS NOT NULL, coalesce(software.scope, '')
	FROM clients LEFT JOIN software ON software.id = clients.software_id LEFT JOIN publishers ON publishers.id = software.publisher_id
	WHERE clients.id = $1`

// shownNow is what a page would show of a request in this transaction.
func (t *tx) shownNow(d DeviceAuthorization, on grounds) (Shown, error) {
	request := RequestView{DeviceAuthorization: d}
	err := t.ask(askShown, []any{d.ClientID}, &request.ClientName, &request.SoftwareID, &request.PublisherName, &request.Verified,
		&request.SoftwareListed, &request.SoftwareScope)
	if err != nil {
		return Shown{}, notFound(err)
	}
	if request.SoftwareListed && d.PhaseAt(t.now).Open() {
		request.Scope = intersect(strings.Fields(d.Scope), strings.Fields(request.SoftwareScope)).String()
	}
	second, err := t.secondApprovalNeeded(d, on)
	return ShownOf(request, on.account, second), err
}

// asShown refuses what is not as the page showed it, and returns what it is. Where the
// page did not say (the zero Shown) nothing is refused yet: see wasShown. Error:
// *ChangedError.
func (t *tx) asShown(d DeviceAuthorization, on grounds, shown Shown) (Shown, error) {
	now, err := t.shownNow(d, on)
	if err != nil || shown == (Shown{}) || shown == now {
		return now, err
	}
	return now, &ChangedError{Changes: shown.changes(now)}
}

// wasShown refuses, last of all, an approval that does not say what its page showed. Error: *ChangedError.
func wasShown(shown Shown) error {
	if shown == (Shown{}) {
		return &ChangedError{}
	}
	return nil
}

// Shown returns what the page to decide shows of a request now. Error: ErrNotFound.
func (s *Store) Shown(ctx context.Context, id string) (Shown, error) {
	tx := s.reader(ctx)
	d, err := tx.deviceAuthorization(id)
	if err != nil {
		return Shown{}, err
	}
	on, err := tx.grounds(d)
	if err != nil {
		return Shown{}, err
	}
	return tx.shownNow(d, on)
}
