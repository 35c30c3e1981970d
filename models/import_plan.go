package models

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/spelling"
)

// What an import does with a line.
const (
	LineAdded     = "added"
	LineChanged   = "changed"
	LineUnchanged = "unchanged"

	linePassedOver = "passed over" // only when it is applied
)

// Fields of an account, as a Change names them: the columns of an accounts file.
const (
	FieldIdentifiers = "identifiers"
	FieldName        = "name"
	FieldLatinName   = "latin_name"
	FieldLanguage    = "language"
	FieldStaff       = "staff"
	FieldBirth       = "date_of_birth"
	FieldContact     = "contact"
	FieldStatus      = "status"
	FieldPresence    = "presence"
	FieldTwoPerson   = "two_person"
)

// ImportPlan says what an import would do, line by line.
type ImportPlan struct {
	ImportResult
	Lines []PlannedLine
}

// PlannedLine is one line of the file with what becomes of its account.
type PlannedLine struct {
	Line    int
	Kind    string
	Name    string   // as it will be
	Changes []Change // of an account that is there

	before, after Account
	had, rows     []AccountIdentifier // as they are, and as they will be
}

// Change is one field of an account that an import changes.
type Change struct{ Field, Before, After string }

// Digest stands for what the plan would change, and from what: two plans with one digest
// do the same.
func (p ImportPlan) Digest() (string, error) {
	type line struct {
		Line          int
		Kind, Account string
		Changes       []Change
	}
	var lines []line
	for _, planned := range p.Lines {
		lines = append(lines, line{planned.Line, planned.Kind, planned.before.ID, planned.Changes})
	}
	text, err := json.Marshal(lines)
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:]), err
}

// reasons are the codes that the trail keeps of a changed account. A changed contact has
// one of its own: its reader reads the account's notices.
func (l PlannedLine) reasons() []string {
	var list []string
	others := len(l.Changes)
	if l.before.Contact != l.after.Contact {
		list, others = append(list, string(term.ChangedContact)), others-1
	}
	switch {
	case l.before.Status != l.after.Status:
		list = append(list, string(term.StatusChange(term.AccountStatus(l.after.Status), "")))
	case others > 0:
		list = append(list, string(term.ChangedRecord))
	}
	return list
}

// details are what the event with this reason says of: its contact, or all else.
func (l PlannedLine) details(reason string) []audit.Detail {
	var list []audit.Detail
	for _, c := range l.Changes {
		if (c.Field == FieldContact) == (reason == string(term.ChangedContact)) {
			list = append(list, audit.Detail{Field: c.Field, Before: c.Before, After: c.After})
		}
	}
	return list
}

// fingerprint stands for what a line changes, and from what. Another account that has the line's identifiers meanwhile, or the
// same one with other values, gives another.
func (l PlannedLine) fingerprint() string {
	text, _ := json.Marshal([]any{l.Kind, identifiersOf(l.had), l.Changes}) // strings, which always can be written
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// importing is what the planning knows: the accounts that the file's identifiers name,
// as they are after the lines so far.
type importing struct {
	tx       *tx
	owners   map[string]string // identifier key → account
	accounts map[string]Account
	rows     map[string][]AccountIdentifier // of an account, in order
}

// beginImporting loads what the planning of some lines needs. In a write it holds the accounts that it finds.
func (t *tx) beginImporting(list []ImportedAccount) (*importing, error) {
	w := &importing{tx: t, owners: map[string]string{}, accounts: map[string]Account{}, rows: map[string][]AccountIdentifier{}}
	return w, w.load(list)
}

// planImport says what an import would do. It writes nothing. Errors: an ImportError joined for every line that cannot be
// taken.
func (t *tx) planImport(list []ImportedAccount) (plan ImportPlan, err error) {
	w, err := t.beginImporting(list)
	if err != nil {
		return ImportPlan{}, err
	}
	var problems []error
	for _, line := range list {
		planned, err := w.line(line)
		if _, wrong := errors.AsType[ImportError](err); wrong {
			problems = append(problems, err)
			continue
		} else if err != nil {
			return ImportPlan{}, err
		}
		w.keep(planned)
		plan.add(planned)
	}
	return plan, errors.Join(problems...)
}

// planBatch plans lines again that were checked, as they are applied. A line that would not do any more what it was to do is
// passed over: somebody else has changed its account, and knew nothing of the file.
func (t *tx) planBatch(lines []stagedLine) (list []PlannedLine, err error) {
	accounts := make([]ImportedAccount, len(lines))
	for i, line := range lines {
		accounts[i] = line.Account
	}
	w, err := t.beginImporting(accounts)
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		planned, err := w.line(line.Account)
		_, wrong := errors.AsType[ImportError](err)
		switch {
		case err != nil && !wrong:
			return nil, err
		case wrong, planned.Kind != LineUnchanged && planned.fingerprint() != line.Expects:
			planned = PlannedLine{Line: line.Account.Line, Kind: linePassedOver}
		default:
			w.keep(planned)
		}
		list = append(list, planned)
	}
	return list, nil
}

