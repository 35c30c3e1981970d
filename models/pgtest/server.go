package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a PostgreSQL of a test's own, which it may kill, freeze, start again, copy and promote. It listens on a socket only.
// Its methods fail the test.
type Server struct {
	Folder string // of its socket

	t        testing.TB
	binaries string
	settings []string
	process  *exec.Cmd
}

// serverPatience bounds each wait for a server.
const serverPatience = 3 * time.Minute

// NewServer starts an empty server with more settings, name=value each, until the test ends. Without PostgreSQL's programs it does
// what Schema does.
func NewServer(t testing.TB, settings ...string) *Server {
	t.Helper()
	s := newServer(t, settings)
	s.must(s.run("initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"))
	s.Start()
	return s
}

func newServer(t testing.TB, settings []string) *Server {
	t.Helper()
	folder, err := os.MkdirTemp("", "pg") // short: a socket's path has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return &Server{Folder: folder, t: t, binaries: needed(t), settings: settings}
}

// Standby copies the server to another one, which follows it from then on under the name. That the server waits for the standby
// at each commit is the caller's to set (synchronous_standby_names).
func (s *Server) Standby(name string, settings ...string) *Server {
	s.t.Helper()
	follows := newServer(s.t, settings)
	from := fmt.Sprintf("host=%s user=postgres application_name=%s", s.Folder, name)
	s.must(follows.run("pg_basebackup", "-D", follows.data(), "-d", from, "--wal-method=stream", "--checkpoint=fast", "--write-recovery-conf"))
	follows.Start()
	return follows
}

// Address is of a database of this server. Several servers are named by MultiAddress.
func (s *Server) Address(database string) string { return MultiAddress(database, s) }

// MultiAddress names several servers, which are asked in this order.
func MultiAddress(database string, servers ...*Server) string {
	var folders, ports []string
	for _, s := range servers {
		folders, ports = append(folders, s.Folder), append(ports, "5432")
	}
	return fmt.Sprintf("postgres://postgres@/%s?host=%s&port=%s&sslmode=disable", database,
		strings.Join(folders, ","), strings.Join(ports, ","))
}

// Start starts it, or starts it again, and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	args := []string{"-D", s.data(), "-k", s.Folder, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "max_connections=100", "-c", "jit=off"}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	identity, err := unprivileged(s.Folder)
	s.must(err)
	program := filepath.Join(s.binaries, "postgres")
	s.process = exec.CommandContext(context.Background(), program, args...) //nolint:gosec // a program of PostgreSQL
	s.process.SysProcAttr, s.process.Dir = identity, s.Folder
	s.must(s.process.Start())
	started := s.process
	s.t.Cleanup(func() { s.end(started) })
	ctx, cancel := context.WithTimeout(context.Background(), serverPatience)
	defer cancel()
	s.must(wait(ctx, s.Address("postgres")))
}

// Do runs statements in a database of this server.
func (s *Server) Do(database string, statements ...string) {
	s.t.Helper()
	for _, statement := range statements {
		s.must(execute(context.Background(), s.Address(database), statement))
	}
}

// Promote makes a standby the primary, and returns when it can be written.
func (s *Server) Promote() {
	s.t.Helper()
	s.must(s.run("pg_ctl", "promote", "-D", s.data(), "-w", "-t", "60"))
}

// Kill ends the server and all its processes by SIGKILL: nobody says goodbye.
func (s *Server) Kill() {
	s.t.Helper()
	s.signal(syscall.SIGKILL)
	_ = s.process.Wait()
	s.must(os.RemoveAll(filepath.Join(s.data(), "postmaster.pid"))) // its number may be another process's by now
}

// Stop ends it as systemctl stop does: sessions are ended, then the server.
func (s *Server) Stop() {
	s.t.Helper()
	s.end(s.process)
}

// Freeze stops all its processes where they are: connections stay, and nobody answers.
func (s *Server) Freeze() {
	s.t.Helper()
	s.signal(syscall.SIGSTOP)
}

// Thaw ends a Freeze.
func (s *Server) Thaw() {
	s.t.Helper()
	s.signal(syscall.SIGCONT)
}

func (s *Server) data() string { return filepath.Join(s.Folder, "data") }

func (s *Server) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// end is for servers that run, that were killed, and that are frozen.
func (s *Server) end(process *exec.Cmd) {
	if process.ProcessState != nil {
		return
	}
	_ = s.each(process.Process.Pid, syscall.SIGCONT)
	_ = process.Process.Signal(syscall.SIGINT) // fast shutdown
	ended := make(chan struct{})
	go func() { _ = process.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(time.Minute): // for a standby that is no more, say
		_ = s.each(process.Process.Pid, syscall.SIGKILL)
		<-ended
	}
}

func (s *Server) signal(signal syscall.Signal) {
	s.t.Helper()
	s.must(s.each(s.process.Process.Pid, signal))
}

// each sends a signal to all processes of a server. The first one starts nobody meanwhile.
func (s *Server) each(first int, signal syscall.Signal) error {
	errs := []error{syscall.Kill(first, syscall.SIGSTOP)}
	children, err := childrenOf(first)
	for _, child := range children {
		if gone := syscall.Kill(child, signal); gone != nil && !errors.Is(gone, syscall.ESRCH) {
			errs = append(errs, gone)
		}
	}
	return errors.Join(append(errs, err, syscall.Kill(first, signal))...)
}

// childrenOf reads proc(5).
func childrenOf(parent int) (children []int, err error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		text, gone := os.ReadFile(file) //nolint:gosec // of the system
		if gone != nil {
			continue
		}
		_, after, _ := strings.Cut(string(text), ") ") // behind the name, which may have blanks
		if words := strings.Fields(after); len(words) > 1 && words[1] == strconv.Itoa(parent) {
			child, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			children = append(children, child)
		}
	}
	return children, err
}

// run runs one of PostgreSQL's programs as the user that the server runs as.
func (s *Server) run(program string, args ...string) error {
	identity, err := unprivileged(s.Folder)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), serverPatience)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(s.binaries, program), args...) //nolint:gosec // a program of PostgreSQL
	command.SysProcAttr, command.Dir = identity, s.Folder
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}
