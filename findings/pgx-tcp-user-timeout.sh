#!/usr/bin/env bash
# Go module github.com/jackc/pgx/v5 5.12.0 sends libpq's tcp_user_timeout to the server, which has another setting of that name.
#
# Expected: tcp_user_timeout=5000 in a connection string is the client's, as with libpq: what is sent to a server that has gone silent and
#           is not acknowledged within 5 s ends the connection, so that a program soon goes to the new primary. Or pgx refuses it.
# Seen:     pgx takes it without a word, and the client's socket keeps the system's bound, about 15 minutes on Linux. The name goes
#           to the server in the start-up message, and PostgreSQL is content: its own setting tcp_user_timeout is for its own side
#           of the connection. libpq's keepalives_idle goes there too; there PostgreSQL knows none, and refuses the connection.
#           With libpq the socket has 5000 ms, and the start-up message has neither.
# Source:   Go module github.com/jackc/pgx/v5 v5.12.0; Debian package libpq5 15.18-0+deb12u1 through Python's ctypes; PostgreSQL 15,
#           "Parameter Key Words" and "TCP Settings". The server is a few lines on the loopback address that take each start-up message.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
	"golang.org/x/sys/unix"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// serve takes each connection, and sends the parameters of its start-up message but the user and the database.
func serve(listener net.Listener, started chan<- string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		server := pgproto3.NewBackend(conn, conn)
		message, err := server.ReceiveStartupMessage()
		must(err)
		var parameters []string
		for name, value := range message.(*pgproto3.StartupMessage).Parameters {
			if name != "user" && name != "database" {
				parameters = append(parameters, name+"="+value)
			}
		}
		slices.Sort(parameters)
		server.Send(&pgproto3.AuthenticationOk{})
		server.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: "15.0"})
		server.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"})
		server.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		must(server.Flush())
		started <- strings.Join(parameters, " ")
	}
}

// withPgx reports TCP_USER_TIMEOUT of the client's socket, in milliseconds.
func withPgx(address string) string {
	conn, err := pgx.Connect(context.Background(), address)
	must(err)
	defer conn.PgConn().Conn().Close()
	raw, err := conn.PgConn().Conn().(*net.TCPConn).SyscallConn()
	must(err)
	var value int
	must(raw.Control(func(fd uintptr) { value, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT) }))
	must(err)
	return fmt.Sprint(value)
}

// withLibpq does the same.
func withLibpq(address string) string {
	out, err := exec.Command("python3", "libpq.py", address).CombinedOutput()
	if err != nil {
		panic(string(out))
	}
	return strings.TrimSpace(string(out))
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	started := make(chan string, 1)
	go serve(listener, started)
	address := fmt.Sprintf("host=127.0.0.1 port=%d user=counter dbname=counter sslmode=disable ", listener.Addr().(*net.TCPAddr).Port)
	for _, option := range []string{"tcp_user_timeout=5000", "keepalives_idle=3"} {
		milliseconds := withPgx(address + option)
		fmt.Printf("%s, pgx: socket %s ms, the server gets %q\n", option, milliseconds, <-started)
		milliseconds = withLibpq(address + "gssencmode=disable " + option)
		fmt.Printf("%s, libpq: socket %s ms, the server gets %q\n", option, milliseconds, <-started)
	}
}
GO
cat >libpq.py <<'PY'
import ctypes, os, socket, sys

libpq = ctypes.CDLL("libpq.so.5")
libpq.PQconnectdb.restype = ctypes.c_void_p
connection = ctypes.c_void_p(libpq.PQconnectdb(sys.argv[1].encode()))
if libpq.PQstatus(connection) != 0:
    sys.exit("could not connect")
client = socket.socket(fileno=os.dup(libpq.PQsocket(connection)))
print(client.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))
PY
python3 -c 'import ctypes; ctypes.CDLL("libpq.so.5")' 2>/dev/null || { echo "libpq5 is not installed" >&2; exit 2; }
{ go mod init seen && go get github.com/jackc/pgx/v5@v5.12.0 golang.org/x/sys@v0.49.0 && go mod tidy && go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with pgx 5.12.0" >&2; exit 2; }
cat >expected <<'TXT'
tcp_user_timeout=5000, pgx: socket 0 ms, the server gets "tcp_user_timeout=5000"
tcp_user_timeout=5000, libpq: socket 5000 ms, the server gets ""
keepalives_idle=3, pgx: socket 0 ms, the server gets "keepalives_idle=3"
keepalives_idle=3, libpq: socket 0 ms, the server gets ""
TXT
timeout 60 ./program | tee seen
diff expected seen && echo "As described: pgx 5.12.0 sends tcp_user_timeout to the server and leaves the client without."
