package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// unknown stands for what a server does not tell.
const unknown = -1

// reading is what a process has used since it began.
type reading struct {
	cpu         time.Duration // user and system, of all threads
	written     int64         // bytes sent to the disk
	allocations int64         // objects
	statements  int64         // SQL; unknown on PostgreSQL
}

// notRead is of a step whose costs nobody measured.
var notRead = reading{written: unknown, allocations: unknown, statements: unknown}

// since is what a process used between two readings.
func (r reading) since(before reading) reading {
	return reading{
		cpu: r.cpu - before.cpu, written: withSign(r.written, -1, before.written),
		allocations: withSign(r.allocations, -1, before.allocations), statements: withSign(r.statements, -1, before.statements),
	}
}

// plus adds up two uses.
func (r reading) plus(more reading) reading {
	return reading{
		cpu: r.cpu + more.cpu, written: withSign(r.written, 1, more.written),
		allocations: withSign(r.allocations, 1, more.allocations), statements: withSign(r.statements, 1, more.statements),
	}
}

// withSign is a + sign·b, unknown when one of the two is.
func withSign(a, sign, b int64) int64 {
	if a == unknown || b == unknown {
		return unknown
	}
	return a + sign*b
}

// inside asks a server's own process, see _inside/stats.go.
type inside struct {
	connection net.Conn
	lines      *bufio.Reader
}

// openInside speaks to the process that listens on the socket.
func openInside(ctx context.Context, socket string) (*inside, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	return &inside{connection: connection, lines: bufio.NewReader(connection)}, nil
}

// fill lets the process remember so many more used proofs and paces of polls.
func (i *inside) fill(proofs, paces int) error {
	if _, err := fmt.Fprintf(i.connection, "fill %d %d\n", proofs, paces); err != nil {
		return err
	}
	_, err := i.lines.ReadString('\n')
	return err
}

// read fills in what only the process itself knows.
func (i *inside) read(r *reading) error {
	if _, err := i.connection.Write([]byte("\n")); err != nil {
		return err
	}
	line, err := i.lines.ReadString('\n')
	if err != nil {
		return err
	}
	_, err = fmt.Sscan(line, &r.allocations, &r.statements)
	return err
}

// writtenBy is write_bytes of /proc/PID/io.
func writtenBy(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if err != nil {
		return 0, err
	}
	return numberAfter(string(text), "write_bytes:")
}

// residentOf is VmRSS of /proc/PID/status, in bytes.
func residentOf(pid int) (int64, error) { return statusOf(pid, "VmRSS:") }

// peakOf is VmHWM of /proc/PID/status, the most that was resident, in bytes.
func peakOf(pid int) (int64, error) { return statusOf(pid, "VmHWM:") }

// statusOf is a size in /proc/PID/status, in bytes.
func statusOf(pid int, name string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	kibibytes, err := numberAfter(string(text), name)
	return kibibytes << 10, err
}

// numberAfter finds the line that begins with the name and reads the number behind it.
func numberAfter(text, name string) (int64, error) {
	for line := range strings.Lines(text) {
		if rest, found := strings.CutPrefix(line, name); found {
			return strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		}
	}
	return 0, fmt.Errorf("there is no line %s", name)
}
