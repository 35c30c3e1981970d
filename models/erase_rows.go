package models

import (
	"context"
	"slices"

	"countersign/audit"
)

// erasedTogether is how many rows one transaction of an erasure touches: few, since nobody else writes to SQLite meanwhile.
const erasedTogether = 200

// erasedRows are statements that remove, or empty, some rows of the account @account, @few at most. They are repeated until
// nothing is left. @before is the number of the event of the erasure: what lies beside later events is not this person's.
var erasedRows = []string{
	`UPDATE ending_rules SET network = 'erased' WHERE id IN (SELECT id FROM ending_rules
		WHERE account_id = @account AND network NOT IN ('', 'erased') LIMIT @few)`,
	`DELETE FROM document_differences WHERE id IN (SELECT id FROM document_differences WHERE account_id = @account LIMIT @few)`,
	`DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE account_id = @account LIMIT @few)`,
	`DELETE FROM notices_told WHERE notice_id IN (SELECT notice_id FROM notices_told WHERE account_id = @account LIMIT @few)`,
}

// erasedOfRequests are statements that remove, or empty, what was recorded of the requests @ids, and where their clients came
// from, when these have asked for no account that is there, and the trail says that they asked for one that was erased.
var erasedOfRequests = []string{
	`UPDATE device_authorizations SET instance_name = '', instance_description = '', address = '', network = '', login_hint_mac = ''
		WHERE id IN @ids`,
	`UPDATE proofings SET document_issuer = '', document_expiry = '', document_number_tail = '', document_number_mac = '', compared_with = ''
		WHERE device_authorization_id IN @ids`,
	`UPDATE second_approvals SET agreed_to = '' WHERE device_authorization_id IN @ids`,
	`UPDATE bindings SET label = '' WHERE device_authorization_id IN @ids`,
	`DELETE FROM event_details WHERE seq IN (SELECT s.seq FROM audit_search AS s WHERE s.client_id IN @clients AND s.client_id <> ''
		AND s.account_id = '' AND s.seq < @before)`,
	`UPDATE clients SET created_address = '' WHERE id IN @clients`,
}

