package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"countersign/audit"
	"countersign/audit/export"
	"countersign/audit/tree"

	"github.com/go-jose/go-jose/v4"
)

const (
	signedEntries = 20_000  // that are signed and verified, in memory
	fewEntries    = 100_000 // of the export that needs little memory
)

// runVerify holds a verification against what it cannot do without: hashing the entries, and verifying ES256 signatures on all
// processors, both over the same inputs from memory. Then a process verifies an export with few entries, and one with many, and
// says how much memory it took at most. It has no server, so that it has no rows either.
func runVerify(ctx context.Context, b *bench) ([]*row, error) {
	t, err := newTrail()
	if err != nil {
		return nil, err
	}
	count := min(b.number(signedEntries), signedEntries)
	sets, err := t.sets(count)
	if err != nil {
		return nil, err
	}
	b.say("  %d entries of %d bytes in memory, %d processors; the best of %d rounds", count, len(sets[0]), runtime.GOMAXPROCS(0),
		b.options.rounds)
	if err := b.leaves(sets); err != nil {
		return nil, err
	}
	if err := b.signatures(ctx, t, sets); err != nil {
		return nil, err
	}
	return nil, b.memory(ctx, t, sets[0], int64(b.number(10*fewEntries)))
}

// best is the least processor time that work took, of all processors together: what else goes on beside it plays no part.
func (b *bench) best(work func()) (time.Duration, error) {
	least := time.Duration(1<<63 - 1)
	for range b.options.rounds {
		runtime.GC() // what was left behind before is not its own
		before, err := cpuOf(b.pid)
		if err != nil {
			return 0, err
		}
		work()
		after, err := cpuOf(b.pid)
		if err != nil {
			return 0, err
		}
		least = min(least, after-before)
	}
	return least, nil
}

// leaves compares the stage that makes the tree with a loop of crypto/sha256.
func (b *bench) leaves(sets []string) error {
	texts := make([][]byte, len(sets))
	for i, set := range sets {
		texts[i] = []byte(set)
	}
	var sum [sha256.Size]byte
	bare, err := b.best(func() {
		for _, text := range texts {
			sum = sha256.Sum256(text)
		}
	})
	if err != nil {
		return err
	}
	stage, err := b.best(func() {
		var edge tree.Edge
		for _, text := range texts {
			edge.Append(tree.Leaf(text))
		}
	})
	runtime.KeepAlive(sum)
	b.ratio("leaves and tree / a loop of crypto/sha256, one processor", bare, stage, len(sets))
	return err
}

// ratio says how fast work is, as a part of the speed of what it cannot do without.
func (b *bench) ratio(what string, bare, work time.Duration, count int) {
	b.say("  %-66s %.2f   %.2f and %.2f µs an entry", what, bare.Seconds()/work.Seconds(),
		work.Seconds()*1e6/float64(count), bare.Seconds()*1e6/float64(count))
}

// everywhere calls work with each index, on all processors.
func everywhere(count int, work func(i int)) {
	var workers sync.WaitGroup
	processors := runtime.GOMAXPROCS(0)
	for worker := range processors {
		workers.Go(func() {
			for i := worker; i < count; i += processors {
				work(i)
			}
		})
	}
	workers.Wait()
}

// signatures compares a judgement of each entry, and the verification of a whole export, with bare ES256.
func (b *bench) signatures(ctx context.Context, t *trail, sets []string) error {
	bare, err := b.bareSignatures(t, sets)
	if err != nil {
		return err
	}
	problems := make([]error, len(sets))
	judge := audit.NewJudge(trailIssuer, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{t.key}}, nil)
	judged, err := b.best(func() {
		everywhere(len(sets), func(i int) { _, problems[i] = judge.Judge(int64(i+1), sets[i]) })
	})
	if err != nil {
		return err
	}
	b.ratio("signatures and events / bare ES256, all processors", bare, judged, len(sets))
	entry := func(seq int64) (string, []byte) {
		parts := strings.Split(sets[seq-1], ".")
		claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
		return sets[seq-1], claims
	}
	checkpoint, err := t.checkpoint(int64(len(sets)), entry)
	if err != nil {
		return errors.Join(append(problems, err)...)
	}
	var file bytes.Buffer
	if err := t.export(&file, int64(len(sets)), checkpoint, entry, func() error { return nil }); err != nil {
		return err
	}
	var report export.Report
	var failed error
	verified, err := b.best(func() { report, failed = export.Verify(ctx, bytes.NewReader(file.Bytes()), export.Options{}) })
	if err == nil && failed == nil && !report.OK() {
		err = fmt.Errorf("the export is called %s: %v", report.Verdict(), report.First)
	}
	b.ratio("a whole export from memory / bare ES256, all processors", bare, verified, len(sets))
	return errors.Join(append(problems, err, failed)...)
}

