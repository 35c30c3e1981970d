package models

import (
	"countersign/audit"

	"gorm.io/gorm"
)

// An erasure empties columns that older events say in clear: addresses, of before they lay beside the log.

// erasedAccounts tells which of these accounts were erased.
func erasedAccounts(db *gorm.DB, rows []DeviceAuthorization) (map[string]bool, error) {
	var ids []string
	for _, row := range rows {
		if row.Address == "" && row.AccountID != nil {
			ids = append(ids, *row.AccountID)
		}
	}
	erased := map[string]bool{}
	if len(ids) == 0 {
		return erased, nil
	}
	var found []string
	err := db.Model(&Account{}).Where("id IN ? AND erased_at > 0", ids).Pluck("id", &found).Error
	for _, id := range found {
		erased[id] = true
	}
	return erased, err
}

// erasedClients tells of which of these clients an event says that they asked for an account that was erased: their requests may
// have been swept.
func erasedClients(db *gorm.DB, rows []Client) (map[string]bool, error) {
	var ids []string
	for _, row := range rows {
		if row.CreatedAddress == "" {
			ids = append(ids, row.ID)
		}
	}
	erased := map[string]bool{}
	if len(ids) == 0 {
		return erased, nil
	}
	var found []string
	err := db.Raw(`SELECT DISTINCT s.client_id FROM audit_search AS s JOIN accounts AS a ON a.id = s.account_id
		WHERE s.client_id IN ? AND s.client_id <> '' AND s.account_id <> '' AND a.erased_at > 0`, ids).Scan(&found).Error
	for _, id := range found {
		erased[id] = true
	}
	return erased, err
}

// erasedUpTo tells of these accounts when an event erased them: notes up to that moment were removed.
func erasedUpTo(db *gorm.DB, accounts []string) (map[string]Instant, error) {
	var entries []audit.Entry
	err := audit.OfAccounts(db, accounts, audit.AccountErased).Find(&entries).Error
	erased := map[string]Instant{}
	for _, entry := range entries {
		erased[entry.AccountID] = max(erased[entry.AccountID], Instant(entry.OccurredAt))
	}
	return erased, err
}
