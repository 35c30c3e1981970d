package models_test

import (
	"fmt"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// since is a log whose first 900 entries a kept checkpoint vouches for, with real events after them, all in the tree.
func since(t *testing.T, env *modelstest.Env) (kept []byte, newest int64) {
	t.Helper()
	fillTrail(t, env, 900-int(newestEntry(t, env).Seq))
	sequenced(t, env)
	kept, err := env.LogCheckpoint(env.Context)
	if err != nil {
		t.Fatal(err)
	}
	env.Account(t, "anna@mail.example")
	newVisit(t, env)
	sequenced(t, env)
	return kept, newestEntry(t, env).Seq
}

func checkSince(t *testing.T, env *modelstest.Env, kept []byte) (models.LogReport, models.TrailReport) {
	t.Helper()
	log, err := env.CheckLog(env.Context, models.LogCheck{Issuer: modelstest.Issuer, Kept: kept, Since: true})
	if err != nil {
		t.Fatal(err)
	}
	trail, err := env.CheckTrailAs(env.Context, models.TrailCheck{Issuer: modelstest.Issuer, Kept: noKeys(), Since: log.Since})
	if err != nil {
		t.Fatal(err)
	}
	return log, trail
}

// docs/protocol.md §12: who kept a checkpoint verifies what is new since, and no more. The entries of before are such as no whole
// verification lets pass: nobody signed them.
func TestSinceAKeptCheckpoint(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		kept, newest := since(t, env)
		log, trail := checkSince(t, env, kept)
		if !log.OK() || log.Since != 900 || log.Kept != 900 || log.Entries != newest || log.Checkpoints != 1 {
			t.Errorf("%+v", log)
		}
		if trail.First != nil || trail.Entries != newest {
			t.Errorf("%d entries, %+v", trail.Entries, trail.First)
		}
		if whole, err := env.CheckTrail(env.Context, modelstest.Issuer, noKeys()); err != nil || whole.First == nil {
			t.Errorf("the whole trail: %+v, %v", whole.Report, err)
		}
	})
}

// What is new is held against the rules, and so is what says who may sign; the rest of what the checkpoint vouches for is not read.
func TestWhatIsFoundSince(t *testing.T) {
	for _, test := range []struct{ name, change, first, wrong, trail string }{
		{"an entry of before is not read", "UPDATE audit_events SET set_text = 'x' WHERE seq = 300", "", "", ""},
		{"an event of keys is", "UPDATE audit_events SET set_text = 'x' WHERE seq = 1", "1: not what the kept checkpoint of 900", "", "1: "},
		{"a new entry", "UPDATE audit_events SET set_text = 'x' WHERE seq = 902", "901: this entry, or one up to", "", "902: not a signed token"},
		{"a new entry that cannot be unpacked", "UPDATE audit_events SET set_text = '', packed = x'0102' WHERE seq = 902",
			"902: a packed token of 2 bytes", "", "902: a packed token of 2 bytes"},
		{"a new entry is gone", "DELETE FROM audit_events WHERE seq = 903", "903: missing", "", "903: missing"},
		{"the newest are gone", "DELETE FROM audit_events WHERE seq > 902", "903: missing: the newest checkpoint is of", "", ""},
		{"everything since is gone", "DELETE FROM audit_events WHERE seq > 890; DELETE FROM log_checkpoints WHERE size > 900",
			"891: missing: the newest checkpoint is of 900", "", ""},
		{"the tree of before", "UPDATE log_tiles SET root = zeroblob(32) WHERE number = 1",
			"", "the tiles are not the tree of the kept checkpoint of 900 entries", "9"},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := modelstest.SQLite(t, models.Policy{})
			kept, _ := since(t, env)
			unprotect(t, env)
			if err := models.WriterForTest(env.Database).Exec(test.change).Error; err != nil {
				t.Fatal(err)
			}
			log, trail := checkSince(t, env, kept)
			found := [2]string{}
			if log.First != nil {
				found[0] = fmt.Sprintf("%d: %s", log.First.Seq, log.First.Reason)
			}
			if trail.First != nil {
				found[1] = fmt.Sprintf("%d: %s", trail.First.Seq, trail.First.Reason)
			}
			wrong := strings.Join(log.Wrong, "; ")
			if (found[0] == "") != (test.first == "") || !strings.HasPrefix(found[0], test.first) || !strings.Contains(wrong, test.wrong) {
				t.Errorf("log: %q, %q", found[0], wrong)
			}
			if log.Since > 0 && (!strings.HasPrefix(found[1], test.trail) || (found[1] == "") != (test.trail == "")) {
				t.Errorf("trail: %q", found[1])
			}
		})
	}
}

// A key from before keys were named by their thumbprint may have another public half by now. Unless it signed an event of keys that
// the kept tree has, only its old entries would show that: everything is read.
func TestSinceReadsAllForAKeyThatNothingTies(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	kept, _ := since(t, env)
	for _, purpose := range []string{"access-token", "audit"} {
		rename := "UPDATE server_keys SET id = 'old-' || substr(id, 1, 8), mac = 'another' WHERE status = 'next' AND purpose = ?"
		if result := models.WriterForTest(env.Database).Exec(rename, purpose); result.Error != nil || result.RowsAffected != 1 {
			t.Fatal(purpose, result.RowsAffected, result.Error)
		}
		log, err := env.CheckLog(env.Context, models.LogCheck{Issuer: modelstest.Issuer, Kept: kept, Since: true})
		if err != nil || (log.Since == 0) != (purpose == "audit") {
			t.Errorf("%s: since %d, %v", purpose, log.Since, err)
		}
	}
}
