package audit

import (
	"strings"
	"sync"
	"testing"

	"countersign/models/pgtest"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// PostgreSQL differs in what keeps two appends apart and in what ORDER BY means.
func TestOnPostgreSQL(t *testing.T) {
	f := newFixtureOn(t, postgres.Open(pgtest.Schema(t)), strings.Replace(testTable, "BLOB", "BYTEA", 1))
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			for range (batchSize + 40) / 6 {
				err := f.db.Transaction(func(tx *gorm.DB) error {
					_, err := f.log.Append(tx, testTime, approval())
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if r := f.verify(); !r.OK() || r.Entries != (batchSize+40)/6*6 {
		t.Fatalf("%+v %+v", r, r.First)
	}
	if got := seqs(t, f.db, Filter{AccountID: "acc_41", Before: 12, Limit: 3}); len(got) != 3 || got[0] != 11 || got[2] != 9 {
		t.Errorf("page %v", got)
	}
	f.exec("UPDATE audit_events SET occurred_at = occurred_at + 1 WHERE seq = 510")
	f.wantProblem(510, "column occurred_at differs from the SET")
	f.exec("DELETE FROM audit_events WHERE seq = 100")
	f.wantProblem(100, "missing")
}
