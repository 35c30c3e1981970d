package models

import (
	"context"
	"slices"
	"strings"

	"countersign/models/spelling"
)

// Nobody of the staff decides on their own account (design section 4.11). Which that is
// only the organisation's provider can say, by the claims about them.

// AccountKnown says whether the provider named anything by which an account of their own
// would be known. Where it did not, they cannot be kept from deciding on it.
func (s Staff) AccountKnown() bool { return s.IdentifierKeys != "" }

// MayApprove says whether somebody of the staff may approve by what the provider said of
// them, for a page that spares them the attempt.
func (s *Store) MayApprove(staff Staff) bool {
	return staff.AccountKnown() || !s.policy.AccountClaimRequired
}

// ownAccountKnown refuses whoever the rule could not be held against, where policy has
// it so. It guards what could help an account along: match, approval, a second person's
// agreement, unlocking and putting away an alert. What only ends things is left to them:
// a fraud is to be stopped by whoever sees it. Error: ErrOwnAccountUnknown.
func (t *tx) ownAccountKnown(staffID string) error {
	if !t.store.policy.AccountClaimRequired {
		return nil
	}
	var staff Staff
	err := lost(t.Where("id = ?", staffID).First(&staff).Error)
	if err == nil && !staff.AccountKnown() {
		err = ErrOwnAccountUnknown
	}
	return err
}

// OwnAccount says whether the account belongs to this member of staff, as far as the
// organisation's provider tells. Error: ErrNotFound.
func (s *Store) OwnAccount(ctx context.Context, staffID, accountID string) (bool, error) {
	reading := s.reader(ctx)
	own, err := reading.ownAccount(staffID, accountID)
	return own, lost(err)
}

// ownAccount says whether one of the claims that the provider gave of this member of
// staff names the account, as an identifier or as its contact.
func (t *tx) ownAccount(staffID, accountID string) (bool, error) {
	var staff Staff
	if err := t.Where("id = ?", staffID).First(&staff).Error; err != nil {
		return false, err
	}
	if staff.IdentifierKeys == "" {
		return false, nil
	}
	keys := strings.Split(staff.IdentifierKeys, "\n")
	var same int64
	err := t.Model(&AccountIdentifier{}).Where("account_id = ? AND key IN ?", accountID, keys).Count(&same).Error
	if err != nil || same > 0 {
		return same > 0, err
	}
	var account Account
	err = lost(t.Where("id = ?", accountID).First(&account).Error)
	return account.Contact != "" && slices.Contains(keys, spelling.Key(account.Contact)), err
}

// notOwnAccount refuses who acts on their own account. Error: ErrOwnAccount.
func (t *tx) notOwnAccount(who actor, accountID string) error {
	own, err := t.ownAccount(who.staff, accountID)
	if err == nil && own {
		err = ErrOwnAccount
	}
	return err
}

// surelyNotOwnAccount also refuses a member of staff of whom nobody can tell which account
// is theirs, where the policy asks for that (see ownAccountKnown). Errors: ErrOwnAccount,
// ErrOwnAccountUnknown.
func (t *tx) surelyNotOwnAccount(who actor, accountID string) error {
	if err := t.notOwnAccount(who, accountID); err != nil {
		return err
	}
	return t.ownAccountKnown(who.staff)
}
