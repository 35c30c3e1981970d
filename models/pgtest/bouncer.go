package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Bouncer makes an empty database with a PgBouncer in front that gives each transaction any
// connection (pool_mode = transaction) and keeps no prepared statements, and returns its address
// through that. Without PgBouncer, or PostgreSQL's programs, the test is skipped, or fails where
// nothing may be skipped.
func Bouncer(t testing.TB) string {
	t.Helper()
	through, _ := BouncerAndDirect(t)
	return through
}

// BouncerAndDirect is Bouncer with the address past it.
func BouncerAndDirect(t testing.TB) (through, direct string) {
	t.Helper()
	begin(t)
	program := neededBouncer(t)
	database := fmt.Sprintf("test%d", shared.made.Add(1))
	shared.must(t, "CREATE DATABASE "+database)
	return bouncerTo(t, program, shared.folder, database), shared.address(database)
}

// Bouncer starts a PgBouncer as that of the function Bouncer in front of the server, which tries again each second where it cannot
// reach it, and returns the address of a database of the server through it; "" without PgBouncer, where that may be.
func (s *Server) Bouncer(database string) (through string) {
	s.t.Helper()
	program := bouncerProgram()
	if program == "" && os.Getenv("TEST_REQUIRE") != "all" {
		return ""
	}
	return bouncerTo(s.t, neededBouncer(s.t), s.Folder, database, "server_login_retry = 1")
}

// bouncerTo starts one in front of the server whose socket lies in the folder.
func bouncerTo(t testing.TB, program, to, database string, settings ...string) (through string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "pgb") // short: a socket's path has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := startBouncer(t, program, folder, to, settings); err != nil {
		t.Fatal(err)
	}
	through = fmt.Sprintf("postgres://postgres@/%s?host=%s&port=6432&sslmode=disable", database, folder)
	ctx, cancel := context.WithTimeout(t.Context(), serverPatience)
	defer cancel()
	if err := wait(ctx, through+"&default_query_exec_mode=exec"); err != nil {
		t.Fatalf("PgBouncer: %v", err)
	}
	return through
}

func neededBouncer(t testing.TB) (program string) {
	t.Helper()
	if program = bouncerProgram(); program == "" {
		const missing = "the program pgbouncer is missing (Debian package pgbouncer)"
		if os.Getenv("TEST_REQUIRE") == "all" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return program
}

// bouncerProgram finds it in the path or where Debian puts it, which is not in everybody's.
func bouncerProgram() string {
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	return ""
}

func startBouncer(t testing.TB, program, folder, to string, more []string) error {
	settings := append([]string{
		"[databases]", "* = host=" + to + " user=postgres",
		"[pgbouncer]", "pool_mode = transaction", "default_pool_size = 4", "listen_addr =", "listen_port = 6432",
		"unix_socket_dir = " + folder, "auth_type = trust", "auth_file = " + filepath.Join(folder, "users"),
	}, more...)
	version, err := exec.CommandContext(t.Context(), program, "--version").Output()
	if err != nil {
		return err
	}
	var major, minor int
	if _, err := fmt.Sscanf(string(version), "PgBouncer %d.%d", &major, &minor); err == nil && (major > 1 || minor >= 21) {
		settings = append(settings, "max_prepared_statements = 0")
	}
	for name, text := range map[string]string{"users": `"postgres" ""`, "settings.ini": strings.Join(settings, "\n") + "\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil { //nolint:gosec // another user reads it
			return err
		}
	}
	identity, err := unprivileged(folder) // PgBouncer refuses to run as root, too
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(context.Background())
	bouncer := exec.CommandContext(ctx, program, "-q", filepath.Join(folder, "settings.ini"))
	bouncer.SysProcAttr = identity
	bouncer.Dir = folder
	if err := bouncer.Start(); err != nil {
		end()
		return err
	}
	t.Cleanup(func() {
		end()
		_ = bouncer.Wait()
	})
	return nil
}
