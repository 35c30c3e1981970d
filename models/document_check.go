package models

import (
	"context"
	"errors"
	"slices"
	"strings"

	"countersign/audit/term"
)

// What an operator finds when comparing the card with the account's record.
const (
	Matches     = string(term.ComparisonMatches)
	Differs     = string(term.ComparisonDiffers)
	NotOnRecord = string(term.ComparisonNotOnRecord)
)

// How the fields of a document were read. A scan proves nothing: it saves typing, and its
// comparison with the record is the server's own.
const (
	ReadTyped  = string(term.ReadTyped)  // by the operator, who compared
	ReadMRZ    = string(term.ReadMRZ)    // machine-readable zone, ICAO Doc 9303
	ReadPDF417 = string(term.ReadPDF417) // AAMVA DL/ID
)

// What an earlier scan or check of the same request found to differ from the record, and
// this check does not. The approval needs a second person.
const (
	OverruledName      = "name"
	OverruledBirthDate = "birth_date"
)

// DocumentCheck is what the operator records of the ID card (screen 3). The number is
// used to keep its last four characters and a keyed hash, and then forgotten.
type DocumentCheck struct {
	Type            string // a document.Type
	Issuer          string // country code; "" where the type needs none
	Expiry          string // YYYY-MM-DD; the handler has checked that it is not over; NoExpiry; "" where the type needs none
	Number          string // "" where the type needs none
	NameResult      string // Matches, Differs or NotOnRecord
	NameReason      string // a term.NameReason where the name differs and may be the same person's; else ""
	BirthDateResult string
	Name            string // as the document gives it, as is BirthDate (YYYY-MM-DD): kept where it differs
	BirthDate       string
	Read            string          // ReadTyped, which "" means, ReadMRZ or ReadPDF417
	Overruled       []string        // of OverruledName and OverruledBirthDate: what the page knows; Proof adds what is on record
	OverruledReason term.Overruling // why what was overruled does not count; "" for no word about it
	ComparedWith    string          // the record that the page showed, as Account.Compared; "" for the one that there is now
	PhotoMatches    bool            // "The photo matches this person"
	DocumentHandled bool            // "I handled the document"
}

// checks are the OpenID Identity Assurance check methods that were done: vpip, the
// document was seen in person; pvp, the person was compared in person.
func (c DocumentCheck) checks() string {
	var methods []string
	if c.DocumentHandled {
		methods = append(methods, "vpip")
	}
	if c.PhotoMatches {
		methods = append(methods, "pvp")
	}
	return strings.Join(methods, " ")
}

// ErrDetailsDiffer says that the card's name or date of birth differs from the record:
// the operator declines, or checks the card again.
var ErrDetailsDiffer = errors.New("the document differs from the account's record")

// ProofingOf finds the proofing that a request's decision rests on. Error: ErrNotFound.
func (s *Store) ProofingOf(ctx context.Context, d DeviceAuthorization) (Proofing, error) {
	if d.ProofingID == nil {
		return Proofing{}, ErrNotFound
	}
	row, err := rowOf[Proofing](s.reader(ctx), "WHERE id = $1", *d.ProofingID)
	return row, notFound(err)
}

// grounds are what a decision on a request rests on beside the request itself. A transaction reads each row once.
type grounds struct {
	account  Account
	proofing Proofing // the last check of the document; zero where there is none
}

// grounds reads them as they are. Error: ErrNotFound.
func (t *tx) grounds(d DeviceAuthorization) (grounds, error) {
	account, err := rowOf[Account](t, "WHERE id = $1", deref(d.AccountID))
	if err != nil {
		return grounds{}, notFound(err)
	}
	return t.groundsOf(d, account)
}

// groundsOf is grounds where the account is known.
func (t *tx) groundsOf(d DeviceAuthorization, account Account) (on grounds, err error) {
	on.account = account
	if d.ProofingID == nil {
		return on, nil
	}
	on.proofing, err = ifAny(rowOf[Proofing](t, "WHERE id = $1", *d.ProofingID))
	return on, err
}

// agreeing refuses an approval that rests on a card which differs from the
// record; but for a name that differs for a reason that was given, which needs a second
// person (withSecondApproval). Errors: ErrDetailsDiffer, ErrNotFound.
func (p Proofing) agreeing() error {
	if p.ID == "" {
		return ErrNotFound
	}
	named := p.NameResult != Differs || slices.Contains(term.NameReasons(), term.NameReason(p.NameReason))
	if !named || p.BirthDateResult == Differs {
		return ErrDetailsDiffer
	}
	return nil
}

// ofThisRecord refuses an approval that rests on a document which was compared with another
// record than the account has now. Error: ErrRecordChanged.
func (g grounds) ofThisRecord() error {
	if !g.proofing.IsOf(g.account) {
		return ErrRecordChanged
	}
	return nil
}

// IsOf reports whether the document was compared with the record as it is; of a check from
// before that was kept it is taken for granted.
func (p Proofing) IsOf(account Account) bool {
	return p.ComparedWith == "" || p.ComparedWith == account.Compared()
}

func (p Proofing) agrees(result, overruled string) bool {
	return result == Matches && !slices.Contains(strings.Fields(p.Overruled), overruled)
}

// NoExpiry is kept in place of the expiry date of a document without an end.
const NoExpiry = "no end"
