package models

import (
	"strings"
	"testing"
	"time"
)

// To another machine PostgreSQL is spoken to encrypted, whatever PGSSLMODE says, unless the
// address itself says that it shall not be.
func TestEncryptionToPostgres(t *testing.T) {
	t.Setenv("PGSSLMODE", "disable")
	for _, test := range []struct {
		address    string
		tls, clear bool
	}{
		{"postgres://u@db.example/name", true, false},
		{"postgres://u@db.example/name?sslmode=prefer", true, false},
		{"postgres://u@db.example/name?sslmode=allow", true, false},
		{"postgres://u@db.example/name?sslmode=require", true, false},
		{"postgres://u@db.example/name?sslmode=disable", false, true},
		{"postgres://u@192.0.2.7:5433/name", true, false},
		{"postgres://u@a.example,b.example/name", true, false},
		{"postgres://u@a.example:5432,b.example:5433/name", true, false},
		{"postgres://u@/name?host=127.0.0.1,b.example&port=5432,5433", true, false},
		{"postgres://u@127.0.0.1/name", false, false},
		{"postgres://u@[::1]/name", false, false},
		{"postgres://u@localhost/name?sslmode=disable", false, false},
		{"postgres://u@/name?host=/run/postgresql", false, false},
	} {
		settings, clear, err := postgresSettings(test.address)
		if err != nil {
			t.Errorf("%s: %v", test.address, err)
			continue
		}
		encrypted := settings.TLSConfig != nil
		for _, fallback := range settings.Fallbacks {
			encrypted = encrypted && fallback.TLSConfig != nil
		}
		if encrypted != test.tls || clear != test.clear {
			t.Errorf("%s: encrypted %t, clear %t", test.address, encrypted, clear)
		}
	}
	_, _, err := postgresSettings("postgres://u:s3cr3t@db.example:port/name")
	if err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("an address that cannot be read: %v", err)
	}
}

// A server that does not answer is given up after 3 s, or when the address says.
func TestConnectTimeout(t *testing.T) {
	for address, want := range map[string]time.Duration{
		"postgres://u@db.example/name": 3 * time.Second, "postgres://u@127.0.0.1/name": 3 * time.Second,
		"postgres://u@db.example/name?connect_timeout=20": 20 * time.Second,
	} {
		settings, _, err := postgresSettings(address)
		if err != nil || settings.ConnectTimeout != want {
			t.Errorf("%s: %v, %v", address, settings, err)
		}
	}
}
