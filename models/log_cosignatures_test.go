package models_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/tree"
	"countersign/models"
	"countersign/models/modelstest"
)

func cosigner(t *testing.T, name string) tree.Cosigner {
	t.Helper()
	c, err := tree.NewCosigner(name, ed25519.NewKeyFromSeed(bytes.Repeat([]byte(name[:1]), 32)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// cosign lets a witness cosign what is due.
func cosign(t *testing.T, env *modelstest.Env, witness tree.Cosigner) models.LogHead {
	t.Helper()
	due, err := env.CosignatureDue(env.Context, witness.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	signed := tree.Signed{By: witness.Verifier, Signature: witness.Cosign([]byte(due.Head.Text()), env.Clock.Now())}
	if err := env.AddCosignature(env.Context, due.Head, signed); err != nil {
		t.Fatal(err)
	}
	return due.Head
}

// witnessesOf are those whose cosignatures the newest checkpoint shows.
func witnessesOf(t *testing.T, env *modelstest.Env, known ...tree.Cosigner) (names []string) {
	t.Helper()
	env.Clock.Advance(models.PublishedForTest)
	text, err := env.LogCheckpoint(env.Context)
	if err != nil {
		t.Fatal(err)
	}
	for _, witness := range known {
		found, err := tree.Signers(text, witness.Verifier)
		if err != nil {
			t.Fatal(err)
		}
		for _, signed := range found {
			names = append(names, signed.By.Name())
		}
	}
	return names
}

// docs/protocol.md §12: what witnesses have cosigned is kept, and shown with the checkpoint that it is of by every process.
func TestCosignaturesAreKeptAndShown(t *testing.T) {
	a, b, stranger := cosigner(t, "a.example/w"), cosigner(t, "b.example/w"), cosigner(t, "c.example/w")
	policy := models.Policy{Witnesses: []tree.Verifier{a.Verifier, b.Verifier}}
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			checkCosignatures(t, modelstest.Open(t, modelstest.Migrated(t, dialect), policy), a, b, stranger)
		})
	}
}

func checkCosignatures(t *testing.T, env *modelstest.Env, a, b, stranger tree.Cosigner) {
	t.Helper()
	if _, err := env.CosignatureDue(env.Context, a.Verifier); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("before there is a checkpoint: %v", err)
	}
	fillTrail(t, env, 300)
	sequenced(t, env)
	first := cosign(t, env, a)
	cosign(t, env, stranger)
	if got := witnessesOf(t, env, a, b, stranger); !slices.Equal(got, []string{"a.example/w"}) {
		t.Errorf("shown are %q", got)
	}
	if _, err := env.CosignatureDue(env.Context, a.Verifier); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("cosigned already: %v", err)
	}
	fillTrail(t, env, 10)
	sequenced(t, env)
	if got := witnessesOf(t, env, a, b, stranger); got != nil {
		t.Errorf("of an earlier checkpoint: %q", got)
	}
	if due, err := env.CosignatureDue(env.Context, a.Verifier); err != nil || due.Old != first.Size || due.Head.Size != first.Size+10 {
		t.Errorf("due: %+v, %v", due, err)
	}
	cosign(t, env, a)
	cosign(t, env, b)
	if got := witnessesOf(t, env, a, b); !slices.Equal(got, []string{"a.example/w", "b.example/w"}) {
		t.Errorf("shown are %q", got)
	}
	// What comes late goes back to nothing earlier.
	late := tree.Signed{By: a.Verifier, Signature: a.Cosign([]byte(first.Text()), env.Clock.Now())}
	if err := env.AddCosignature(env.Context, first, late); err != nil || len(witnessesOf(t, env, a, b)) != 2 {
		t.Errorf("a late cosignature: %v", err)
	}
	list, err := env.Cosigned(env.Context, modelstest.Issuer)
	if err != nil || len(list) != 3 || list[0].Wrong+list[1].Wrong+list[2].Wrong != "" || list[2].Size != first.Size {
		t.Errorf("%+v, %v", list, err)
	}
}

