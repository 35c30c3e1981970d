package models

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"countersign/models/keys"
	"countersign/models/spelling"

	"gorm.io/gorm/clause"
)

// ReadAccounts is an accounts file as it was read: its accounts, or what is wrong with it.
type ReadAccounts struct {
	Accounts []ImportedAccount
	Problems []ImportError
	Further  int // problems that are not listed
}

// accountFileKept is how long a file waits between its preview and its import.
const accountFileKept = 15 * time.Minute

// KeepAccountFile keeps what an administrator sent for its preview, in place of what this
// session sent before. The key that it returns opens it and is not kept here: without it
// nobody reads the people in it, neither in this database nor in a copy.
// Errors: ErrSessionEnded, ErrNotAllowed.
func (s *Store) KeepAccountFile(ctx context.Context, sessionID string, file ReadAccounts) (key string, err error) {
	plain, err := json.Marshal(file)
	if err != nil {
		return "", err
	}
	if key, err = newSecret(s.rand); err != nil {
		return "", err
	}
	secret, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return "", err
	}
	row := AccountFile{SessionID: sessionID, KeyHash: hashSecret(key)}
	if row.Sealed, err = keys.Seal(s.rand, secret, plain, accountFileLabel(sessionID)); err != nil {
		return "", err
	}
	return key, s.write(ctx, func(tx *tx) error {
		if _, err := tx.session(sessionID, Administrator); err != nil {
			return err
		}
		row.ExpiresAt = tx.now.Add(accountFileKept)
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
	})
}

func accountFileLabel(sessionID string) string { return "accounts file of session " + sessionID }

// accountFile opens it. Error: ErrNotFound (too late, replaced, imported, or another key).
func (t *tx) accountFile(sessionID, key string) (ReadAccounts, error) {
	var row AccountFile
	var file ReadAccounts
	if err := t.forUpdate().Where("session_id = ?", sessionID).Limit(1).Find(&row).Error; err != nil {
		return file, err
	}
	t.readClock()
	same := subtle.ConstantTimeCompare([]byte(row.KeyHash), []byte(hashSecret(key))) == 1
	if row.SessionID == "" || !same || t.now >= row.ExpiresAt {
		return file, ErrNotFound
	}
	secret, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return file, err
	}
	plain, err := keys.Open(secret, row.Sealed, accountFileLabel(sessionID))
	if err != nil {
		return file, err
	}
	return file, json.Unmarshal(plain, &file)
}

// PreviewImport says what importing the kept file would do. A file that has problems,
// of its own or with the accounts that are there, has no plan.
// Errors: ErrNotFound, ErrSessionEnded, ErrNotAllowed.
func (s *Store) PreviewImport(ctx context.Context, sessionID, key string) (ReadAccounts, ImportPlan, error) {
	tx := s.reader(ctx)
	session, err := tx.session(sessionID, Administrator)
	if err != nil {
		return ReadAccounts{}, ImportPlan{}, err
	}
	file, err := tx.accountFile(sessionID, key)
	if err != nil || len(file.Problems) > 0 {
		return file, ImportPlan{}, err
	}
	plan, problems, err := tx.planFor(session.StaffSession, file)
	file.Problems = problems
	return file, plan, err
}

// ConfirmImport begins to import the kept file, when it still does what the preview said: digest is that of its plan. Then the
// file is forgotten. A worker finishes the import (ImportBegun).
// Errors: ErrChangedMeanwhile, ErrImportRunning, ErrImportAbandoned (nothing was imported), and those of PreviewImport.
func (s *Store) ConfirmImport(ctx context.Context, sessionID, key, digest string) error {
	if err := s.noImportRuns(ctx); err != nil {
		return err
	}
	tx := s.reader(ctx)
	session, err := tx.session(sessionID, Administrator)
	if err != nil {
		return err
	}
	file, err := tx.accountFile(sessionID, key)
	if err != nil {
		return err
	}
	plan, problems, err := tx.planFor(session.StaffSession, file)
	if err != nil {
		return err
	}
	now, err := plan.Digest()
	if err != nil {
		return err
	}
	if len(file.Problems) > 0 || len(problems) > 0 || now != digest {
		return ErrChangedMeanwhile
	}
	row := AccountImport{StaffID: &session.StaffID, SessionID: &session.ID, Unchanged: plan.Unchanged}
	if _, err := s.stage(ctx, row, stagedLines(file.Accounts, plan), nil); err != nil {
		return err
	}
	s.imports.ring()
	return s.ForgetAccountFile(ctx, sessionID)
}

// ForgetAccountFile takes back what this session sent, if anything.
func (s *Store) ForgetAccountFile(ctx context.Context, sessionID string) error {
	return s.write(ctx, func(tx *tx) error {
		return tx.Where("session_id = ?", sessionID).Delete(&AccountFile{}).Error
	})
}

// planFor plans an administrator's import. A change of their own account is a problem.
func (t *tx) planFor(session StaffSession, file ReadAccounts) (ImportPlan, []ImportError, error) {
	plan, err := t.planImport(file.Accounts)
	problems, err := importErrors(err)
	if err != nil || len(problems) > 0 {
		return ImportPlan{}, problems, err
	}
	var staff Staff
	if err := t.Where("id = ?", session.StaffID).First(&staff).Error; err != nil {
		return plan, nil, err
	}
	known, err := t.staffKeys(staff.ID)
	if err != nil {
		return plan, nil, err
	}
	for _, line := range plan.Lines {
		if line.Kind == LineChanged && staff.owns(line, known) {
			problems = append(problems, ImportError{Line: line.Line, Problem: ImportOwnAccount})
		}
	}
	return plan, problems, nil
}

// importErrors takes apart what planImport joined; anything else is a fault.
func importErrors(err error) ([]ImportError, error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil, err
	}
	var problems []ImportError
	for _, one := range joined.Unwrap() {
		problem, ok := errors.AsType[ImportError](one)
		if !ok {
			return nil, err
		}
		problems = append(problems, problem)
	}
	return problems, nil
}

// owns reports whether a changed account is, or was, this member of staff's own, as ownAccount; keys are all that they
// were ever seen with.
func (s Staff) owns(line PlannedLine, keys []string) bool {
	if s.Subject != "" && (line.before.StaffSubject == s.Subject || line.after.StaffSubject == s.Subject) {
		return true
	}
	has := func(text string) bool { return text != "" && slices.Contains(keys, spelling.Key(text)) }
	if has(line.before.Contact) {
		return true
	}
	for _, change := range line.Changes {
		if change.Field == FieldIdentifiers && slices.ContainsFunc(strings.Split(change.Before, "; "), has) {
			return true
		}
	}
	return slices.ContainsFunc(line.rows, func(row AccountIdentifier) bool { return slices.Contains(keys, row.Key) })
}
