package audit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// BenchmarkSign is an event made ready to be inserted: checked, signed and laid out.
func BenchmarkSign(b *testing.B) {
	log := benchmarkLog(b)
	event := approval()
	event.Facts.Address = "203.0.113.9"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := log.Sign(1, testTime, event); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAppend is an event with one detail in a transaction of thousands on SQLite: what it takes but for the COMMIT.
func BenchmarkAppend(b *testing.B) {
	log := benchmarkLog(b)
	db, err := gorm.Open(sqlite.Open("file:"+filepath.Join(b.TempDir(), "audit.db")+"?_txlock=immediate&_stmt_cache_size=16"),
		&gorm.Config{Logger: logger.Discard, SkipDefaultTransaction: true})
	if err != nil {
		b.Fatal(err)
	}
	if pool, err := db.DB(); err == nil {
		defer pool.Close()
	}
	for _, table := range []string{testTable, testDetails} {
		if err := db.Exec(table).Error; err != nil {
			b.Fatal(err)
		}
	}
	event := approval()
	event.Facts.Address = "203.0.113.9"
	tx := db.Begin()
	defer tx.Rollback()
	b.ReportAllocs()
	for at := testTime; b.Loop(); at = at.Add(time.Millisecond) {
		if _, err := log.Append(tx, at, event); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkLog(b *testing.B) Log {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	return Log{Issuer: testIssuer, Rand: rand.Reader, Signer: jose.JSONWebKey{Key: key, KeyID: "key-1"}}
}
