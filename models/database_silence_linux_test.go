package models

import (
	"net"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// A server that vanished without a word is given up within seconds, whether a connection waits for it or has sent to it. What takes
// its time, as a copy does, is not: Linux ends a connection by TCP_USER_TIMEOUT, too, whose other side has no room for more.
func TestSilentServersAreGivenUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	settings, _, err := postgresSettings("postgres://u@" + listener.Addr().String() + "/name")
	if err != nil {
		t.Fatal(err)
	}
	wantOptions(t, settings, map[int]int{
		unix.TCP_USER_TIMEOUT: 5000, unix.TCP_KEEPIDLE: 3, unix.TCP_KEEPINTVL: 1, unix.TCP_KEEPCNT: 3,
	})
	patient(settings)
	wantOptions(t, settings, map[int]int{
		unix.TCP_USER_TIMEOUT: 0, unix.TCP_KEEPIDLE: 3, unix.TCP_KEEPINTVL: 1, unix.TCP_KEEPCNT: 3,
	})
}

// wantOptions reaches the server of the settings, and looks at the options of the socket.
func wantOptions(t *testing.T, settings *pgx.ConnConfig, options map[int]int) {
	t.Helper()
	connection, err := settings.DialFunc(t.Context(), "tcp", net.JoinHostPort(settings.Host, strconv.Itoa(int(settings.Port))))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	socket, err := connection.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range options {
		var got int
		var asked error
		if err := socket.Control(func(descriptor uintptr) {
			got, asked = unix.GetsockoptInt(int(descriptor), unix.IPPROTO_TCP, name)
		}); err != nil || asked != nil || got != want {
			t.Errorf("option %d is %d, want %d; %v", name, got, want, asked)
		}
	}
}
