package models

import (
	"context"
	"errors"
	"slices"

	"countersign/models/spelling"

	"gorm.io/gorm/clause"
)

// Nobody of the staff decides on their own account (docs/architecture.md §4.11). Which that is
// only the organisation's provider can say, by the claims about them.

// AccountKnown reports whether the provider named anything, at the last sign-in, by which an
// account of their own would be known.
func (s Staff) AccountKnown() bool { return s.IdentifierKeys != "" }

// MayApprove reports whether a member of staff may approve by what is known of their own
// account, for a page that spares them the attempt.
func (s *Store) MayApprove(ctx context.Context, staff Staff) (bool, error) {
	err := s.reader(ctx).ownAccountKnown(actor{staff: staff.ID, accountKnown: staff.AccountKnown()})
	if errors.Is(err, ErrOwnAccountUnknown) {
		return false, nil
	}
	return err == nil, err
}

// ownAccountKnown refuses whoever the rule could not be held against, where policy has
// it so. It guards what could help an account along: match, approval, a second person's
// agreement, unlocking and putting away an alert. What only ends things is left to them:
// a fraud is to be stopped by the person who sees it. Error: ErrOwnAccountUnknown.
func (t *tx) ownAccountKnown(who actor) error {
	if !t.store.policy.AccountClaimRequired || who.accountKnown {
		return nil
	}
	staff, err := rowOf[Staff](t, "WHERE id = $1", who.staff)
	if err != nil {
		return notFound(err)
	}
	var named bool
	err = t.ask("SELECT EXISTS (SELECT 1 FROM accounts WHERE "+namesStaff+")", []any{staff.Subject}, &named)
	if err == nil && !named {
		err = ErrOwnAccountUnknown
	}
	return err
}

// namesStaff finds accounts that the accounts file says are a member of staff's own. It says the condition of the
// index, or SQLite does not use that.
const namesStaff = "staff_subject = $1 AND staff_subject <> ''"

// OwnAccount reports whether the account belongs to this member of staff, as far as the
// organisation's provider tells. Error: ErrNotFound.
func (s *Store) OwnAccount(ctx context.Context, staffID, accountID string) (bool, error) {
	reading := s.reader(ctx)
	own, err := reading.ownAccount(staffID, accountID)
	return own, notFound(err)
}

// ownAccount reports whether the account is this member of staff's own: the accounts file says so, or a claim that the
// provider ever gave of them names it, as an identifier or as its contact. Who changed an address at the provider is
// still the owner of what the old one names.
func (t *tx) ownAccount(staffID, accountID string) (bool, error) {
	var own bool // by all but its contact
	var contact string
	err := t.ask(askOwnAccount, []any{accountID, staffID}, &own, &contact)
	key := spelling.Key(contact)
	if err != nil || own || key == "" {
		return own, err
	}
	err = t.ask("SELECT count(*) > 0 FROM staff_identifiers WHERE staff_id = $1 AND key = $2", []any{staffID, key}, &own)
	return own, err
}

// askOwnAccount compares an account with somebody of the staff.
const askOwnAccount = `SELECT coalesce(a.staff_subject <> '' AND a.staff_subject = s.subject, FALSE)
		OR EXISTS (SELECT 1 FROM account_identifiers AS its JOIN staff_identifiers AS theirs ON theirs.key = its.key
			WHERE its.account_id = $1 AND theirs.staff_id = s.id), coalesce(a.contact, '')
	FROM staff AS s LEFT JOIN accounts AS a ON a.id = $1 WHERE s.id = $2`

// StaffIdentifier is a key by which an account of a member of staff's own was ever named.
type StaffIdentifier struct {
	StaffID     string `gorm:"primaryKey"`
	Key         string `gorm:"primaryKey"`
	FirstSeenAt Instant
	LastSeenAt  Instant
}

// rememberIdentifiers keeps the keys that the provider's claims gave at this sign-in, beside all from before.
func (t *tx) rememberIdentifiers(staffID string, keys []string) error {
	var rows []StaffIdentifier
	for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
		rows = append(rows, StaffIdentifier{StaffID: staffID, Key: key, FirstSeenAt: t.now, LastSeenAt: t.now})
	}
	if len(rows) == 0 {
		return nil
	}
	return t.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "staff_id"}, {Name: "key"}},
		DoUpdates: clause.AssignmentColumns([]string{"last_seen_at"}),
	}).Create(&rows).Error
}

// staffKeys are all keys that a member of staff was ever seen with.
func (t *tx) staffKeys(staffID string) (keys []string, err error) {
	err = t.Model(&StaffIdentifier{}).Where("staff_id = ?", staffID).Pluck("key", &keys).Error
	return keys, err
}

// StaffIdentifiers lists the keys by which accounts of a member of staff's own are known, for an administrator.
func (s *Store) StaffIdentifiers(ctx context.Context, staffID string) ([]StaffIdentifier, error) {
	var rows []StaffIdentifier
	return rows, s.reading(ctx).Where("staff_id = ?", staffID).Order("key").Find(&rows).Error
}

// notOwnAccount refuses who acts on their own account. Error: ErrOwnAccount.
func (t *tx) notOwnAccount(who actor, accountID string) error {
	own, err := t.ownAccount(who.staff, accountID)
	if err == nil && own {
		err = ErrOwnAccount
	}
	return err
}

// surelyNotOwnAccount also refuses a member of staff when the provider does not say which account
// is theirs and the policy asks for that (see ownAccountKnown). Errors: ErrOwnAccount,
// ErrOwnAccountUnknown.
func (t *tx) surelyNotOwnAccount(who actor, accountID string) error {
	if err := t.notOwnAccount(who, accountID); err != nil {
		return err
	}
	return t.ownAccountKnown(who)
}
