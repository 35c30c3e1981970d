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

// changedLog is a change of the database, the first bad entry that is named, and what else is said to be wrong.
type changedLog struct{ name, change, first, wrong string }

// changedLogs have checkpoints of 600, 610 and 620 entries, and 5 more entries. What waits for the tree is not in it: signatures, and a
// number that was kept, tell of that.
func changedLogs() []changedLog {
	return []changedLog{
		{"an entry below a full tile", "UPDATE audit_events SET set_text = 'x' WHERE seq = 300", "300: not what the checkpoint of 600", ""},
		{"a packed entry that cannot be unpacked", "UPDATE audit_events SET set_text = '', packed = x'0102' WHERE seq = 300",
			"300: a packed token of 2 bytes", ""},
		{"the last entry of a tile", "UPDATE audit_events SET set_text = 'x' WHERE seq = 512", "512: not what the checkpoint of 600", ""},
		{"an entry of the open tile", "UPDATE audit_events SET set_text = 'x' WHERE seq = 605", "601: this entry, or one up to 610, is not", ""},
		{"an entry is gone", "DELETE FROM audit_events WHERE seq = 400", "400: missing", ""},
		{"entries of a checkpoint are gone", "DELETE FROM audit_events WHERE seq > 615", "616: missing: the newest checkpoint is of 620", ""},
		{"two entries changed places", swapEntries, "300: not what the checkpoint of 600", ""},
		{"a hash in a tile", changeTile, "", "tile/0/001 is not what its entries make: the first that differs is 257"},
		{"the root of a tile", "UPDATE log_tiles SET root = zeroblob(32) WHERE number = 1", "", "the root beside tile/0/001"},
		{"a tile is gone", "DELETE FROM log_tiles WHERE number = 0", "", "tile/0/000 is missing"},
		{"a tile too many", addTile, "", "tile/3/000 is there, and no checkpoint covers it"},
		{"the root of a checkpoint", "UPDATE log_checkpoints SET root = zeroblob(32) WHERE size = 610", "", "signed: 1, the first of 610"},
		{"the signature of each", "UPDATE log_checkpoints SET signature = zeroblob(68)", "", "signed: 3, the first of 600 entries"},
		{"the size of a checkpoint", "UPDATE log_checkpoints SET size = 609 WHERE size = 610", "", "signed: 1, the first of 609 entries"},
		{"the log's keys", "DELETE FROM server_keys WHERE purpose = 'checkpoint'", "", "the kept checkpoint is not signed by a key"},
		{"everything since the kept one", cutOff, "601: missing: the kept checkpoint is of 620", ""},
		{"another log, not signed", retold, "1: this entry, or an earlier one, is not what the kept", ""},
		{"entries that wait are gone", "DELETE FROM audit_events WHERE seq > 620", "", ""},
		{"an entry that waits", "UPDATE audit_events SET set_text = 'x' WHERE seq = 622", "", ""},
	}
}

// Whatever is changed is found, and where entries are, the first bad one is named where a full tile tells.
func TestAChangedLogDoesNotVerify(t *testing.T) {
	for _, test := range changedLogs() {
		t.Run(test.name, func(t *testing.T) {
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
	addTile    = "INSERT INTO log_tiles SELECT 3, 0, root, hashes FROM log_tiles WHERE number = 0"
	retold     = "DELETE FROM log_checkpoints; DELETE FROM log_tiles; UPDATE audit_events SET set_text = 'y' WHERE seq = 9"
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
