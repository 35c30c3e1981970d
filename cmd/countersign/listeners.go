package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// firstPassed is the first of the sockets that a service manager passes: SD_LISTEN_FDS_START of sd_listen_fds(3).
const firstPassed = 3

// listeners returns the sockets that the service manager opened and passed to this process (sd_listen_fds(3)), TCP or
// Unix; without any, one at the address. The caller closes them.
func listeners(env *Environment, address string) ([]net.Listener, error) {
	number := env.Getenv("LISTEN_FDS")
	if number == "" || env.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		listener, err := (&net.ListenConfig{}).Listen(env.Context, "tcp", address)
		if err != nil {
			return nil, cannotListen("listen", err)
		}
		return []net.Listener{listener}, nil
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n == 0 {
		return nil, fmt.Errorf("the service manager passes %q sockets (LISTEN_FDS), which is no number of them.\nNext: correct the .socket unit", number)
	}
	return passed(int(n))
}

// cannotListen says of which flag it was the address, and what to do.
func cannotListen(flag string, err error) error {
	todo := "give --" + flag + " an address of this machine, and a port that this user may take"
	if errors.Is(err, syscall.EADDRINUSE) {
		todo = "end the program that listens there (ss -ltnp shows it), or give another address with --" + flag
	}
	return fmt.Errorf("cannot listen for --%s: %w.\nNext: %s", flag, err, todo)
}

// passed takes n sockets that this process was started with.
func passed(n int) ([]net.Listener, error) {
	var list []net.Listener
	for fd := firstPassed; fd < firstPassed+n; fd++ {
		file := os.NewFile(uintptr(fd), "socket "+strconv.Itoa(fd)) //nolint:gosec // small
		listener, err := net.FileListener(file)
		_ = file.Close() // the listener has a copy
		if err != nil {
			return nil, errors.Join(fmt.Errorf("the socket %d that the service manager passed takes no connections: %w.\n"+
				"Next: let the .socket unit have ListenStream= only, without Accept=", fd, err), closeAll(list))
		}
		if listener.Addr().Network() == "unix" {
			listener = onThisMachine{listener}
		}
		list = append(list, listener)
	}
	return list, nil
}

func closeAll(list []net.Listener) error {
	var all error
	for _, listener := range list {
		all = errors.Join(all, listener.Close())
	}
	return all
}

// addressesOf is for the log.
func addressesOf(list []net.Listener) string {
	var texts []string
	for _, listener := range list {
		texts = append(texts, listener.Addr().String())
	}
	return strings.Join(texts, " ")
}

// onThisMachine is a Unix socket. Who comes by it is on this machine and has no address: it counts as 127.0.0.1, so that a
// proxy there can be named with --trusted-proxy as one that comes by TCP.
type onThisMachine struct{ net.Listener }

func (l onThisMachine) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return localConnection{connection}, nil
}

type localConnection struct{ net.Conn }

func (localConnection) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// watched is what keepWatch asks: each of the sockets.
func watched(list []net.Listener, encrypted bool) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, listener := range list {
			if err := answersItself(ctx, listener.Addr(), encrypted); err != nil {
				return err
			}
		}
		return nil
	}
}