// load reads the accounts that the file names, a few hundred at a time. They are held in
// the order of their identifiers.
func (w *importing) load(list []ImportedAccount) error {
	var keys, ids []string
	for _, line := range list {
		for _, identifier := range line.Identifiers {
			keys = append(keys, spelling.Key(identifier))
		}
	}
	const together = 500
	for some := range slices.Chunk(keys, together) {
		var rows []AccountIdentifier
		if err := w.tx.Where("key IN ?", some).Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			w.owners[row.Key] = row.AccountID
			ids = append(ids, row.AccountID)
		}
	}
	slices.Sort(ids)
	for some := range slices.Chunk(slices.Compact(ids), together) {
		var accounts []Account
		if err := w.tx.forUpdate().Where("id IN ?", some).Order("id").Find(&accounts).Error; err != nil {
			return err
		}
		for _, account := range accounts {
			w.accounts[account.ID] = account
		}
		var rows []AccountIdentifier
		if err := w.tx.Where("account_id IN ?", some).Order("account_id, position").Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			w.rows[row.AccountID] = append(w.rows[row.AccountID], row)
		}
	}
	w.tx.readClock()
	return nil
}

// line plans one line.
func (w *importing) line(line ImportedAccount) (PlannedLine, error) {
	rows, err := identifierRows(line)
	if err != nil {
		return PlannedLine{}, err
	}
	id, known, err := w.owner(line, rows)
	if err != nil {
		return PlannedLine{}, err
	}
	before := w.accounts[id]
	after := line.over(before)
	if !known {
		after.ID, after.CreatedAt, after.UpdatedAt = id, w.tx.now, w.tx.now
	}
	for i := range rows {
		rows[i].AccountID = id
	}
	planned := PlannedLine{Line: line.Line, Name: after.FullName, Kind: LineAdded, before: before, after: after, had: w.rows[id], rows: rows}
	if known {
		planned.Kind, planned.Changes = LineChanged, changesOf(before, after, w.rows[id], rows)
		if len(planned.Changes) == 0 {
			planned.Kind = LineUnchanged
		}
	}
	return planned, nil
}

// add adds a line to the plan.
func (p *ImportPlan) add(planned PlannedLine) {
	switch planned.Kind {
	case LineAdded:
		p.Added++
	case LineChanged:
		p.Changed++
	default:
		p.Unchanged++
	}
	p.Lines = append(p.Lines, planned)
}

// keep goes on from how things are after a line.
func (w *importing) keep(planned PlannedLine) {
	id := planned.after.ID
	for _, row := range w.rows[id] {
		delete(w.owners, row.Key)
	}
	for _, row := range planned.rows {
		w.owners[row.Key] = id
	}
	w.accounts[id], w.rows[id] = planned.after, planned.rows
}

