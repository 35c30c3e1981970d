package models

import (
	"context"

	"countersign/audit"
)

// ImportAccounts adds accounts and updates those that an identifier names, all or
// none. An identifier that a line leaves out is taken away from its account. by says
// who imports. Errors: an ImportError joined for every line that cannot be taken.
func (s *Store) ImportAccounts(ctx context.Context, list []ImportedAccount, by audit.Actor) (ImportResult, error) {
	var result ImportResult
	err := s.write(ctx, func(tx *tx) error {
		plan, err := tx.planImport(list)
		if err != nil {
			return err
		}
		result = plan.ImportResult
		return tx.carryOut(plan, audit.Facts{Actor: &by})
	})
	return result, err
}