// What is not of that checkpoint by that witness is not kept.
func TestCosignaturesOfSomethingElse(t *testing.T) {
	a, b := cosigner(t, "a.example/w"), cosigner(t, "b.example/w")
	env := modelstest.SQLite(t, models.Policy{Witnesses: []tree.Verifier{a.Verifier}})
	fillTrail(t, env, 10)
	sequenced(t, env)
	due, err := env.CosignatureDue(env.Context, a.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	for name, signature := range map[string]tree.Signature{
		"another checkpoint's": a.Cosign([]byte("other.example/log\n5\n"), env.Clock.Now()),
		"another witness's":    b.Cosign([]byte(due.Head.Text()), env.Clock.Now()),
		"nothing":              {},
	} {
		if err := env.AddCosignature(env.Context, due.Head, tree.Signed{By: a.Verifier, Signature: signature}); err == nil {
			t.Errorf("%s is kept", name)
		}
	}
	if got := witnessesOf(t, env, a, b); got != nil {
		t.Errorf("shown are %q", got)
	}
}

// A decision is proved by the checkpoint that most witnesses have cosigned, as soon as one has it; before that by the newest.
func TestDecisionsAreProvedByWitnesses(t *testing.T) {
	a, b := cosigner(t, "a.example/w"), cosigner(t, "b.example/w")
	env := modelstest.SQLite(t, models.Policy{Witnesses: []tree.Verifier{a.Verifier, b.Verifier}})
	entry, _ := approved(t, env)
	witnesses := func() (count int, size int64) {
		text, _, err := env.DecisionProof(env.Context, entry.DeviceAuthorizationID)
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := audit.ReadReceipt(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, witness := range []tree.Verifier{a.Verifier, b.Verifier} {
			if _, err := receipt.Vouch(audit.Trust{Witnesses: []tree.Verifier{witness}}); err == nil {
				count++
			}
		}
		return count, receipt.Checkpoint.Size
	}
	c, _ := sequenced(t, env)
	if count, size := witnesses(); count != 0 || size != c.Size {
		t.Errorf("%d witnesses of %d entries", count, size)
	}
	cosign(t, env, a)
	cosign(t, env, b)
	fillTrail(t, env, 5)
	sequenced(t, env)
	if count, size := witnesses(); count != 2 || size != c.Size {
		t.Errorf("%d witnesses of %d entries, want 2 of %d", count, size, c.Size)
	}
	cosign(t, env, b)
	cosign(t, env, a)
	if count, size := witnesses(); count != 2 || size != c.Size+5 {
		t.Errorf("%d witnesses of %d entries, want 2 of %d", count, size, c.Size+5)
	}
}

// A fork is an alert that names the witness, once an hour.
func TestAForkIsAnAlert(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		a := cosigner(t, "a.example/w")
		for _, wait := range []time.Duration{0, time.Minute, 58 * time.Minute, 2 * time.Minute} {
			env.Clock.Advance(wait)
			if err := env.RaiseFork(env.Context, a.Verifier, 7); err != nil {
				t.Fatal(err)
			}
		}
		open, err := env.Alerts(env.Context)
		if err != nil || open.Count != 2 || open.Newest[0].Event.Type != audit.LogForked || *open.Newest[0].Event.Facts.Count != 7 ||
			!strings.HasPrefix(open.Newest[0].Event.Facts.Key, "a.example/w+") {
			t.Errorf("%+v, %v", open, err)
		}
	})
}

// Every process finds a fork, at the same time: there is one alert.
func TestAForkThatAllProcessesFindIsOneAlert(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		a := cosigner(t, "a.example/w")
		var group sync.WaitGroup
		begin := make(chan struct{})
		for range 8 {
			process := another(t, env)
			group.Go(func() {
				<-begin
				if err := process.RaiseFork(env.Context, a.Verifier, 7); err != nil {
					t.Error(err)
				}
			})
		}
		close(begin)
		group.Wait()
		if open, err := env.Alerts(env.Context); err != nil || open.Count != 1 {
			t.Errorf("%d alerts, %v", open.Count, err)
		}
	})
}

// Verification names a cosignature that is not of this log's checkpoint, and tells the others.
func TestCosignaturesAreVerified(t *testing.T) {
	a, b := cosigner(t, "a.example/w"), cosigner(t, "b.example/w")
	for name, test := range map[string]struct{ change, want string }{
		"untouched":          {"", ""},
		"another size":       {"UPDATE log_cosignatures SET size = size + 1000 WHERE witness LIKE 'a%'", "there is no checkpoint of"},
		"another signature":  {"UPDATE log_cosignatures SET signature = zeroblob(76) WHERE witness LIKE 'a%'", "it is not of the checkpoint of"},
		"another checkpoint": {"UPDATE log_cosignatures SET size = (SELECT min(size) FROM log_checkpoints) WHERE witness LIKE 'a%'", "it is not of"},
		"another key":        {"UPDATE log_cosignatures SET witness = 'a key' WHERE witness LIKE 'a%'", "a key: there is no such key"},
	} {
		t.Run(name, func(t *testing.T) {
			env := modelstest.SQLite(t, models.Policy{})
			sequenced(t, env)
			fillTrail(t, env, 10)
			sequenced(t, env)
			cosign(t, env, a)
			cosign(t, env, b)
			if test.change != "" {
				if err := models.WriterForTest(env.Database).Exec(test.change).Error; err != nil {
					t.Fatal(err)
				}
			}
			report, err := env.CheckLog(env.Context, models.LogCheck{Issuer: modelstest.Issuer})
			if err != nil || len(report.Cosigned) != 2 || report.OK() != (test.want == "") ||
				!strings.Contains(strings.Join(report.Wrong, "\n"), test.want) {
				t.Errorf("%+v, %v", report, err)
			}
		})
	}
}
