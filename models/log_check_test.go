package models_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"countersign/audit/tree"
	"countersign/models"
	"countersign/models/modelstest"
)

// checkLog verifies the log, against a checkpoint that was kept.
func checkLog(t *testing.T, env *modelstest.Env, kept []byte) models.LogReport {
	t.Helper()
	report, err := env.CheckLog(env.Context, models.LogCheck{Issuer: modelstest.Issuer, Kept: kept})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// docs/protocol.md §12: the whole log is computed anew, and continues a checkpoint that was kept.
func TestAnUntouchedLogVerifies(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		sequenced(t, env)
		kept, err := env.LogCheckpoint(env.Context)
		if err != nil {
			t.Fatal(err)
		}
		first := opened(t, env).Size
		for range 4 {
			fillTrail(t, env, 2500)
			sequenced(t, env)
		}
		fillTrail(t, env, 300) // that wait
		var told []int64
		report, err := env.CheckLog(env.Context, models.LogCheck{
			Issuer: modelstest.Issuer, Kept: kept, AtLeast: first + 10_300, Progress: func(done, _ int64) { told = append(told, done) },
		})
		if err != nil || !report.OK() || report.Kept != first || report.Checkpoints != 5 || report.Size != first+10_000 ||
			report.Entries != first+10_300 || len(told) != 2 {
			t.Errorf("%+v, told %v, %v", report, told, err)
		}
		sound := checkLog(t, env, nil)
		if !sound.OK() || sound.Kept != 0 {
			t.Errorf("%+v", sound)
		}
	})
}

// Whatever is changed is found, and where entries are, the first bad one is named where a full tile tells. The log has
// checkpoints of 600, 610 and 620 entries, and 5 more entries.
func TestAChangedLogDoesNotVerify(t *testing.T) {
	for name, test := range map[string]struct{ change, first, wrong string }{
		"an entry below a full tile":      {change: "UPDATE audit_events SET set_jwt = 'x' WHERE seq = 300", first: "300: not what the checkpoint of 600"},
		"the last entry of a tile":        {change: "UPDATE audit_events SET set_jwt = 'x' WHERE seq = 512", first: "512: not what the checkpoint of 600"},
		"an entry of the open tile":       {change: "UPDATE audit_events SET set_jwt = 'x' WHERE seq = 605", first: "601: this entry, or one up to 610, is not"},
		"an entry is gone":                {change: "DELETE FROM audit_events WHERE seq = 400", first: "400: missing"},
		"entries that a checkpoint has":   {change: "DELETE FROM audit_events WHERE seq > 615", first: "616: missing: the newest checkpoint is of 620"},
		"two entries changed places":      {change: swapEntries, first: "300: not what the checkpoint of 600"},
		"a hash in a tile":                {change: changeTile, wrong: "tile/0/001 is not what its entries make: the first that differs is 257"},
		"the root of a tile":              {change: "UPDATE log_tiles SET root = zeroblob(32) WHERE number = 1", wrong: "the root beside tile/0/001"},
		"a tile is gone":                  {change: "DELETE FROM log_tiles WHERE number = 0", wrong: "tile/0/000 is missing"},
		"a tile that nobody needs":        {change: "INSERT INTO log_tiles SELECT 3, 0, root, hashes FROM log_tiles WHERE number = 0", wrong: "tile/3/000 is there, and no checkpoint covers it"},
		"a checkpoint's root":             {change: "UPDATE log_checkpoints SET root = zeroblob(32) WHERE size = 610", wrong: "signed: 1, the first of 610 entries"},
		"a checkpoint's signature":        {change: "UPDATE log_checkpoints SET signature = zeroblob(68)", wrong: "signed: 3, the first of 600 entries"},
		"a checkpoint of another size":    {change: "UPDATE log_checkpoints SET size = 609 WHERE size = 610", wrong: "signed: 1, the first of 609 entries"},
		"the log's keys":                  {change: "DELETE FROM server_keys WHERE purpose = 'checkpoint'", wrong: "the kept checkpoint is not signed by a key of this log"},
		"everything after the kept one":   {change: cutOff, first: "601: missing: the kept checkpoint is of 620"},
		"a whole other log, not signed":   {change: "DELETE FROM log_checkpoints; DELETE FROM log_tiles; UPDATE audit_events SET set_jwt = 'y' WHERE seq = 9", first: "1: this entry, or an earlier one, is not what the kept"},
		"entries that no checkpoint has":  {change: "DELETE FROM audit_events WHERE seq > 620"}, // only a number that was kept shows it
		"an entry that no checkpoint has": {change: "UPDATE audit_events SET set_jwt = 'x' WHERE seq = 622"},
	} {
		t.Run(name, func(t *testing.T) {
			env := modelstest.SQLite(t, models.Policy{})
			fillTrail(t, env, 600-int(newestEntry(t, env).Seq))
			sequenced(t, env)
			for range 2 {
				fillTrail(t, env, 10)
				sequenced(t, env)
			}
			fillTrail(t, env, 5)
			kept, err := env.LogCheckpoint(env.Context)
			if err != nil {
				t.Fatal(err)
			}
			unprotect(t, env)
			if err := models.WriterForTest(env.Database).Exec(test.change).Error; err != nil {
				t.Fatal(err)
			}
			report := checkLog(t, env, kept)
			first := ""
			if report.First != nil {
				first = fmt.Sprintf("%d: %s", report.First.Seq, report.First.Reason)
			}
			wrong := strings.Join(report.Wrong, "; ")
			if !strings.HasPrefix(first, test.first) || (first == "") != (test.first == "") ||
				!strings.Contains(wrong, test.wrong) || test.first == "" && (wrong == "") != (test.wrong == "") {
				t.Errorf("first %q, want %q; wrong %q, want %q", first, test.first, wrong, test.wrong)
			}
		})
	}
}

const (
	swapEntries = `UPDATE audit_events SET seq = -1 WHERE seq = 300; UPDATE audit_events SET seq = 300 WHERE seq = 301;
		UPDATE audit_events SET seq = 301 WHERE seq = -1`
	changeTile = "UPDATE log_tiles SET hashes = zeroblob(8192) WHERE number = 1"
	cutOff     = "DELETE FROM audit_events WHERE seq > 600; DELETE FROM log_checkpoints WHERE size > 600"
)

// A number that was kept, and a text that is no checkpoint.
func TestWhatAnAuditorKept(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	c, _ := sequenced(t, env)
	report, err := env.CheckLog(env.Context, models.LogCheck{Issuer: modelstest.Issuer, AtLeast: c.Size + 1})
	if err != nil || report.First == nil || report.First.Seq != c.Size+1 || !strings.Contains(report.First.Reason, "at least") {
		t.Errorf("%+v, %v", report, err)
	}
	for _, text := range []string{"x", "id.example/log\n7\n", c.Text()} {
		_, err := env.CheckLog(env.Context, models.LogCheck{Issuer: modelstest.Issuer, Kept: []byte(text)})
		if !errors.Is(err, tree.ErrNotACheckpoint) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
