package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// contender is a server that takes part, in a process of its own.
type contender struct {
	name     string // newBuild, oldBuild or bareLimit
	base     string // its address, which is the issuer too
	database string // its database's address
	folder   string
	process  *exec.Cmd
	inside   *inside
	said     *tail
	ended    chan struct{} // closed when the process has ended, by exit
	exit     error
	onStop   []func() error // in the order in which they were added

	program     string // of a build, with the environment of its commands
	environment []string
	serve       []string // the arguments of its server

	startedIn time.Duration // from the process's execution until it answered that it is ready
	pollAfter time.Time     // when the phones' next polls are not too early
}

// patience bounds every wait for a server.
const patience = 60 * time.Second

// run starts the process and waits until it answers.
func (c *contender) run(ctx context.Context, process *exec.Cmd) error {
	socket := filepath.Join(c.folder, "stats")
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) { // an earlier process's
		return err
	}
	process.Env = append(process.Env, "BENCH_STATS="+socket)
	c.said, c.ended, c.process = &tail{}, make(chan struct{}), process
	process.Stdout, process.Stderr = c.said, c.said
	begin := time.Now()
	if err := process.Start(); err != nil {
		return err
	}
	go func() {
		c.exit = process.Wait()
		close(c.ended)
	}()
	if err := c.answers(ctx); err != nil {
		return errors.Join(err, c.stop())
	}
	c.startedIn = time.Since(begin)
	var err error
	c.inside, err = openInside(ctx, socket)
	return err
}

func (c *contender) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/readyz", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-c.ended:
			return fmt.Errorf("%s did not start: %w\n%s", c.name, c.exit, c.said)
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer\n%s", c.name, c.said)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// end ends the process.
func (c *contender) end() error {
	if c.process == nil || c.process.Process == nil {
		return nil
	}
	_ = c.process.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.ended:
		if c.inside != nil {
			_ = c.inside.connection.Close()
		}
		return nil
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("%s does not end", c.name), c.process.Process.Kill())
	}
}

// stop ends the process and what belongs to it.
func (c *contender) stop() error {
	problems := []error{c.end()}
	for _, end := range c.onStop {
		problems = append(problems, end())
	}
	return errors.Join(problems...)
}

// read tells what the process has used so far. The inside is asked first before a step and
// last after it: its answers are nobody's costs.
func (c *contender) read(insideFirst bool) (r reading, err error) {
	pid := c.process.Process.Pid
	if insideFirst {
		err = c.inside.read(&r)
	}
	if err == nil {
		r.cpu, err = cpuOf(pid)
	}
	if err == nil {
		r.written, err = writtenBy(pid)
	}
	if err == nil && !insideFirst {
		err = c.inside.read(&r)
	}
	if !strings.HasPrefix(c.database, "sqlite:") { // another process writes, and nobody counts
		r.written, r.statements = unknown, unknown
	}
	if err != nil {
		return r, fmt.Errorf("%s: %w\n%s", c.name, err, c.said)
	}
	return r, nil
}

// freeAddress is an address on loopback that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// tail keeps the end of what a process says.
type tail struct {
	mutex sync.Mutex // guards text
	text  []byte
}

const longestTail = 16 << 10 // bytes

// Write is part of io.Writer.
func (t *tail) Write(text []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.text = append(t.text, text...)
	if len(t.text) > 2*longestTail {
		t.text = append(t.text[:0], t.text[len(t.text)-longestTail:]...)
	}
	return len(text), nil
}

func (t *tail) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return string(t.text)
}

// cleanEnvironment is the bench's own without settings of another Countersign.
func cleanEnvironment() []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "COUNTERSIGN_") {
			kept = append(kept, variable)
		}
	}
	return kept
}
