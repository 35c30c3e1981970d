#!/usr/bin/env bash
# Go module github.com/jackc/pgx/v5 5.12.0 sends libpq's tcp_user_timeout to the server, whose setting of that name is another one.
#
# Expected: a connection string that works with libpq works with pgx, as its parser says, or is refused. tcp_user_timeout=5000 is
#           the client's: 5 s after a server has gone silent, what was sent to it and not acknowledged ends the connection.
# Seen:     pgx takes it without a word, and the client's socket keeps the system's bound, about 15 minutes on Linux. The name goes to the
#           server in the start-up message, and PostgreSQL accepts it: it has a setting tcp_user_timeout for its own side.
#           keepalives_idle and load_balance_hosts, of libpq as well, go there too, and PostgreSQL refuses the connection for them.
#           Through libpq (psycopg) the socket has 5000 ms, and the start-up message has none of the three.
# Source:   Go module github.com/jackc/pgx/v5 v5.12.0; PyPI package psycopg-binary; PostgreSQL's documentation on libpq's parameters and on
#           the server's TCP settings. The server is a few lines on the loopback address that say yes to each start-up message.
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
	"os"
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

func withLibpq(address string) string {
	program := `import os, socket, sys, psycopg
conn = psycopg.connect(sys.argv[1], autocommit=True)
s = socket.socket(fileno=os.dup(conn.fileno()))
print(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))`
	out, err := exec.Command(os.Args[1], "-c", program, address).CombinedOutput()
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
	address := fmt.Sprintf("host=127.0.0.1 port=%d user=counter dbname=counter sslmode=disable gssencmode=disable ", listener.Addr().(*net.TCPAddr).Port)
	for _, option := range []string{"tcp_user_timeout=5000", "keepalives_idle=3", "load_balance_hosts=random"} {
		value := withPgx(address + option)
		fmt.Printf("%s: pgx: socket %s ms, to the server: %q", option, value, <-started)
		value = withLibpq(address + option)
		fmt.Printf("; libpq: socket %s ms, to the server: %q\n", value, <-started)
	}
}
GO
