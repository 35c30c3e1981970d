package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/models"

	"golang.org/x/sys/unix"
)

// hurriedClock is later by a step each time that somebody looks.
type hurriedClock struct {
	lock sync.Mutex
	now  time.Time
	step time.Duration
}

func (c *hurriedClock) Now() time.Time {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.now = c.now.Add(c.step)
	return c.now
}

// terminal is a pseudo terminal: what is written to it, and what its screen was sent, once it is closed.
func terminal(t *testing.T) (to *os.File, screen func() string) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	raw := int(master.Fd())
	number, err := unix.IoctlGetInt(raw, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(raw, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	to, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	var sent bytes.Buffer
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(&sent, master) // until the last writer is gone, which is EIO
		close(ended)
	}()
	return to, func() string {
		_ = to.Close()
		<-ended
		_ = master.Close()
		return sent.String()
	}
}

// What a meter writes of a work of a million rows, told of every second.
func TestProgress(t *testing.T) {
	t.Parallel()
	work := func(out io.Writer, seconds int) {
		clock := &hurriedClock{now: testNow}
		meter := &progressMeter{out: out, now: clock.Now, told: testNow}
		for second := range int64(seconds) {
			clock.now = testNow.Add(time.Duration(second) * time.Second)
			meter.tell(second*8000, 1_000_000, "rows")
		}
		meter.end()
	}
	t.Run("elsewhere, a line each ten seconds", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		work(&out, 126)
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 12 || lines[0] != "80000 of 1000000 rows, 8 %, 8000 a second, 2 min left" ||
			lines[11] != "960000 of 1000000 rows, 96 %, 8000 a second, 5 s left" {
			t.Errorf("%d lines: %q", len(lines), lines)
		}
	})
	t.Run("of quick work nothing", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		work(&out, 10)
		if out.Len() != 0 {
			t.Errorf("%q", &out)
		}
	})
	t.Run("on a terminal, a bar", func(t *testing.T) {
		t.Parallel()
		to, screen := terminal(t)
		work(to, 126)
		sent := screen()
		const half = "\r[###############               ]  50 % of rows, 8000 a second, 1 min left\x1b[K"
		if !strings.Contains(sent, half) || strings.Count(sent, "\n") != 1 ||
			!strings.HasSuffix(sent, "] 100 % of rows, 8000 a second\x1b[K\r\n") {
			t.Errorf("%q", sent)
		}
	})
	t.Run("on a terminal, work that breaks off ends its line", func(t *testing.T) {
		t.Parallel()
		to, screen := terminal(t)
		work(to, 20)
		if sent := screen(); strings.Count(sent, "\n") != 1 || !strings.HasSuffix(sent, "\r\n") {
			t.Errorf("%q", sent)
		}
	})
}

// An unknown whole has no percents, and how long something takes is told in one or two units.
func TestProgressOfAnUnknownWhole(t *testing.T) {
	t.Parallel()
	clock := &hurriedClock{now: testNow, step: 6 * time.Second}
	var out bytes.Buffer
	meter := &progressMeter{out: &out, now: clock.Now, told: testNow}
	for rows := range int64(8) {
		meter.tell(rows, 0, "rows")
	}
	if out.String() != "1 rows\n3 rows\n5 rows, 0.2 a second\n7 rows, 0.2 a second\n" {
		t.Errorf("%q", &out)
	}
	for d, want := range map[time.Duration]string{
		0: "1 s", 59 * time.Second: "59 s", 90 * time.Second: "2 min", 59 * time.Minute: "59 min", 150 * time.Minute: "2 h 30 min",
	} {
		if got := roughly(d); got != want {
			t.Errorf("%s is told as %q", d, got)
		}
	}
}

// A server says in its log how far it is when it fills a table: at its start with --migrate, and in a sweep.
func TestServerLogsLongWork(t *testing.T) {
	t.Parallel()
	for name, work := range map[string]func(*Environment, storeSettings, *slog.Logger) error{
		"serve --migrate": func(env *Environment, s storeSettings, log *slog.Logger) error {
			return migrateUp(env, s.database, false, log)
		},
		"sweep": func(env *Environment, s storeSettings, log *slog.Logger) error {
			store, err := openStore(env, s, models.Policy{}, log)
			if err == nil {
				err = errors.Join(store.Sweep(env.Context), store.Close())
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, path := longDatabase(t)
			forget(t, path)
			var lines textBuffer
			clock := &hurriedClock{now: testNow, step: 12 * time.Second}
			env := &Environment{Context: t.Context(), Now: clock.Now, Rand: rand.Reader, Stderr: io.Discard}
			masterKey, err := readMasterKey(testMasterKey)
			if err == nil {
				err = work(env, storeSettings{"sqlite:" + path, "https://id.example", masterKey}, slog.New(slog.NewTextHandler(&lines, nil)))
			}
			if told := lines.String(); err != nil || !strings.Contains(told, `msg="long work goes on" what="events made searchable" done=`) ||
				!strings.Contains(told, " per_second=") || !strings.Contains(told, " left=") {
				t.Errorf("%v, %s", err, told)
			}
		})
	}
}

