package models_test

import (
	"fmt"
	"testing"
	"time"

	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// bytesOfAnEvent is the most that an event of a visit takes on SQLite, with its share of indexes, details, checkpoints and tiles.
const bytesOfAnEvent = 1100

// docs/performance.md, "An event, signed and appended": the bytes of the tables that have the trail, in whole pages, by the six
// events of a visit: asked for, record opened, matched, proofed, approved, redeemed.
func TestAnEventIsSmall(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	const visits, events = 100, 6
	accounts, clients := make([]string, visits), make([]models.Client, visits)
	for i := range visits {
		accounts[i], clients[i] = env.Account(t, fmt.Sprintf("K-%d", i)), env.Client(t)
		env.Clock.Advance(time.Second)
	}
	before, begun := bytesOfTrail(t, env), env.LastEvent(t)
	var operator string
	for i := range visits {
		if i%20 == 0 {
			operator = env.Operator(t, fmt.Sprint("operator ", i))
		}
		codes := env.Request(t, clients[i], fmt.Sprintf("K-%d", i))
		env.Clock.Advance(10 * time.Second)
		if err := env.OpenRecord(env.Context, operator, accounts[i], models.Operator, term.QueryExact); err != nil {
			t.Fatal(err)
		}
		env.Approve(t, operator, accounts[i], codes)
		env.Clock.Advance(10 * time.Second)
		if _, err := env.Redeem(env.Context, modelstest.Redemption(clients[i], codes)); err != nil {
			t.Fatal(err)
		}
		sequenced(t, env)
	}
	count := env.LastEvent(t) - begun
	each := (bytesOfTrail(t, env) - before) / count
	var token float64
	if err := env.Reader().Raw("SELECT avg(length(packed)) FROM audit_events WHERE seq > ?", begun).Scan(&token).Error; err != nil {
		t.Fatal(err)
	}
	t.Logf("%d events, %d bytes each, %.0f of them the token", count, each, token)
	if count < visits*events || count > visits*(events+1) || each > bytesOfAnEvent {
		t.Errorf("%d events of %d bytes", count, each)
	}
}

// bytesOfTrail are those of the pages that are free without these tables: who looks takes them away, and puts them back.
func bytesOfTrail(t *testing.T, env *modelstest.Env) int64 {
	t.Helper()
	tx := models.WriterForTest(env.Database).Begin()
	defer tx.Rollback()
	free := func() (pages int64) {
		if err := tx.Raw("PRAGMA freelist_count").Scan(&pages).Error; err != nil {
			t.Fatal(err)
		}
		return pages
	}
	before := free()
	for _, table := range []string{"audit_events", "event_details", "log_tiles", "log_checkpoints"} {
		if err := tx.Exec("DROP TABLE " + table).Error; err != nil {
			t.Fatal(err)
		}
	}
	var page int64
	if err := tx.Raw("PRAGMA page_size").Scan(&page).Error; err != nil {
		t.Fatal(err)
	}
	return page * (free() - before)
}