// owner is the one account that the line's identifiers name, or a new one.
func (w *importing) owner(line ImportedAccount, rows []AccountIdentifier) (id string, known bool, err error) {
	named := "" // the identifier that names the owner
	for _, row := range rows {
		switch owner := w.owners[row.Key]; {
		case owner == "" || owner == id:
		case id == "":
			id, named = owner, row.Identifier
		default:
			return "", false, ImportError{line.Line, FieldIdentifiers, ImportOwners, []string{strconv.Quote(named), strconv.Quote(row.Identifier)}}
		}
	}
	if id != "" {
		return id, true, nil
	}
	id, err = newID(w.tx.store.rand)
	return id, false, err
}

// identifierRows are the identifiers of a line; two that are one after normalising
// are kept once.
func identifierRows(line ImportedAccount) ([]AccountIdentifier, error) {
	var rows []AccountIdentifier
	for _, identifier := range line.Identifiers {
		key := spelling.Key(identifier)
		if key == "" {
			return nil, ImportError{Line: line.Line, Column: FieldIdentifiers, Problem: ImportBlank}
		}
		if !slices.ContainsFunc(rows, func(r AccountIdentifier) bool { return r.Key == key }) {
			rows = append(rows, AccountIdentifier{Key: key, Identifier: identifier, Position: len(rows)})
		}
	}
	return rows, nil
}

// over is the account as the line wants it.
func (l ImportedAccount) over(account Account) Account {
	account.Status, account.FullName = l.Status, l.FullName
	account.DateOfBirth, account.Contact = l.DateOfBirth, l.Contact
	if l.LatinName != nil {
		account.LatinName = *l.LatinName
	}
	if l.Language != nil {
		account.Language = *l.Language
	}
	if l.StaffSubject != nil {
		account.StaffSubject = *l.StaffSubject
	}
	if l.PresenceRequired != nil {
		account.PresenceRequired = *l.PresenceRequired
	}
	if l.TwoPersonRequired != nil {
		account.TwoPersonRequired = *l.TwoPersonRequired
	}
	return account
}

// changesOf lists the fields that differ.
func changesOf(before, after Account, had, have []AccountIdentifier) []Change {
	required := func(is bool) string {
		if is {
			return "required"
		}
		return ""
	}
	var changes []Change
	for _, c := range []Change{
		{FieldIdentifiers, identifiersOf(had), identifiersOf(have)}, {FieldName, before.FullName, after.FullName},
		{FieldLatinName, before.LatinName, after.LatinName}, {FieldLanguage, before.Language, after.Language},
		{FieldStaff, before.StaffSubject, after.StaffSubject},
		{FieldBirth, before.DateOfBirth, after.DateOfBirth}, {FieldContact, before.Contact, after.Contact},
		{FieldStatus, before.Status, after.Status}, {FieldPresence, required(before.PresenceRequired), required(after.PresenceRequired)},
		{FieldTwoPerson, required(before.TwoPersonRequired), required(after.TwoPersonRequired)},
	} {
		if c.Before != c.After {
			changes = append(changes, c)
		}
	}
	return changes
}

func identifiersOf(rows []AccountIdentifier) string {
	var list []string
	for _, row := range rows {
		list = append(list, row.Identifier)
	}
	return strings.Join(list, "; ")
}

// ImportedAccount is one line of an accounts file, checked.
type ImportedAccount struct {
	Line        int
	Identifiers []string
	FullName    string
	DateOfBirth string
	Contact     string
	Status      string
	// LatinName is the full name in Latin letters, and nil as PresenceRequired is.
	LatinName *string
	// Language is that of the account's notices (BCP 47, "" for the deployment's); nil likewise.
	Language *string
	// StaffSubject is the member of staff whose account this is, by the provider's subject; nil likewise.
	StaffSubject *string
	// PresenceRequired is nil when the file has no such column: the account keeps what it
	// has.
	PresenceRequired *bool
	// TwoPersonRequired likewise.
	TwoPersonRequired *bool
}

// ImportResult counts what an import did.
type ImportResult struct{ Added, Changed, Unchanged int }
