//go:build unix

package models_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

// behind lets writes pile up behind one that is in the middle, in this order, then lets it go on, and returns when all have
// ended. What comes back is how the one in front did.
func behind(t *testing.T, env *modelstest.Env, writes ...func()) (front error) {
	t.Helper()
	begun, open := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		front = env.WriteTogetherForTest(env.Context, func(db *gorm.DB) error {
			close(begun)
			<-open
			return insertKey(db, "front")
		})
	})
	<-begun
	for i, write := range writes {
		all.Go(write)
		for env.WaitingForTest() <= i {
			runtime.Gosched()
		}
	}
	close(open)
	all.Wait()
	return front
}

// insertKey writes one row, which the keys of keysThere name.
func insertKey(db *gorm.DB, key string) error {
	return db.Exec("INSERT INTO revoked_access_tokens (jti, expires_at) VALUES (?, 1)", key).Error
}

func keysThere(t *testing.T, env *modelstest.Env) (keys []string) {
	t.Helper()
	if err := env.Reader().Raw("SELECT jti FROM revoked_access_tokens ORDER BY rowid").Scan(&keys).Error; err != nil {
		t.Fatal(err)
	}
	return keys
}

// walFrames reads SQLite's write-ahead log: how many pages were written to it, and in how many commits, since it last began anew
// (https://www.sqlite.org/fileformat2.html#the_write_ahead_log).
func walFrames(t *testing.T, env *modelstest.Env) (pages, commits int) {
	t.Helper()
	log, err := os.ReadFile(strings.TrimPrefix(env.Address, "sqlite:") + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	const header, frameHeader = 32, 24
	frame := frameHeader + int(binary.BigEndian.Uint32(log[8:]))
	salt := string(log[16:24])
	for at := header; at+frame <= len(log) && string(log[at+8:at+16]) == salt; at += frame {
		pages++
		if binary.BigEndian.Uint32(log[at+4:]) != 0 {
			commits++
		}
	}
	return pages, commits
}

// emptyLog has all pages in the database, so that the log begins anew.
func emptyLog(t *testing.T, env *modelstest.Env) {
	t.Helper()
	if err := models.WriterForTest(env.Database).Exec("PRAGMA wal_checkpoint(TRUNCATE)").Error; err != nil {
		t.Fatal(err)
	}
}

// docs/decisions/0057-group-commit.md: whom a group waits for, and how long.
func TestAGroupWaitsForWhoComesBack(t *testing.T) {
	for _, c := range []struct {
		answered, back, waiting int
		ago, want               time.Duration
	}{
		{8, 0, 0, 0, 5 * time.Millisecond}, {8, 4, 3, 2 * time.Millisecond, 3 * time.Millisecond},
		{3, 1, 0, time.Millisecond, 4 * time.Millisecond}, {32, 16, 30, 0, 5 * time.Millisecond},
		{8, 5, 4, 0, 0}, {3, 2, 1, 0, 0}, {8, 9, 8, 0, 0},
		{2, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {8, 0, 0, 5 * time.Millisecond, 0}, {32, 9, 31, 0, 0},
	} {
		if got := models.LullForTest(c.answered, c.back, c.waiting, c.ago); got != c.want {
			t.Errorf("%+v: it waits %s", c, got)
		}
	}
}

// Who was answered and asks again shares a COMMIT with others that were and that come later. While they are waited for, another
// process may write.
func TestWhoComesBackSharesACommit(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	other := models.WriterForTest(modelstest.Connect(t, env.Address))
	joined := env.WaitLongForTest(time.Minute)
	emptyLog(t, env)
	write := func(name string) func() {
		return func() {
			if err := env.WriteTogetherForTest(env.Context, func(db *gorm.DB) error { return insertKey(db, name) }); err != nil {
				t.Error(err)
			}
		}
	}
	if err := behind(t, env, write("a"), write("b"), write("c")); err != nil {
		t.Fatal(err)
	}
	var again sync.WaitGroup
	again.Go(write("a again"))
	for number, taken := joined(); number != 1 || !taken; number, taken = joined() {
		runtime.Gosched()
	}
	if err := insertKey(other, "another process"); err != nil {
		t.Errorf("another process while a group waits: %v", err)
	}
	for _, name := range []string{"b again", "c again"} {
		again.Go(write(name))
	}
	again.Wait()
	keys := keysThere(t, env)
	if len(keys) != 8 || !slices.Equal(keys[:6], []string{"front", "a", "b", "c", "another process", "a again"}) {
		t.Errorf("there are %v", keys)
	}
	if _, commits := walFrames(t, env); commits != 3 {
		t.Errorf("%d commits", commits)
	}
}

// docs/decisions/0057-group-commit.md: phones that ask while another transaction is under way are committed together, as many
// as share one, and each answer is of a request that is committed.
func TestPhonesThatAskTogetherShareACommit(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	client := env.Client(t)
	emptyLog(t, env)
	var asks []func()
	for i := range models.WrittenTogetherForTest + 7 {
		asks = append(asks, func() {
			codes := env.Request(t, client, fmt.Sprintf("K-%d", i))
			if d, err := env.DeviceAuthorization(env.Context, codes.DeviceAuthorizationID); err != nil || d.State != models.Pending {
				t.Errorf("answered, and not committed: %v", err)
			}
		})
	}
	if err := behind(t, env, asks...); err != nil {
		t.Error(err)
	}
	if _, commits := walFrames(t, env); commits != 2 {
		t.Errorf("%d requests were committed in %d transactions", len(asks), commits)
	}
	if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() {
		t.Errorf("%v, %v", report.Problems(), err)
	}
}

// What fails in a shared transaction leaves nothing of itself behind, and all of the others.
func TestOneThatFailsHarmsNoOther(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	refused := errors.New("refused")
	gone, goes := context.WithCancel(env.Context)
	emptyLog(t, env)
	var mu sync.Mutex
	outcomes := map[string]string{}
	write := func(ctx context.Context, name string, fn func(db *gorm.DB) error) func() {
		return func() {
			outcome := "committed"
			defer func() {
				if p := recover(); p != nil {
					outcome = fmt.Sprint("panic ", p)
				}
				mu.Lock()
				defer mu.Unlock()
				outcomes[name] = outcome
			}()
			err := env.WriteTogetherForTest(ctx, func(db *gorm.DB) error {
				if err := insertKey(db, name); err != nil {
					return err
				}
				return fn(db)
			})
			if err != nil {
				outcome = err.Error()
			}
		}
	}
	fine := func(*gorm.DB) error { return nil }
	front := behind(t, env,
		write(env.Context, "a", fine),
		write(env.Context, "b", func(*gorm.DB) error { return refused }),
		write(env.Context, "c", func(db *gorm.DB) error { return insertKey(db, "a") }),
		write(env.Context, "d", func(*gorm.DB) error { panic("at the disco") }),
		write(env.Context, "e", func(*gorm.DB) error { goes(); return nil }),
		write(gone, "f", fine),
		write(env.Context, "g", fine),
	)
	if front != nil {
		t.Error(front)
	}
	want := map[string]string{"a": "committed", "b": "refused", "c": gorm.ErrDuplicatedKey.Error(), "d": "panic at the disco",
		"e": "committed", "f": context.Canceled.Error(), "g": "committed"}
	for name, outcome := range want {
		if outcomes[name] != outcome {
			t.Errorf("%s: %q, want %q", name, outcomes[name], outcome)
		}
	}
	if keys := keysThere(t, env); !slices.Equal(keys, []string{"front", "a", "e", "g"}) {
		t.Errorf("there are %v", keys)
	}
	if _, commits := walFrames(t, env); commits != 1 {
		t.Errorf("%d commits", commits)
	}
}

// A transaction that SQLite has ended, as it does when the disk is full, is ended for all who were in it: nobody is told that
// theirs is committed, nothing of it is there, and what comes next is written.
func TestAnEndedTransactionIsNobodys(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	full := errors.New("the disk is full")
	errs := make([]error, 3)
	write := func(i int, fn func(db *gorm.DB) error) func() {
		return func() { errs[i] = env.WriteTogetherForTest(env.Context, fn) }
	}
	front := behind(t, env,
		write(0, func(db *gorm.DB) error { return insertKey(db, "a") }),
		write(1, func(db *gorm.DB) error {
			return errors.Join(insertKey(db, "b"), db.Exec("ROLLBACK").Error, full)
		}),
		write(2, func(db *gorm.DB) error { return insertKey(db, "c") }),
	)
	if !errors.Is(front, full) || !errors.Is(errs[0], full) || !errors.Is(errs[1], full) || errs[2] != nil {
		t.Errorf("%v, %v", front, errs)
	}
	if keys := keysThere(t, env); !slices.Equal(keys, []string{"c"}) {
		t.Errorf("there are %v", keys)
	}
}

// A refusal may rest on what others wrote in the same transaction: it is told when that is committed, and not when it is not.
func TestARefusalIsNotToldBeforeTheCommit(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	full := errors.New("the disk is full")
	errs := make([]error, 3)
	write := func(i int, fn func(db *gorm.DB) error) func() {
		return func() { errs[i] = env.WriteTogetherForTest(env.Context, fn) }
	}
	_ = behind(t, env,
		write(0, func(db *gorm.DB) error { return insertKey(db, "once") }),
		write(1, func(db *gorm.DB) error { return insertKey(db, "once") }),
		write(2, func(db *gorm.DB) error { return errors.Join(db.Exec("ROLLBACK").Error, full) }),
	)
	if !errors.Is(errs[1], full) {
		t.Errorf("%v, by what never was", errs[1])
	}
}

// Who fails holds the others up as well.
func TestWritesThatFailCountAmongThoseTogether(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	emptyLog(t, env)
	writes := make([]func(), models.WrittenTogetherForTest)
	for i := range writes {
		writes[i] = func() {
			_ = env.WriteTogetherForTest(env.Context, func(*gorm.DB) error { return errors.New("refused") })
		}
	}
	writes[len(writes)-1] = func() {
		_ = env.WriteTogetherForTest(env.Context, func(db *gorm.DB) error { return insertKey(db, "last") })
	}
	if err := behind(t, env, writes...); err != nil {
		t.Error(err)
	}
	if _, commits := walFrames(t, env); commits != 2 || !slices.Equal(keysThere(t, env), []string{"front", "last"}) {
		t.Errorf("%d commits, there are %v", commits, keysThere(t, env))
	}
}

// When the lock is another program's, all who wait are told at once, and not one after the other.
func TestABusyDatabaseIsBusyForAllWhoWait(t *testing.T) {
	address := modelstest.Migrated(t, "sqlite")
	env := modelstest.Open(t, address, models.Policy{})
	release := modelstest.Hold(t, address)
	defer release()
	if err := models.WriterForTest(env.Database).Exec("PRAGMA busy_timeout = 300").Error; err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 200 { // one after the other they would take a minute
		all.Go(func() {
			err := env.WriteTogetherForTest(env.Context, func(*gorm.DB) error { return nil })
			if outage, is := errors.AsType[*models.UnavailableError](err); !is || outage.Outage != models.Busy {
				t.Errorf("%v", err)
			}
		})
	}
	all.Wait()
}

// killedBeforeCommit is the address of the database of the process that kills itself.
const killedBeforeCommit = "TEST_KILLED_BEFORE_COMMIT"

// docs/protocol.md §6 killed-process: a process that is killed after all writes of a shared transaction, and before its COMMIT,
// has answered none of them, and none is there; what it answered before is.
func TestKilledBeforeASharedCommit(t *testing.T) {
	if address := os.Getenv(killedBeforeCommit); address != "" {
		killsItself(t, modelstest.Open(t, address, models.Policy{}))
		return
	}
	address := modelstest.Migrated(t, "sqlite")
	process := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledBeforeASharedCommit$")
	process.Env = append(os.Environ(), killedBeforeCommit+"="+address)
	out, err := process.Output()
	ended, is := errors.AsType[*exec.ExitError](err)
	if !is || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("%v: %s", err, out)
	}
	env := modelstest.Open(t, address, models.Policy{})
	var there []string
	if err := env.Reader().Raw("SELECT id FROM device_authorizations ORDER BY rowid").Scan(&there).Error; err != nil {
		t.Fatal(err)
	}
	if answered := strings.Fields(string(out)); len(answered) != 3 || !slices.Equal(answered, there) {
		t.Errorf("answered %v, there are %v", answered, there)
	}
	if report, err := env.VerifyTrail(env.Context); err != nil || !report.OK() {
		t.Errorf("%v, %v", report.Problems(), err)
	}
}

// killsItself answers three requests, and is killed in the transaction of the next ones.
func killsItself(t *testing.T, env *modelstest.Env) {
	client := env.Client(t)
	ask := func() { fmt.Println(env.Request(t, client, "nobody@example.com").DeviceAuthorizationID) }
	for range 3 {
		ask()
	}
	_ = behind(t, env, ask, ask, ask, func() {
		_ = env.WriteTogetherForTest(env.Context, func(*gorm.DB) error { return syscall.Kill(os.Getpid(), syscall.SIGKILL) })
	})
}
