package models

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// A server that vanished without a word is given up within seconds, whether a connection waits for it or has sent to it.
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
	connection, err := settings.DialFunc(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	socket, err := connection.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[int]int{
		unix.TCP_USER_TIMEOUT: 5000, unix.TCP_KEEPIDLE: 3, unix.TCP_KEEPINTVL: 1, unix.TCP_KEEPCNT: 3,
	} {
		var got int
		var asked error
		if err := socket.Control(func(descriptor uintptr) {
			got, asked = unix.GetsockoptInt(int(descriptor), unix.IPPROTO_TCP, name)
		}); err != nil || asked != nil || got != want {
			t.Errorf("option %d is %d, want %d; %v", name, got, want, asked)
		}
	}
}
