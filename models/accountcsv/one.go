package accountcsv

import (
	"time"

	"countersign/models"
)

// ReadOne reads an account that somebody typed, by the names of the columns, as Read reads a line. The problems name the
// column, and no line.
func ReadOne(fields map[string]string, now time.Time) (models.ImportedAccount, []models.ImportError) {
	r := &accountsReader{now: now, lines: map[string]int{}, line: 1}
	var record []string
	for column, field := range fields {
		r.columns, record = append(r.columns, column), append(record, field)
	}
	account := r.account(record)
	if account.Status == "" {
		account.Status = models.AccountActive
	}
	return account, r.read.Problems
}
