//go:build torture

package main

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Two servers under Patroni with docs/postgresql/patroni.yml, and HAProxy in front with docs/postgresql/haproxy.cfg. The primary is
// killed with its Patroni, again and again, under load. Each process of Countersign writes again in time, nothing answered is lost.
// make torture runs it where Debian's packages patroni, etcd-server and haproxy are.
func TestPatroniUnderLoad(t *testing.T) {
	c := startCluster(t)
	rounds := 0
	torture(t, c.address, func(f *fleet, round int) {
		if round%10 == 0 {
			rounds++
			c.killPrimary()
			f.backIn(t, c.promoted(), backWithin)
			c.rejoin()
			return
		}
		n := f.nodes[round%len(f.nodes)]
		f.killNode(t, n)
		f.startNode(t, n)
	})
	t.Logf("%d fail-overs by Patroni", rounds)
}

// cluster is two servers, etcd and HAProxy.
type cluster struct {
	t       *testing.T
	address string // by HAProxy
	members map[string]*member
	primary string
}

// member is Patroni with its server.
type member struct {
	folder, rest string
	process      *exec.Cmd
	log          *textBuffer
}

const clusterPatience = 2 * time.Minute

func startCluster(t *testing.T) *cluster {
	t.Helper()
	etcd, peers, proxy := newAddress(t), newAddress(t), newAddress(t)
	c := &cluster{t: t, members: map[string]*member{}, primary: "a"}
	c.address = "postgres://postgres@" + proxy + "/countersign?sslmode=disable"
	c.run(c.folder(), &textBuffer{}, neededProgram(t, "etcd", "etcd-server"), "--data-dir", "etcd", "--listen-client-urls", "http://"+etcd,
		"--advertise-client-urls", "http://"+etcd, "--listen-peer-urls", "http://"+peers,
		"--initial-advertise-peer-urls", "http://"+peers, "--initial-cluster", "default=http://"+peers)
	var servers []string
	for _, name := range []string{"a", "b"} {
		own, rest := newAddress(t), newAddress(t)
		_, port, _ := net.SplitHostPort(rest)
		servers = append(servers, name+".example:5432 port 8008", own+" port "+port)
		c.members[name] = c.member(name, own, rest, etcd)
		c.until(name+" is a member", func() bool { return c.is(name, "/health") })
		c.until("a is the primary", func() bool { return c.is("a", "/primary") })
	}
	c.until("b has each commit", func() bool { return c.is("b", "/synchronous") })
	folder := c.folder()
	settings := fileOf(t, "haproxy.cfg", append(servers, "127.0.0.1:5432", proxy)...)
	if err := os.WriteFile(filepath.Join(folder, "haproxy.cfg"), []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	c.run(folder, &textBuffer{}, neededProgram(t, "haproxy", "haproxy"), "-db", "-f", "haproxy.cfg")
	c.until("HAProxy leads to the primary alone", c.leadsToPrimary)
	owner, err := sql.Open("pgx", c.ofServer())
	if err == nil {
		_, err = owner.Exec("CREATE DATABASE countersign")
	}
	if err = errors.Join(err, owner.Close()); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *cluster) ofServer() string {
	return strings.Replace(c.address, "/countersign", "/postgres", 1)
}

// leadsToPrimary: HAProxy takes each server for good until it has checked it.
func (c *cluster) leadsToPrimary() bool {
	for range 4 {
		standby := true
		one, err := sql.Open("pgx", c.ofServer())
		if err == nil {
			err = errors.Join(one.QueryRow("SELECT pg_is_in_recovery()").Scan(&standby), one.Close())
		}
		if err != nil || standby {
			return false
		}
	}
	return true
}

// member begins to run one, with its settings as they stand in docs, at other addresses.
func (c *cluster) member(name, own, rest, etcd string) *member {
	c.t.Helper()
	m := &member{folder: c.folder(), rest: rest, log: &textBuffer{}}
	binaries, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(binaries) == 0 {
		c.t.Fatal("PostgreSQL's programs are missing")
	}
	settings := fileOf(c.t, "patroni.yml",
		"name: a\n", "name: "+name+"\n", "listen: 0.0.0.0:8008", "listen: "+rest, "connect_address: a.example:8008", "connect_address: "+rest,
		"hosts: a.example:2379,b.example:2379,c.example:2379", "hosts: "+etcd,
		"listen: 0.0.0.0:5432", "listen: "+own, "connect_address: a.example:5432", "connect_address: "+own,
		"/var/lib/postgresql/countersign", filepath.Join(m.folder, "data")+"\n  pgpass: "+filepath.Join(m.folder, "pgpass"),
		"/usr/lib/postgresql/15/bin", binaries[len(binaries)-1],
		"local all postgres peer", "local all all trust",
		"hostssl replication replicator samenet scram-sha-256", "host replication all samenet trust",
		"hostssl all all samenet scram-sha-256", "host all all samenet trust",
		`ssl: "on"`, "unix_socket_directories: "+m.folder+"\n    fsync: \"off\"", "mode: automatic", "mode: \"off\"")
	if err := os.WriteFile(filepath.Join(m.folder, "patroni.yml"), []byte(settings), 0o644); err != nil {
		c.t.Fatal(err)
	}
	m.process = c.run(m.folder, m.log, neededProgram(c.t, "patroni", "patroni"), "patroni.yml")
	return m
}

// fileOf is proxySettings of a file below docs/postgresql.
func fileOf(t *testing.T, name string, others ...string) string {
	t.Helper()
	return proxySettings(t, filepath.Join("..", "postgresql", name), others...)
}

// folder is one with a short name, which another user may write to.
func (c *cluster) folder() string {
	c.t.Helper()
	folder, err := os.MkdirTemp("", "pat")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// run runs a program until the test ends, and not as root. It leads a group of its own.
func (c *cluster) run(folder string, log *textBuffer, program string, args ...string) *exec.Cmd {
	c.t.Helper()
	process := exec.Command(program, args...)
	process.Dir, process.Stdout, process.Stderr, process.SysProcAttr = folder, log, log, nobody(c.t, folder)
	if process.SysProcAttr == nil {
		process.SysProcAttr = &syscall.SysProcAttr{}
	}
	process.SysProcAttr.Setpgid = true
	process.WaitDelay = time.Second // a server outlives its Patroni, and has its output
	process.Env = append(os.Environ(), "HOME="+folder)
	if err := os.Chmod(folder, 0o700); err != nil { //nolint:gosec // of the other user
		c.t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_ = process.Process.Signal(syscall.SIGTERM)
		_ = process.Wait()
		if c.t.Failed() {
			c.t.Logf("%s:\n%s", filepath.Base(program), log)
		}
	})
	return process
}

func (c *cluster) until(what string, happened func() bool) {
	c.t.Helper()
	for end := time.Now().Add(clusterPatience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if happened() {
			return
		}
	}
	for name, m := range c.members {
		c.t.Logf("%s:\n%s", name, m.log)
	}
	c.t.Fatalf("not within %s: %s", clusterPatience, what)
}

// is asks a member's REST interface.
func (c *cluster) is(name, path string) bool {
	answer, err := (&http.Client{Timeout: 2 * time.Second}).Get("http://" + c.members[name].rest + path)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

func (c *cluster) other() string { return strings.Trim("ab", c.primary) }

// killPrimary kills the primary's Patroni first, so that it does not start the server again, then all processes of the server.
func (c *cluster) killPrimary() {
	c.t.Helper()
	m := c.members[c.primary]
	text, err := os.ReadFile(filepath.Join(m.folder, "data", "postmaster.pid"))
	if err != nil {
		c.t.Fatal(err)
	}
	var postmaster int
	if _, err := fmt.Sscan(string(text), &postmaster); err != nil {
		c.t.Fatal(err)
	}
	_ = m.process.Process.Kill()
	_ = m.process.Wait()
	_ = syscall.Kill(postmaster, syscall.SIGKILL) // its backends see that, and end
}

// promoted waits for the other one.
func (c *cluster) promoted() time.Time {
	c.t.Helper()
	c.until(c.other()+" is the primary", func() bool { return c.is(c.other(), "/primary") })
	c.primary = c.other()
	return time.Now()
}

// rejoin starts the one that was killed, which becomes the standby that has each commit.
func (c *cluster) rejoin() {
	c.t.Helper()
	m := c.members[c.other()]
	m.process = c.run(m.folder, m.log, neededProgram(c.t, "patroni", "patroni"), "patroni.yml")
	c.until(c.other()+" has each commit", func() bool { return c.is(c.other(), "/synchronous") })
}
