package modelstest

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"countersign/models"
)

func TestMain(m *testing.M) { Main(m) }

// A list that has lost its index fails the test that asks for it.
func TestLostIndexIsFound(t *testing.T) {
	for change, want := range map[string]string{"SELECT 1": "", "DROP INDEX accounts_locked": "models.LockedAccounts"} {
		t.Run(change, func(t *testing.T) {
			address := Migrated(t, "sqlite")
			file, err := sql.Open("sqlite3", strings.TrimPrefix(address, "sqlite:"))
			if err == nil {
				_, err = file.ExecContext(t.Context(), change)
			}
			if err := errors.Join(err, file.Close()); err != nil {
				t.Fatal(err)
			}
			database, err := models.Connect(t.Context(), address, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = database.Close() }()
			p := &plans{database: database, known: new(sync.Map)}
			store, err := models.Open(t.Context(), database, models.Config{
				Issuer: Issuer, Now: NewClock().Now, Rand: rand.Reader, MasterKey: MasterKey(),
			})
			p.watch()
			if err == nil {
				_, err = store.LockedAccounts(t.Context())
			}
			if got := strings.Join(p.complaints(t), "\n"); err != nil || !strings.HasPrefix(got, want) || (got == "") != (want == "") {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}

// A statement whose places are out of order fails the test that asks it.
func TestPlacesComeInTheirOrder(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1 WHERE 1 = ? AND 2 = ?":                     "",
		"SELECT $1, $2 WHERE $1 = $3 AND $2 = $1":            "",
		"SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $1": "",
		"SELECT $2 WHERE $1 = 1":                             "$2",
		"SELECT $1, $3 WHERE $2 = 1":                         "$3",
		"SELECT $1, $2, $12":                                 "$12",
	} {
		if got := misplaced(sql); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
	database := Connect(t, Migrated(t, "sqlite"))
	p := &plans{database: database, known: new(sync.Map)}
	p.all = []statement{{dialect: "sqlite", sql: "SELECT $2 WHERE $1 = 1", values: []any{1, 2}, by: "models.Poll"}}
	if all := p.complaints(t); len(all) != 1 || !strings.HasPrefix(all[0], "models.Poll") {
		t.Errorf("complaints: %q", all)
	}
}

// What a plan says is read as it is meant.
func TestStepsThatGrow(t *testing.T) {
	for name, c := range map[string]struct {
		dialect, sql, plan, want string
	}{
		"found by key": {
			"sqlite", "SELECT * FROM clients WHERE id = ?",
			"SEARCH clients USING INDEX sqlite_autoindex_clients_1 (id=?)", "",
		},
		"all read": {
			"sqlite", "SELECT * FROM clients AS c",
			"SCAN c", "walk",
		},
		"all of a small one": {
			"sqlite", "SELECT * FROM counters AS c ORDER BY name",
			"SCAN c\nUSE TEMP B-TREE FOR ORDER BY", "",
		},
		"along an index": {
			"sqlite", "SELECT id FROM clients",
			"SCAN clients USING COVERING INDEX clients_created", "walk",
		},
		"rows of a subquery": {
			"sqlite", "SELECT * FROM (SELECT * FROM clients WHERE id = ?) AS d",
			"CO-ROUTINE d\nSEARCH clients\nSCAN d", "",
		},
		"sorted": {
			"sqlite", "SELECT * FROM clients WHERE id = ? ORDER BY a",
			"SEARCH clients\nUSE TEMP B-TREE FOR ORDER BY", "sort",
		},
		"all of one type": {
			"sqlite", "SELECT 1 FROM audit_events",
			"SEARCH audit_events USING INDEX audit_events_type (type=?)", "coarse",
		},
		"a key of PostgreSQL": {
			"postgres", "SELECT * FROM clients",
			"Index Scan using clients_pkey on clients\n  Index Cond: (id = 'x'::text)", "",
		},
		"a walk along it": {
			"postgres", "SELECT * FROM clients",
			"Limit\n  ->  Index Scan using clients_pkey on clients\n        Filter: a", "walk",
		},
		"a whole table": {
			"postgres", "SELECT * FROM clients",
			"Seq Scan on clients", "walk",
		},
		"what goes on": {
			"postgres", "SELECT * FROM accounts",
			"Index Scan using accounts_locked on accounts", "",
		},
	} {
		var got string
		for _, step := range growing(statement{dialect: c.dialect, sql: c.sql}, strings.Split(c.plan, "\n")) {
			got += string(step.kind)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
