package models_test

import (
	"log/slog"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

// A statement keeps its plan for all values, or SQLite would plan what is kept prepared anew for each. Here a plan for this
// value alone could use the index.
func TestStatementsKeepTheirPlans(t *testing.T) {
	database, err := models.Connect(t.Context(), modelstest.Migrated(t, "sqlite"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	for name, pool := range map[string]*gorm.DB{"reader": database.Reader(), "writer": models.WriterForTest(database)} {
		var plan []struct{ Detail string }
		err := pool.Raw("EXPLAIN QUERY PLAN SELECT account_id FROM account_identifiers WHERE key GLOB ?", "abc*").Scan(&plan).Error
		if err != nil {
			t.Fatal(err)
		}
		if len(plan) != 1 || !strings.HasPrefix(plan[0].Detail, "SCAN") {
			t.Errorf("the %s plans for one value: %v", name, plan)
		}
	}
}