// longWork is a command that can take long, with what its bar and its lines are of.
type longWork struct {
	args []string
	what string
}

// Each command that can take long has a bar on a terminal, and lines elsewhere, on the error output; none says a thing there
// when it is quick.
func TestLongWorkShowsItsProgress(t *testing.T) {
	t.Parallel()
	for name, of := range longWorks() {
		for _, how := range []string{"terminal", "lines", "quick"} {
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				environ, path := longDatabase(t)
				work := of(t, environ, path)
				said := showProgress(t, how, environ, work.args)
				told, bar := strings.Contains(said, " "+work.what), strings.Contains(said, "\r")
				if told == (how == "quick") || bar != (how == "terminal") {
					t.Errorf("%q", said)
				}
			})
		}
	}
}

// showProgress runs a command, and returns its error output.
func showProgress(t *testing.T, how string, environ, args []string) string {
	t.Helper()
	clock := &hurriedClock{now: testNow, step: 7 * time.Second}
	if how == "quick" {
		clock.step = time.Microsecond
	}
	var said bytes.Buffer
	env := &Environment{
		Context: t.Context(), Args: args, Environ: environ, Getenv: lookup(environ), Stdin: strings.NewReader(""), Stdout: io.Discard,
		Stderr: &said, Now: clock.Now, Wait: wait, Rand: rand.Reader,
	}
	screen := said.String
	if how == "terminal" {
		env.Stderr, screen = terminal(t)
	}
	code := execute(env)
	written := screen()
	if code != 0 {
		t.Fatalf("exit code %d, %q", code, written)
	}
	return written
}

func longWorks() map[string]func(t *testing.T, environ []string, path string) longWork {
	fixed := func(what string, args ...string) func(*testing.T, []string, string) longWork {
		return func(*testing.T, []string, string) longWork { return longWork{args, what} }
	}
	return map[string]func(t *testing.T, environ []string, path string) longWork{
		"migrate up": func(t *testing.T, environ []string, path string) longWork {
			forget(t, path)
			return longWork{[]string{"migrate", "up"}, "events made searchable"}
		},
		"migrations": func(t *testing.T, _ []string, _ string) longWork {
			return longWork{[]string{"migrate", "up", "--database", "sqlite:" + filepath.Join(t.TempDir(), "new.db")}, "migrations applied"}
		},
		"audit reindex": fixed("events looked at", "audit", "reindex"),
		"audit verify":  fixed("entries verified", "audit", "verify"),
		"audit export":  fixed("entries looked at", "audit", "export"),
		"audit verify of an export": func(t *testing.T, environ []string, _ string) longWork {
			file := filepath.Join(t.TempDir(), "export.jsonl")
			if got := runWith(t, environ, "", "audit", "export", file); got.code != 0 {
				t.Fatal(got.stderr)
			}
			return longWork{[]string{"audit", "verify", "--export", file}, "bytes read"}
		},
		"backup": func(t *testing.T, _ []string, _ string) longWork {
			return longWork{[]string{"backup", filepath.Join(t.TempDir(), "copy.db")}, "entries verified"}
		},
		"restore": func(t *testing.T, environ []string, path string) longWork {
			file := filepath.Join(t.TempDir(), "copy.db")
			if got := runWith(t, environ, "", "backup", file); got.code != 0 {
				t.Fatal(got.stderr)
			}
			return longWork{[]string{"restore", "--database", "sqlite:" + filepath.Join(t.TempDir(), "back.db"), file}, "bytes restored"}
		},
		"accounts import": func(t *testing.T, _ []string, _ string) longWork {
			return longWork{[]string{"accounts", "import", accountsFile(t, "L", 400)}, "lines"}
		},
		"notices resend": func(t *testing.T, _ []string, path string) longWork {
			giveUpMany(t, path)
			args := []string{"notices", "resend", "--way", "mail", "--cause", "refused", "--smtp-address", "mail.example:25"}
			return longWork{args, "notices seen to"}
		},
		"notices set-aside": func(t *testing.T, _ []string, path string) longWork {
			giveUpMany(t, path)
			return longWork{[]string{"notices", "set-aside", "--way", "mail", "--cause", "refused"}, "notices seen to"}
		},
		"accounts export": fixed("rows exported", "accounts", "export", "K-1"),
		"accounts erase": func(t *testing.T, _ []string, path string) longWork {
			forget(t, path)
			return longWork{[]string{"accounts", "erase", "K-1", "--reason", "requested", "--yes"}, "events made searchable"}
		},
	}
}
