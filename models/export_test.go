package models

import "gorm.io/gorm"

// WriterForTest is the write pool, for tests that try what no verb does.
func WriterForTest(d *Database) *gorm.DB { return d.write }