// bareSignatures verifies what was taken apart before.
func (b *bench) bareSignatures(t *trail, sets []string) (time.Duration, error) {
	type signed struct {
		text []byte
		r, s *big.Int
	}
	list := make([]signed, len(sets))
	for i, set := range sets {
		end := strings.LastIndexByte(set, '.')
		raw, err := base64.RawURLEncoding.DecodeString(set[end+1:])
		if err != nil || len(raw) != 64 {
			return 0, fmt.Errorf("entry %d has no signature: %w", i+1, err)
		}
		list[i] = signed{[]byte(set[:end]), new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])}
	}
	public, is := t.key.Key.(*ecdsa.PublicKey)
	if !is {
		return 0, errors.New("the key is none of ECDSA")
	}
	wrong := make([]bool, len(list))
	took, err := b.best(func() {
		everywhere(len(list), func(i int) {
			digest := sha256.Sum256(list[i].text)
			wrong[i] = !ecdsa.Verify(public, digest[:], list[i].r, list[i].s)
		})
	})
	for i, bad := range wrong {
		if bad {
			return 0, fmt.Errorf("the signature of entry %d is wrong", i+1)
		}
	}
	return took, err
}

// memory lets countersign-verify read an export with few entries, then one with many.
func (b *bench) memory(ctx context.Context, t *trail, first string, many int64) error {
	program := filepath.Join(b.folder, "countersign-verify")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", program, "./cmd/countersign-verify")
	build.Dir = b.root
	if err := told(build); err != nil {
		return err
	}
	few, err := b.memoryAt(ctx, t, program, first, min(fewEntries, many))
	if err != nil {
		return err
	}
	most, err := b.memoryAt(ctx, t, program, first, many)
	if err == nil {
		b.compareMemory("memory, resident at the end", most.resident, few.resident, many)
		b.compareMemory("memory at most: a peak of one collection of many", most.peak, few.peak, many)
	}
	return err
}

func (b *bench) compareMemory(what string, most, few, many int64) {
	b.say("  %-50s %9d entries / %6d %5.2f   %d and %d KiB", what, many, min(fewEntries, many), float64(most)/float64(few), most>>10, few>>10)
}

// memoryUsed is what a process needed, in bytes.
type memoryUsed struct{ resident, peak int64 }

// memoryAt is how much memory the verifier takes. The entries differ in their numbers only, and a checkpoint vouches
// for them (--since), so that nobody has to sign so many: all is read, parsed, held against the catalogue and hashed.
func (b *bench) memoryAt(ctx context.Context, t *trail, program, first string, count int64) (used memoryUsed, err error) {
	entry := repeated(first)
	checkpoint, err := t.checkpoint(count, entry)
	if err != nil {
		return used, err
	}
	kept := filepath.Join(b.folder, fmt.Sprintf("checkpoint-%d", count))
	if err := os.WriteFile(kept, checkpoint, 0o600); err != nil {
		return used, err
	}
	verify := exec.CommandContext(ctx, program, "--checkpoint", kept, "--since", "-")
	in, err := verify.StdinPipe()
	if err != nil {
		return used, err
	}
	var out bytes.Buffer
	verify.Stdout, verify.Stderr = &out, &out
	if err := verify.Start(); err != nil {
		return used, err
	}
	failed := t.export(in, count, checkpoint, entry, func() (err error) { // all but a pipe's length was read by then
		if used.resident, err = residentOf(verify.Process.Pid); err == nil {
			used.peak, err = peakOf(verify.Process.Pid)
		}
		return err
	})
	if err = errors.Join(failed, in.Close(), verify.Wait()); err != nil {
		return used, fmt.Errorf("%w\n%s", err, &out)
	}
	return used, nil
}