// eraseRows removes what lies in other tables. before is the number of the event of the erasure.
func (s *Store) eraseRows(ctx context.Context, accountID string, before int64) error {
	if err := s.fillDerived(ctx); err != nil {
		return err
	}
	if err := s.eraseRequests(ctx, accountID, before); err != nil {
		return err
	}
	if err := s.eraseNotes(ctx, accountID); err != nil {
		return err
	}
	if err := s.eraseDetails(ctx, accountID, before); err != nil {
		return err
	}
	erased := int64(0)
	for _, statement := range erasedRows {
		for more := true; more; {
			if erased > 0 {
				tell(ctx, "rows removed", erased, 0)
			}
			err := s.write(ctx, func(tx *tx) error {
				result := tx.Exec(statement, map[string]any{"account": accountID, "before": before, "few": erasedTogether})
				more = result.RowsAffected == erasedTogether
				erased += result.RowsAffected
				return result.Error
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// eraseNotes removes what supervisors wrote on alerts about an account, up to the moment of the event of its erasure: of a later
// note no event would say why it is gone.
func (s *Store) eraseNotes(ctx context.Context, accountID string) error {
	filter := audit.Filter{AccountID: accountID, Types: audit.AlertTypes(), Limit: erasedTogether}
	for {
		alerts, err := audit.List(s.reading(ctx), filter)
		if err != nil || len(alerts) == 0 {
			return err
		}
		ids := make([]string, 0, len(alerts))
		for _, alert := range alerts {
			ids, filter.Before = append(ids, alert.ID), alert.Seq
		}
		err = s.write(ctx, func(tx *tx) error {
			if err := tx.Where("event_id IN ? AND created_at <= (SELECT erased_at FROM accounts WHERE id = ?)", ids, accountID).
				Delete(&AlertNote{}).Error; err != nil {
				return err
			}
			return tx.Model(&AlertAcknowledgement{}).Where("event_id IN ? AND note <> ''", ids).Update("note", "").Error
		})
		if err != nil {
			return err
		}
	}
}

// eraseDetails removes what lies beside the events about an account, which the search table names: it was filled in before.
func (s *Store) eraseDetails(ctx context.Context, accountID string, before int64) error {
	for last, more := int64(0), true; more; {
		var seqs []int64
		err := s.reading(ctx).Raw(`SELECT seq FROM audit_search WHERE account_id = ? AND account_id <> '' AND seq > ? AND seq < ?
			ORDER BY seq LIMIT ?`, accountID, last, before, erasedTogether).Scan(&seqs).Error
		if err != nil || len(seqs) == 0 {
			return err
		}
		last, more = seqs[len(seqs)-1], len(seqs) == erasedTogether
		err = s.write(ctx, func(tx *tx) error {
			return tx.Exec("DELETE FROM event_details WHERE seq IN ? AND account_id = ?", seqs, accountID).Error
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// erasedRequest is a request of an account that is erased.
type erasedRequest struct {
	ID        string
	ClientID  string
	CreatedAt Instant
}

// onlyErased are those of the clients that have asked for no account that is there, and of which an event says that they asked for
// one that was erased. Of requests that were only counted, and never matched, none does: what their client came from is not
// accounted for by the erasure, and goes with the next sweeps.
const onlyErased = `SELECT c.id FROM clients AS c WHERE c.id IN ? AND NOT EXISTS (SELECT 1 FROM device_authorizations AS d
	JOIN accounts AS a ON a.id = d.account_id WHERE d.client_id = c.id AND a.erased_at = 0)
	AND EXISTS (SELECT 1 FROM audit_search AS s JOIN accounts AS a ON a.id = s.account_id
	WHERE s.client_id = c.id AND s.client_id <> '' AND s.account_id <> '' AND a.erased_at > 0)`

// eraseRequests goes through the requests of an account, oldest first. What was asked for later names no account.
func (s *Store) eraseRequests(ctx context.Context, accountID string, before int64) error {
	var last erasedRequest
	for emptied := int64(0); ; {
		var requests []erasedRequest
		err := s.reading(ctx).Raw(`SELECT d.id, d.client_id, d.created_at FROM device_authorizations AS d
			WHERE d.account_id = ? AND (d.created_at, d.id) > (?, ?) ORDER BY d.created_at, d.id LIMIT ?`,
			accountID, last.CreatedAt, last.ID, erasedTogether).Scan(&requests).Error
		if err != nil || len(requests) == 0 {
			return err
		}
		last = requests[len(requests)-1]
		emptied += int64(len(requests))
		tell(ctx, "requests emptied", emptied, 0)
		if err := s.write(ctx, func(tx *tx) error { return tx.emptyRequests(requests, before) }); err != nil {
			return err
		}
	}
}

// emptyRequests empties some, in the order of lock.go.
func (t *tx) emptyRequests(requests []erasedRequest, before int64) error {
	ids, of, clients := []string{}, []string{}, []string{}
	for _, request := range requests {
		ids, of = append(ids, request.ID), append(of, request.ClientID)
	}
	slices.Sort(of)
	var held []DeviceAuthorization
	if err := t.forUpdate().Select("id").Where("id IN ?", ids).Order("id").Find(&held).Error; err != nil {
		return err
	}
	if err := t.Raw(onlyErased, slices.Compact(of)).Scan(&clients).Error; err != nil {
		return err
	}
	for _, statement := range erasedOfRequests {
		if err := t.Exec(statement, map[string]any{"ids": ids, "clients": clients, "before": before}).Error; err != nil {
			return err
		}
	}
	return nil
}

// forgetPages empties SQLite's write-ahead log, which has pages as they were before. Deleted content is overwritten in the
// database file itself (secure_delete). PostgreSQL does it with its next VACUUM. Somebody who reads right now keeps the log from
// being emptied: the next checkpoint does it.
func (s *Store) forgetPages(ctx context.Context) error {
	if s.dialect != "sqlite" {
		return nil
	}
	var busy, log, done int
	return s.Database.write.WithContext(ctx).Raw("PRAGMA wal_checkpoint(TRUNCATE)").Row().Scan(&busy, &log, &done)
}
