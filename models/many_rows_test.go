package models_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

// What is done again and again in the background costs, in one transaction, the same for a few rows and for a million: these
// tests count rows and statements, not time.

// deleted records how many rows each DELETE of the store removes, by table.
func deleted(t *testing.T, env *modelstest.Env) map[string][]int64 {
	t.Helper()
	rows := map[string][]int64{}
	err := models.WriterForTest(env.Database).Callback().Raw().After("gorm:raw").Register("test:deleted", func(db *gorm.DB) {
		if rest, is := strings.CutPrefix(db.Statement.SQL.String(), "DELETE FROM "); is {
			table, _, _ := strings.Cut(rest, " ")
			rows[table] = append(rows[table], db.Statement.RowsAffected)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// many inserts what the query has; its n has the numbers below n, as i.
func many(t *testing.T, env *modelstest.Env, n int, into, query string, args ...any) {
	t.Helper()
	err := models.WriterForTest(env.Database).Exec(fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "+
		"INSERT INTO %s SELECT %s", n-1, into, query), args...).Error
	if err != nil {
		t.Fatal(err)
	}
}

func TestSweepRemovesAFewAtATime(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		const rows, together = 450, 200
		at := models.At(env.Clock.Now())
		account := env.Account(t, "ada@example.com")
		const plain = 43 // characters of a key, of which those of phones on SQLite have fewer
		many(t, env, rows, "used_proofs (key, expires_at)", "substr(? || i, length(CAST(i AS TEXT)) + 1), CAST(? AS BIGINT) FROM n",
			strings.Repeat("k", plain), at)
		many(t, env, rows, "revoked_access_tokens (jti, expires_at)", "'j' || i, CAST(? AS BIGINT) FROM n", at)
		many(t, env, rows, "notices_told (notice_id, account_id, channel, told_at)",
			"'n' || i, CAST(? AS TEXT), 'mail', CAST(? AS BIGINT) FROM n", account, at)
		many(t, env, rows, "notices (id, occasion, channel, account_id, created_at, useful_until, next_try_at, turn)",
			"'n' || i, 'contact-changed', 'mail', CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), 2 FROM n",
			account, at, at, at)
		env.Clock.Advance(31 * aDay)
		removed := deleted(t, env)
		if err := env.Sweep(env.Context); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"used_proofs", "revoked_access_tokens", "notices_told", "notices"} {
			if got := removed[table]; !slices.Equal(got, []int64{together, together, rows - 2*together}) {
				t.Errorf("%s: %v rows went in a transaction", table, got)
			}
			if left := rowsIn(t, env, table)[table]; left > 0 {
				t.Errorf("%s: %d are left", table, left)
			}
		}
	})
}

// Clients that are in use stay, and a sweep walks over them once: it goes on where it has stopped.
func TestSweepWalksOverWhatStaysOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		const unused = 450
		for range 3 {
			env.Request(t, env.Client(t), "nobody@example.com")
		}
		names := columnsOf(t, env, "clients")
		values := slices.Clone(names)
		for i, name := range names {
			switch name {
			case "id", "jwk_thumbprint", "registration_token_hash":
				values[i] = name + " || i"
			case "created_at":
				values[i] = "created_at + 1 + i"
			}
		}
		many(t, env, unused, "clients ("+strings.Join(names, ", ")+")",
			strings.Join(values, ", ")+" FROM (SELECT * FROM clients LIMIT 1) AS c CROSS JOIN n")
		env.Clock.Advance(8 * aDay)
		var since []models.Instant
		err := env.Reader().Callback().Row().After("gorm:row").Register("test:since", func(db *gorm.DB) {
			sql := db.Statement.SQL.String()
			if strings.Contains(sql, "created_at >= ") && strings.Contains(sql, "clients") {
				since = append(since, db.Statement.Vars[1].(models.Instant))
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := sweptSince(t, env)[term.SweptClients]; got != unused {
			t.Errorf("swept %d", got)
		}
		if len(since) != 4 || !slices.IsSorted(since) || since[1] == since[0] || since[2] == since[1] {
			t.Errorf("looked from %v on", since)
		}
	})
}

// Who is reminded of a deadline is looked for once, along the index of deadlines; the transaction that writes asks for what was
// found alone.
func TestManyDeadlines(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		const rows = 450
		copyRows(t, v.Env, "device_authorizations", v.codes.DeviceAuthorizationID, rows-1)
		writer := models.WriterForTest(v.Database)
		for _, sql := range []string{
			`INSERT INTO accounts (id, status, full_name, date_of_birth, created_at, updated_at)
				SELECT 'a' || id, 'active', 'X', '1990-01-01', 1, 1 FROM device_authorizations`,
			"UPDATE device_authorizations SET account_id = 'a' || id",
		} {
			if err := writer.Exec(sql).Error; err != nil {
				t.Fatal(err)
			}
		}
		v.Clock.Advance(v.Policy().PendingWindow - aDay)
		all := asking(t, v.Env)
		if err := v.RemindOfDeadlines(v.Context); err != nil {
			t.Fatal(err)
		}
		var told int
		err := v.Reader().Raw("SELECT count(*) FROM notices WHERE occasion = 'pending-deadline'").Scan(&told).Error
		if err != nil || told != rows {
			t.Errorf("%d are reminded, %v", told, err)
		}
		byName := 0
		for _, statement := range *all {
			if strings.Contains(statement.sql, "d.id IN") {
				byName++
			}
			if walks := wholeTables(t, v.Env, statement); walks != "" {
				t.Errorf("%s\nin\n%s", walks, statement.sql)
			}
		}
		if byName != 3 || len(*all) != 8 { // and one look each for deadlines of redemptions and of bindings
			t.Errorf("%d of %d statements are about what was found", byName, len(*all))
		}
	})
}

// A command writes notices for every channel that there is. Those of a channel that the server does not have are in nobody's way.
func TestNoticesOfAChannelThatNobodyHas(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.told(t)
		many(t, v.Env, 50, "notices (id, occasion, channel, account_id, created_at, useful_until, next_try_at)",
			"'n' || i, 'contact-changed', 'webhook', CAST(? AS TEXT), 1, 1, 1 FROM n", v.account)
		var plan string
		err := v.Reader().Callback().Query().After("gorm:query").Register("test:due", func(db *gorm.DB) {
			if sql := db.Statement.SQL.String(); plan == "" && strings.Contains(sql, "next_try_at <=") {
				plan = "-"
				plan = planOf(t, v.Env, asked{sql, db.Statement.Vars})
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if due, ok, err := v.NextNotice(v.Context); err != nil || ok {
			t.Fatalf("due is %+v, %v", due, err)
		}
		if !strings.Contains(plan, "channel=?") && !strings.Contains(plan, "(channel = ") {
			t.Errorf("the index is not asked for the channel:\n%s", plan)
		}
	})
}

// Whoever lets clients ask and delete themselves has no more than a network's places: what every further request walks over is
// bounded. What staff end for the account gives the places back.
func TestWhatEndedWithItsClientKeepsItsPlace(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		copyRows(t, env, "device_authorizations", v.codes.DeviceAuthorizationID, 999)
		if err := v.disabled(); err != nil {
			t.Fatal(err)
		}
		v.client = env.Client(t)
		if err := v.requested(); err == nil {
			t.Error("a network's places are free although a thousand requests came from there")
		}
		env.Clock.Advance(time.Second)
		if _, err := env.EndWaiting(env.Context, v.supervisor, v.account); err != nil {
			t.Fatal(err)
		}
		if err := v.requested(); err != nil {
			t.Errorf("after staff have ended what waits: %v", err)
		}
	})
}
